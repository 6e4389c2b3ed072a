package sluicegate.hw.amdvi;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Layout;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.InvalidateIotlbPagesCommand;

/**
 * A guest's invalidations: commands of the guest's own unit (section 2.4), carried out one after another with the unit's domain ids and its
 * devices in the place of those that the guest knows. What is about anything else than its guest tables is refused. The kernel has
 * nothing of the kind yet.
 */
final class GuestCommands {
    private static final int WORDS = 2;

    private final HostDomain parent;
    private final Map<Integer, DeviceContext> devices;

    /** @param devices by the device id that the guest knows */
    GuestCommands(HostDomain parent, Map<Integer, DeviceContext> devices) {
        this.parent = parent;
        this.devices = devices;
    }

    /** @throws IommuException EINVAL if the last command has one word only */
    GuestInvalidation carryOut(List<Long> words) {
        if (words.size() % WORDS != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: commands of a guest have two words each, and these are %d words", unit().name(),
                    words.size());
        }
        int done = 0;
        try {
            for (; done < words.size() / WORDS; done++) {
                carryOut(words.get(WORDS * done), words.get(WORDS * done + 1), done);
            }
            return new GuestInvalidation(done, Optional.empty());
        } catch (IommuException e) {
            return new GuestInvalidation(done, Optional.of(e));
        }
    }

    private void carryOut(long low, long high, int index) {
        switch ((int) CommandRecord.OPCODE.get(low)) {
            case CommandCode.INVALIDATE_IOMMU_PAGES -> {
                requireClear(InvalidateIommuPagesCommand.LAYOUT, low, high, index);
                pages(low, high);
            }
            case CommandCode.INVALIDATE_IOTLB_PAGES -> {
                requireClear(InvalidateIotlbPagesCommand.LAYOUT, low, high, index);
                deviceTlb(low, high, index);
            }
            case CommandCode.INVALIDATE_IOMMU_ALL -> parent.guests().invalidate(0, -1L, true);
            default -> throw refused(low, high, index, "a guest may invalidate what is cached of its guest tables (INVALIDATE_IOMMU_PAGES, "
                    + "INVALIDATE_IOTLB_PAGES, INVALIDATE_IOMMU_ALL)");
        }
    }

    private void requireClear(Layout layout, long low, long high, int index) {
        if ((low & layout.reservedMask(0)) != 0 || (high & layout.reservedMask(1)) != 0) {
            throw refused(low, high, index, "it has reserved bits set, which is an illegal command");
        }
    }

    /** Of a domain that nothing was made for nothing is cached. */
    private void pages(long low, long high) {
        parent.guests().find((int) InvalidateIommuPagesCommand.DOMAINID.get(low)).ifPresent(id ->
                unit().invalidator().commands().run(InvalidateIommuPagesCommand.DOMAINID.set(low, id), high));
    }

    /** Its devices send no PASIDs, so what they have cached was asked for without one. */
    private void deviceTlb(long low, long high, int index) {
        int known = (int) InvalidateIotlbPagesCommand.DEVICEID.get(low);
        var device = devices.get(known);
        if (device == null) {
            throw refused(low, high, index, String.format("the guest has no device %04x", known));
        }
        if (InvalidateIotlbPagesCommand.TYPE.get(high) != 0) {
            throw refused(low, high, index, "kinds of invalidations (TYPE) are not offered");
        }
        long target = unit().deviceOf(device).hostTarget();
        if (parent.guests().targets().contains(target)) {
            unit().invalidator().deviceTlb(target, InvalidateIotlbPagesCommand.GN.clear(high));
        }
    }

    private IommuException refused(long low, long high, int index, String why) {
        return IommuException.of(Errno.EIO, "%s: command %d of a guest, %s %s, is refused: %s", unit().name(), index, Hex.of(low),
                Hex.of(high), why);
    }

    private AmdviUnit unit() {
        return parent.unit();
    }
}
