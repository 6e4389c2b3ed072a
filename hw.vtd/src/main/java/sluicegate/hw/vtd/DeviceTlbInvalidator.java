package sluicegate.hw.vtd;

import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.DeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidDeviceTlbInvalidateDescriptor;

/**
 * What devices' own TLBs have to be told, and only by queue (sections 6.5.2.5 and 6.5.2.6). Each call returns when it is done.
 * Thread-safe; allocates nothing.
 */
final class DeviceTlbInvalidator extends ModeInvalidator {
    /** With S set, a range that is all addresses: every bit but the highest. */
    private static final long ALL_ADDRESSES = Long.MAX_VALUE & -1L << 12;
    private static final int PAGE_SHIFT = 12;

    DeviceTlbInvalidator(InvalidationQueue queue) {
        super(queue);
    }

    /** All that a device's own TLB has for requests like those of a user ({@link DomainUsers}). */
    void forget(long user) {
        forget(user, ALL_ADDRESSES, true);
    }

    /** The same, of a range. */
    void forgetRange(long user, long first, long last) {
        int mask = Long.SIZE - Long.numberOfLeadingZeros((first ^ last) >>> PAGE_SHIFT);
        if (mask >= Long.SIZE - PAGE_SHIFT) {
            forget(user);
        } else if (mask == 0) {
            forget(user, first & -(1L << PAGE_SHIFT), false);
        } else {
            // The lowest clear bit of the page number says how large the range is (6.5.2.5).
            long base = first & -(1L << PAGE_SHIFT + mask);
            forget(user, base | (1L << PAGE_SHIFT + mask - 1) - 1 & -(1L << PAGE_SHIFT), true);
        }
    }

    private void forget(long user, long address, boolean several) {
        int sourceId = DomainUsers.sourceId(user);
        // Where invalidations are throttled for each physical function, the device is its own one; otherwise the field is reserved.
        int function = capabilities().throttlesByPhysicalFunction() ? sourceId : 0;
        if (DomainUsers.pasid(user) == Pasid.NONE) {
            long low = DeviceTlbInvalidateDescriptor.TYPE.set(0, DescriptorType.DEVICE_TLB);
            low = DeviceTlbInvalidateDescriptor.SID.set(low, sourceId);
            low = DeviceTlbInvalidateDescriptor.MIP.set(low, DomainUsers.queueDepth(user) & 0x1f);
            low = DeviceTlbInvalidateDescriptor.PFSID_LO.set(low, function & 0xf);
            low = DeviceTlbInvalidateDescriptor.PFSID_HI.set(low, function >>> 4);
            long high = DeviceTlbInvalidateDescriptor.ADDR.setInPlace(0, address);
            submit(low, DeviceTlbInvalidateDescriptor.S.set(high, several ? 1 : 0));
        } else {
            long low = PasidDeviceTlbInvalidateDescriptor.TYPE.set(0, DescriptorType.PASID_DEVICE_TLB);
            low = PasidDeviceTlbInvalidateDescriptor.SID.set(low, sourceId);
            low = PasidDeviceTlbInvalidateDescriptor.MIP.set(low, DomainUsers.queueDepth(user) & 0x1f);
            low = PasidDeviceTlbInvalidateDescriptor.PFSID_LO.set(low, function & 0xf);
            low = PasidDeviceTlbInvalidateDescriptor.PFSID_HI.set(low, function >>> 4);
            low = PasidDeviceTlbInvalidateDescriptor.PASID.set(low, DomainUsers.pasid(user));
            long high = PasidDeviceTlbInvalidateDescriptor.ADDR.setInPlace(0, address);
            submit(low, PasidDeviceTlbInvalidateDescriptor.S.set(high, several ? 1 : 0));
        }
    }
}
