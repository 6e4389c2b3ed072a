package sluicegate.hw.smmuv3;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.smmuv3.AtcInvCommand;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;

/**
 * A guest's invalidations ({@code arm_vsmmu_cache_invalidate}, {@code arm_vsmmu_convert_user_cmd}): commands of the guest's own unit. They
 * are carried out with the VMID of its host's domain and the StreamIDs of its devices in the place of those that the guest knows. What
 * is about anything else than stage 1 of its own is refused.
 *
 * <p>Not thread-safe.
 */
final class GuestCommands {
    private static final int WORDS = 2;

    private final Smmuv3Unit unit;
    private final int vmid;
    private final Map<Integer, DeviceContext> devices;
    /** What is ready to be carried out, two words each, and how much that is. */
    private final long[] batch;
    private int gathered;
    private boolean forDevices;
    /** Of the guest's commands: how many hardware has completed. */
    private int done;

    /** @param devices by the StreamID that the guest knows */
    GuestCommands(Smmuv3Unit unit, int vmid, Map<Integer, DeviceContext> devices) {
        this.unit = unit;
        this.vmid = vmid;
        this.devices = devices;
        this.batch = new long[WORDS * unit.invalidator().most()];
    }

    /** @throws IommuException EINVAL if the last command has one word only */
    GuestInvalidation carryOut(List<Long> words) {
        if (words.size() % WORDS != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: commands of a guest have two words each, and these are %d words", unit.name(),
                    words.size());
        }
        try {
            for (int i = 0; i < words.size(); i += WORDS) {
                take(words.get(i), words.get(i + 1), i / WORDS);
            }
            flush(words.size() / WORDS);
            return new GuestInvalidation(done, Optional.empty());
        } catch (IommuException e) {
            return new GuestInvalidation(done, Optional.of(e));
        }
    }

    private void take(long low, long high, int index) {
        int opcode = CommandOpcode.of(low);
        switch (opcode) {
            case CommandOpcode.TLBI_NSNH_ALL -> put(Commands.tlb(CommandOpcode.TLBI_NH_ALL, vmid, 0), 0, false, index);
            case CommandOpcode.TLBI_NH_ALL, CommandOpcode.TLBI_NH_ASID, CommandOpcode.TLBI_NH_VA, CommandOpcode.TLBI_NH_VAA ->
                put(TlbiNhVaCommand.VMID.set(low, vmid), high, false, index);
            case CommandOpcode.CFGI_CD, CommandOpcode.CFGI_CD_ALL, CommandOpcode.ATC_INV -> {
                for (int sid : streams(low, high, index)) {
                    put(AtcInvCommand.STREAMID.set(low, Integer.toUnsignedLong(sid)), high, opcode == CommandOpcode.ATC_INV, index);
                }
            }
            default -> throw refused(low, high, index, "a guest may invalidate translations of its stage 1, context descriptors and what "
                    + "devices have cached (TLBI_NH_*, TLBI_NSNH_ALL, CFGI_CD, CFGI_CD_ALL, ATC_INV)");
        }
    }

    private int[] streams(long low, long high, int index) {
        int known = (int) AtcInvCommand.STREAMID.get(low);
        var device = devices.get(known);
        if (device == null) {
            throw refused(low, high, index, "the guest has no device with stream id " + Hex.of(Integer.toUnsignedLong(known)));
        }
        return unit.streamsOf(device);
    }

    private IommuException refused(long low, long high, int index, String why) {
        flush(index);
        return IommuException.of(Errno.EIO, "%s: command %d of a guest, %s %s, is refused: %s", unit.name(), index, Hex.of(low),
                Hex.of(high), why);
    }

    /** Devices are told when the unit has forgotten: they could fetch the same again. */
    private void put(long low, long high, boolean forDevice, int index) {
        if (gathered == batch.length / WORDS || forDevice && !forDevices) {
            flush(index);
        }
        forDevices = forDevice;
        batch[WORDS * gathered] = low;
        batch[WORDS * gathered + 1] = high;
        gathered++;
    }

    private void flush(int index) {
        if (gathered != 0) {
            int count = gathered;
            gathered = 0;
            unit.invalidator().queues().mine().run(batch, count);
        }
        done = index;
    }
}
