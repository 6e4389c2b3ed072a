package sluicegate.hw.vtd;

import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.vtd.ContextCommandRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.InvalidateAddressRegister;
import sluicegate.spec.vtd.IotlbInvalidateRegister;

/** Invalidation by register, for units without a queue (section 6.5.1). One at a time. */
final class RegisterInvalidator extends Invalidator {
    private final VtdWindow window;
    private final int ivaOffset;
    private final int iotlbOffset;

    RegisterInvalidator(VtdCapabilities capabilities, VtdWindow window) {
        super(capabilities);
        this.window = window;
        this.ivaOffset = ExtendedCapabilityRegister.invalidateAddressOffset(capabilities.ecap());
        this.iotlbOffset = ExtendedCapabilityRegister.iotlbInvalidateOffset(capabilities.ecap());
    }

    @Override
    synchronized void contextCache(int granularity, int domainId, int sourceId) {
        long command = ContextCommandRegister.ICC.mask();
        command = ContextCommandRegister.CIRG.set(command, granularity);
        command = ContextCommandRegister.SID.set(command, sourceId);
        command = ContextCommandRegister.DID.set(command, domainId);
        await(ContextCommandRegister.OFFSET, ContextCommandRegister.ICC.mask(), "CCMD_REG.ICC stays set");
        window.write64(ContextCommandRegister.OFFSET, command);
        long done = await(ContextCommandRegister.OFFSET, ContextCommandRegister.ICC.mask(), "CCMD_REG.ICC stays set");
        check("CCMD_REG", command, ContextCommandRegister.CAIG.get(done));
    }

    @Override
    synchronized void iotlb(int granularity, int domainId, long address, int addressMask, boolean leavesOnly) {
        long command = IotlbInvalidateRegister.IVT.mask();
        command = IotlbInvalidateRegister.IIRG.set(command, granularity);
        command = IotlbInvalidateRegister.DR.set(command, capabilities().drainReads() ? 1 : 0);
        command = IotlbInvalidateRegister.DW.set(command, capabilities().drainWrites() ? 1 : 0);
        command = IotlbInvalidateRegister.DID.set(command, domainId);
        await(iotlbOffset, IotlbInvalidateRegister.IVT.mask(), "IOTLB_REG.IVT stays set");
        if (granularity == IotlbInvalidateRegister.PAGE) {
            long pages = InvalidateAddressRegister.ADDR.setInPlace(0, address);
            pages = InvalidateAddressRegister.AM.set(pages, addressMask);
            window.write64(ivaOffset, InvalidateAddressRegister.IH.set(pages, leavesOnly ? 1 : 0));
        }
        window.write64(iotlbOffset, command);
        long done = await(iotlbOffset, IotlbInvalidateRegister.IVT.mask(), "IOTLB_REG.IVT stays set");
        check("IOTLB_REG", command, IotlbInvalidateRegister.IAIG.get(done));
    }

    @Override
    boolean uses(long page) {
        return false;
    }

    @Override
    void stop() {
        // Every invalidation was waited for, and there is no memory to give back.
    }

    private long await(int offset, long busy, String complaint) {
        long begun = window.patience().begin();
        for (;;) {
            long value = window.read64(offset);
            if ((value & busy) == 0) {
                return value;
            }
            window.patience().pause(begun, window.unit(), complaint);
        }
    }

    /** The hardware says which granularity it chose; none at all means that it refused. */
    private void check(String register, long command, long granularity) {
        if (granularity == 0) {
            throw IommuException.of(Errno.EIO, "%s: %s reports that invalidation %s was not performed", window.unit(), register,
                    Hex.of(command));
        }
    }
}
