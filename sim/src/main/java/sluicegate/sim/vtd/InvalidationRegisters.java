package sluicegate.sim.vtd;

import java.util.function.BooleanSupplier;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.vtd.ContextCommandRegister;
import sluicegate.spec.vtd.InvalidateAddressRegister;
import sluicegate.spec.vtd.IotlbInvalidateRegister;

/**
 * Register-based invalidation (VT-d 6.5.1): CCMD_REG for the context cache, IVA_REG and IOTLB_REG for the IOTLB. A command is
 * complete, and its command bit clear, when the write that set it returns.
 *
 * <p>Writes come one at a time, in the order of the register file.
 */
final class InvalidationRegisters {
    private static final int REFUSED = 0;

    private final String unit;
    private final Invalidator invalidator;
    private final BooleanSupplier queued;
    private volatile long contextCommand;
    private volatile long iotlbCommand;
    private long address;

    /** @param queued whether queued invalidation is on, which excludes this interface */
    InvalidationRegisters(String unit, Invalidator invalidator, BooleanSupplier queued) {
        this.unit = unit;
        this.invalidator = invalidator;
        this.queued = queued;
    }

    long contextCommand() {
        return contextCommand;
    }

    long iotlbCommand() {
        return iotlbCommand;
    }

    void writeContextCommand(long value, long mask) {
        long command = contextCommand & ~mask | value;
        if (!ContextCommandRegister.ICC.isSet(value)) {
            contextCommand = command;
            return;
        }
        refuseIfQueued(ContextCommandRegister.LAYOUT.name());
        int done = invalidateContexts(command);
        contextCommand = ContextCommandRegister.CAIG.set(ContextCommandRegister.ICC.clear(command), done);
    }

    private int invalidateContexts(long command) {
        int granularity = (int) ContextCommandRegister.CIRG.get(command);
        int did = (int) ContextCommandRegister.DID.get(command);
        switch (granularity) {
            case ContextCommandRegister.GLOBAL -> invalidator.contextsAll();
            case ContextCommandRegister.DOMAIN -> invalidator.contextsOfDomain(did);
            case ContextCommandRegister.DEVICE -> invalidator.contextsOfDevice(did,
                    (int) ContextCommandRegister.SID.get(command), (int) ContextCommandRegister.FM.get(command));
            default -> {
                return REFUSED;
            }
        }
        invalidator.complete();
        return granularity;
    }

    void writeAddress(long value, long mask) {
        address = address & ~mask | value;
    }

    void writeIotlbCommand(long value, long mask) {
        long command = iotlbCommand & ~mask | value;
        if (!IotlbInvalidateRegister.IVT.isSet(value)) {
            iotlbCommand = command;
            return;
        }
        refuseIfQueued(IotlbInvalidateRegister.LAYOUT.name());
        int done = invalidateIotlb(command);
        iotlbCommand = IotlbInvalidateRegister.IAIG.set(IotlbInvalidateRegister.IVT.clear(command), done);
    }

    private int invalidateIotlb(long command) {
        int granularity = (int) IotlbInvalidateRegister.IIRG.get(command);
        int did = (int) IotlbInvalidateRegister.DID.get(command);
        int done = granularity;
        switch (granularity) {
            case IotlbInvalidateRegister.GLOBAL -> invalidator.iotlbAll();
            case IotlbInvalidateRegister.DOMAIN -> invalidator.iotlbOfDomain(did);
            case IotlbInvalidateRegister.PAGE -> {
                int addressMask = (int) InvalidateAddressRegister.AM.get(address);
                if (!invalidator.addressMaskPossible(addressMask)) {
                    return REFUSED;
                }
                if (!invalidator.iotlbPages(did, InvalidateAddressRegister.ADDR.inPlace(address), addressMask,
                        InvalidateAddressRegister.IH.isSet(address))) {
                    done = IotlbInvalidateRegister.DOMAIN;
                }
            }
            default -> {
                return REFUSED;
            }
        }
        invalidator.complete();
        return done;
    }

    private void refuseIfQueued(String register) {
        if (queued.getAsBoolean()) {
            throw IommuException.of(Errno.EINVAL,
                    "Write of %s of %s: register-based invalidation is not possible while queued invalidation is on "
                            + "(GSTS_REG.QIES); use the queue or clear GCMD_REG.QIE first", register, unit);
        }
    }
}
