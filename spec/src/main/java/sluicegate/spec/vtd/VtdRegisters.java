package sluicegate.spec.vtd;

import java.util.List;
import java.util.Optional;

import sluicegate.spec.Register;

/** The registers that stand at fixed places in the window of every unit. */
public final class VtdRegisters {

    /** All of them, by offset. */
    public static final List<Register> ALL = List.of(
            VersionRegister.REGISTER,
            CapabilityRegister.REGISTER,
            ExtendedCapabilityRegister.REGISTER,
            GlobalCommandRegister.REGISTER,
            GlobalStatusRegister.REGISTER,
            RootTableAddressRegister.REGISTER,
            ContextCommandRegister.REGISTER,
            FaultStatusRegister.REGISTER,
            FaultEventControlRegister.REGISTER,
            FaultEventDataRegister.REGISTER,
            FaultEventAddressRegister.REGISTER,
            FaultEventUpperAddressRegister.REGISTER,
            AdvancedFaultLogRegister.REGISTER,
            ProtectedMemoryEnableRegister.REGISTER,
            ProtectedLowMemoryBaseRegister.REGISTER,
            ProtectedLowMemoryLimitRegister.REGISTER,
            ProtectedHighMemoryBaseRegister.REGISTER,
            ProtectedHighMemoryLimitRegister.REGISTER,
            InvalidationQueueHeadRegister.REGISTER,
            InvalidationQueueTailRegister.REGISTER,
            InvalidationQueueAddressRegister.REGISTER,
            InvalidationCompletionStatusRegister.REGISTER,
            InvalidationEventControlRegister.REGISTER,
            InvalidationEventDataRegister.REGISTER,
            InvalidationEventAddressRegister.REGISTER,
            InvalidationEventUpperAddressRegister.REGISTER,
            InvalidationQueueErrorRecordRegister.REGISTER,
            InterruptRemappingTableAddressRegister.REGISTER,
            PageRequestQueueHeadRegister.REGISTER,
            PageRequestQueueTailRegister.REGISTER,
            PageRequestQueueAddressRegister.REGISTER,
            PageRequestStatusRegister.REGISTER,
            PageRequestEventControlRegister.REGISTER,
            PageRequestEventDataRegister.REGISTER,
            PageRequestEventAddressRegister.REGISTER,
            PageRequestEventUpperAddressRegister.REGISTER);

    private VtdRegisters() {
    }

    /** The register that holds the byte at an offset, if one does. */
    public static Optional<Register> at(int offset) {
        return ALL.stream().filter(r -> r.offset() <= offset && offset < r.offset() + r.bytes()).findFirst();
    }
}
