package sluicegate.capture;

import java.util.function.Supplier;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.amdvi.AmdviCapabilities;
import sluicegate.sim.amdvi.AmdviUnit;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.smmuv3.Smmuv3Capabilities;
import sluicegate.sim.smmuv3.Smmuv3Unit;
import sluicegate.sim.vtd.VtdCapabilities;
import sluicegate.sim.vtd.VtdUnit;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.ExclusionBaseRegister;
import sluicegate.spec.amdvi.ExclusionLimitRegister;
import sluicegate.spec.amdvi.ExtendedFeature2Register;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.smmuv3.AidrRegister;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.GbpaRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * Sets the model of a unit up so that it stands as the hardware stood that was captured. The model has the captured unit's
 * capabilities and is programmed through its own registers with what the kernel had written into that one's. Its caches are
 * empty, so it answers from the tables.
 */
final class UnitModels {
    private final Machine machine;
    private final String name;
    private final int segment;
    private final CapturedRegisters captured;
    private final String file;
    private final PhysicalMemory memory;
    private final InterruptController interrupts;

    /**
     * @param name of the unit, for messages
     * @param file from which the registers are, for messages
     */
    UnitModels(Machine machine, String name, int segment, CapturedRegisters captured, String file, PhysicalMemory memory,
            InterruptController interrupts) {
        this.machine = machine;
        this.name = name;
        this.segment = segment;
        this.captured = captured;
        this.file = file;
        this.memory = memory;
        this.interrupts = interrupts;
    }

    /**
     * A VT-d unit: its root table, and whether translation is on.
     *
     * @param registerSize of its window, in bytes
     * @throws IommuException EINVAL if registers are missing or no unit can have such
     */
    TranslationProbe vtd(long registerSize, int hostAddressWidth) {
        return built(() -> {
            long cap = captured.read64(CapabilityRegister.REGISTER.offset());
            long ecap = captured.read64(ExtendedCapabilityRegister.REGISTER.offset());
            long status = Integer.toUnsignedLong(captured.read32(GlobalStatusRegister.OFFSET));
            long root = captured.read64(RootTableAddressRegister.REGISTER.offset());
            var model = new VtdUnit(place(), registerSize, new VtdCapabilities(cap, ecap, hostAddressWidth), memory,
                    ReadOnly.arena(name), interrupts);
            program(model, status, root);
            return model;
        });
    }

    /** The base address is nothing to a model, which stands at none. */
    private UnitPlace place() {
        return new UnitPlace(machine, name, 0, segment);
    }

    /**
     * An SMMUv3: its stream table, what it does without one, and whether translation is on. The queues stay off, so that
     * nothing is written.
     *
     * @throws IommuException EINVAL if registers are missing or no unit can have such
     */
    TranslationProbe smmuv3() {
        return built(() -> {
            var capabilities = new Smmuv3Capabilities(word(Idr0Register.OFFSET), word(Idr1Register.OFFSET),
                    word(Idr3Register.OFFSET), word(Idr5Register.OFFSET), word(AidrRegister.OFFSET));
            var model = new Smmuv3Unit(place(), capabilities, memory, ReadOnly.arena(name), interrupts);
            var registers = model.registers();
            registers.write64(StrtabBaseRegister.OFFSET, captured.read64(StrtabBaseRegister.OFFSET));
            registers.write32(StrtabBaseCfgRegister.OFFSET, captured.read32(StrtabBaseCfgRegister.OFFSET));
            registers.write32(Cr2Register.OFFSET, captured.read32(Cr2Register.OFFSET));
            registers.write32(GbpaRegister.OFFSET,
                    (int) GbpaRegister.UPDATE.set(captured.read32(GbpaRegister.OFFSET), 1));
            registers.write32(Cr0Register.OFFSET, (int) (word(Cr0Register.OFFSET)
                    & (Cr0Register.SMMUEN.mask() | Cr0Register.ATSCHK.mask())));
            return model;
        });
    }

    /**
     * An AMD IOMMU: its device table, its exclusion range, and whether translation is on. Commands and logs stay off, so that
     * nothing is read but tables and nothing is written.
     *
     * @param header of the capability block in its function's configuration space
     * @throws IommuException EINVAL if registers are missing or no unit can have such
     */
    TranslationProbe amdvi(long header) {
        return built(() -> {
            var capabilities = new AmdviCapabilities(captured.read64(ExtendedFeatureRegister.OFFSET),
                    captured.read64(ExtendedFeature2Register.OFFSET), header);
            var model = new AmdviUnit(place(), capabilities, memory, ReadOnly.arena(name), interrupts);
            var registers = model.registers();
            for (int offset : new int[] {DeviceTableBaseRegister.OFFSET, ExclusionBaseRegister.OFFSET,
                ExclusionLimitRegister.OFFSET}) {
                registers.write64(offset, captured.read64(offset));
            }
            registers.write64(ControlRegister.OFFSET, captured.read64(ControlRegister.OFFSET)
                    & (ControlRegister.IOMMUEN.mask() | ControlRegister.GTEN.mask()));
            return model;
        });
    }

    private long word(int offset) {
        return Integer.toUnsignedLong(captured.read32(offset));
    }

    private TranslationProbe built(Supplier<TranslationProbe> model) {
        try {
            return model.get();
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
}
