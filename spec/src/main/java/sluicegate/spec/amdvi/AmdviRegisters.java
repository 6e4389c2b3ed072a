package sluicegate.spec.amdvi;

import java.util.List;
import java.util.Optional;

import sluicegate.spec.Register;

/** The registers of a unit. Of the seven device table segments only the first is listed. */
public final class AmdviRegisters {

    /** All of them, by offset. */
    public static final List<Register> ALL = List.of(
            DeviceTableBaseRegister.REGISTER,
            CommandBufferBaseRegister.REGISTER,
            EventLogBaseRegister.REGISTER,
            ControlRegister.REGISTER,
            ExclusionBaseRegister.REGISTER,
            ExclusionLimitRegister.REGISTER,
            ExtendedFeatureRegister.REGISTER,
            PprLogBaseRegister.REGISTER,
            HardwareEventUpperRegister.REGISTER,
            HardwareEventLowerRegister.REGISTER,
            HardwareEventStatusRegister.REGISTER,
            GuestLogBaseRegister.REGISTER,
            GuestLogTailAddressRegister.REGISTER,
            PprLogBBaseRegister.REGISTER,
            EventLogBBaseRegister.REGISTER,
            DeviceTableSegmentRegister.REGISTER,
            DeviceSpecificFeatureRegister.REGISTER,
            DeviceSpecificControlRegister.REGISTER,
            DeviceSpecificStatusRegister.REGISTER,
            MsiVector0Register.REGISTER,
            MsiVector1Register.REGISTER,
            MsiCapabilityRegister.REGISTER,
            MsiAddressLowRegister.REGISTER,
            MsiAddressHighRegister.REGISTER,
            MsiDataRegister.REGISTER,
            MsiMappingRegister.REGISTER,
            PerformanceOptimizationRegister.REGISTER,
            XtInterruptRegister.REGISTER,
            XtPprInterruptRegister.REGISTER,
            XtGuestLogInterruptRegister.REGISTER,
            ExtendedFeature2Register.REGISTER,
            CommandBufferHeadRegister.REGISTER,
            CommandBufferTailRegister.REGISTER,
            EventLogHeadRegister.REGISTER,
            EventLogTailRegister.REGISTER,
            StatusRegister.REGISTER,
            PprLogHeadRegister.REGISTER,
            PprLogTailRegister.REGISTER,
            GuestLogHeadRegister.REGISTER,
            GuestLogTailRegister.REGISTER,
            PprLogBHeadRegister.REGISTER,
            PprLogBTailRegister.REGISTER,
            EventLogBHeadRegister.REGISTER,
            EventLogBTailRegister.REGISTER,
            PprAutoResponseRegister.REGISTER,
            PprEarlyOverflowRegister.REGISTER,
            PprEarlyOverflowBRegister.REGISTER);

    /** Size of the register window without performance counters. */
    public static final int WINDOW_BYTES = 0x4000;

    private AmdviRegisters() {
    }

    /** The register that holds the byte at an offset, if one does. */
    public static Optional<Register> at(int offset) {
        return ALL.stream().filter(r -> r.offset() <= offset && offset < r.offset() + r.bytes()).findFirst();
    }
}
