package sluicegate.capture;

import java.util.List;
import java.util.Map;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.vtd.VtdCapabilities;
import sluicegate.sim.vtd.VtdUnit;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** Sets models up so that they stand as the hardware stood that was captured. */
final class UnitModels {
    private UnitModels() {}

    /**
     * The model of a VT-d unit over captured tables. It has the captured unit's capabilities and is programmed through its own
     * registers with what the kernel had written into that one's: the root table, and whether translation is on. Its caches
     * are empty, so it answers from the tables.
     *
     * @param name of the unit, for messages
     * @param registerSize of its window, in bytes
     * @param file from which the registers are, for messages
     * @throws IommuException EINVAL if registers are missing or no unit can have such
     */
    static TranslationProbe vtd(Machine machine, String name, long registerSize, int segment, CapturedRegisters captured,
            String file, int hostAddressWidth, PhysicalMemory memory, InterruptController interrupts) {
        try {
            long cap = captured.read64(CapabilityRegister.REGISTER.offset());
            long ecap = captured.read64(ExtendedCapabilityRegister.REGISTER.offset());
            long status = Integer.toUnsignedLong(captured.read32(GlobalStatusRegister.OFFSET));
            long root = captured.read64(RootTableAddressRegister.REGISTER.offset());
            // The base address is nothing to the model, which stands at none.
            var place = new VtdUnit.Place(machine, name, 0, registerSize, segment, Map.of(), List.of());
            var model = new VtdUnit(place, new VtdCapabilities(cap, ecap, hostAddressWidth), memory, ReadOnly.arena(name),
                    interrupts);
            program(model, status, root);
            return model;
        } catch (IommuException e) {
            throw new IommuException(Errno.EINVAL, file + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IommuException(Errno.EINVAL, file + ": the capability registers of unit " + name
                    + " contradict each other; no unit has its registers where they say: " + e.getMessage(), e);
        }
    }

    private static void program(VtdUnit model, long status, long root) {
        var registers = model.registers();
        if (GlobalStatusRegister.RTPS.isSet(status)) {
            registers.write64(RootTableAddressRegister.REGISTER.offset(), root);
            registers.write32(GlobalCommandRegister.REGISTER.offset(), (int) GlobalCommandRegister.SRTP.mask());
        }
        if (GlobalStatusRegister.TES.isSet(status)) {
            registers.write32(GlobalCommandRegister.REGISTER.offset(), (int) GlobalCommandRegister.TE.mask());
        }
    }

    /** Stands where there is no model yet. */
    static TranslationProbe none(String unit, String kind) {
        return (requesterId, pasid, iova, access) -> {
            throw IommuException.of(Errno.EOPNOTSUPP, "Unit %s is a captured %s, for which there is no model yet that could walk its "
                    + "tables for %s", unit, kind, Hex.of(iova));
        };
    }
}
