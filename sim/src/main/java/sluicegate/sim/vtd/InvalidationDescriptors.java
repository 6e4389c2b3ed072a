package sluicegate.sim.vtd;

import java.util.function.IntSupplier;
import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.DeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.InterruptEntryCacheInvalidateDescriptor;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;
import sluicegate.spec.vtd.PasidCacheInvalidateDescriptor;
import sluicegate.spec.vtd.PasidDeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidIotlbInvalidateDescriptor;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * What the descriptors of the invalidation queue ask for (VT-d 6.5.2), the wait descriptor apart. Each step returns what is
 * wrong with its descriptor, {@link InvalidationQueueError#UNKNOWN} for nothing.
 */
final class InvalidationDescriptors {
    private static final InvalidationQueueError GOOD = InvalidationQueueError.UNKNOWN;
    /** The value of TTM that means nothing. */
    private static final int RESERVED_MODE = 0b10;
    private static final ReservedBits CONTEXT_CACHE = ReservedBits.of(ContextCacheInvalidateDescriptor.LAYOUT);
    private static final ReservedBits IOTLB = ReservedBits.of(IotlbInvalidateDescriptor.LAYOUT);
    private static final ReservedBits DEVICE_TLB = ReservedBits.of(DeviceTlbInvalidateDescriptor.LAYOUT);
    private static final ReservedBits INTERRUPT_ENTRY_CACHE =
            ReservedBits.of(InterruptEntryCacheInvalidateDescriptor.LAYOUT);
    private static final ReservedBits PASID_IOTLB = ReservedBits.of(PasidIotlbInvalidateDescriptor.LAYOUT);
    private static final ReservedBits PASID_CACHE = ReservedBits.of(PasidCacheInvalidateDescriptor.LAYOUT);
    private static final ReservedBits PASID_DEVICE_TLB = ReservedBits.of(PasidDeviceTlbInvalidateDescriptor.LAYOUT);
    private static final ReservedBits PAGE_GROUP_RESPONSE = ReservedBits.of(PageGroupResponseDescriptor.LAYOUT);

    private final VtdCapabilities capabilities;
    private final Invalidator invalidator;
    private final DeviceTlbs deviceTlbs;
    private final PageRequests pageRequests;
    private final IntSupplier tableMode;

    /** @param tableMode TTM of the root table address that is in force */
    InvalidationDescriptors(VtdCapabilities capabilities, Invalidator invalidator, DeviceTlbs deviceTlbs,
            PageRequests pageRequests, IntSupplier tableMode) {
        this.capabilities = capabilities;
        this.invalidator = invalidator;
        this.deviceTlbs = deviceTlbs;
        this.pageRequests = pageRequests;
        this.tableMode = tableMode;
    }

    /** What the table mode has against descriptors of a width, whatever they ask for (table 26, IQEI). */
    InvalidationQueueError modeError(int bytes) {
        boolean wide = bytes > InvalidationWaitDescriptor.BYTES;
        int mode = tableMode.getAsInt();
        if (mode == RESERVED_MODE) {
            return InvalidationQueueError.INVALID_TABLE_MODE;
        }
        boolean possible = wide ? capabilities.wideDescriptors() : mode == RootTableAddressRegister.LEGACY_MODE;
        return possible ? GOOD : InvalidationQueueError.INVALID_WIDTH;
    }

    InvalidationQueueError carryOut(long low, long high) {
        int type = DescriptorType.of(low);
        return switch (type) {
            case DescriptorType.CONTEXT_CACHE -> contextCache(low, high);
            case DescriptorType.IOTLB -> iotlb(low, high);
            case DescriptorType.DEVICE_TLB -> deviceTlb(low, high);
            case DescriptorType.INTERRUPT_ENTRY_CACHE -> interruptEntryCache(low, high);
            case DescriptorType.PASID_IOTLB, DescriptorType.PASID_CACHE, DescriptorType.PASID_DEVICE_TLB,
                    DescriptorType.PAGE_GROUP_RESPONSE -> scalable(type, low, high);
            default -> InvalidationQueueError.INVALID_TYPE;
        };
    }

    private InvalidationQueueError scalable(int type, long low, long high) {
        if (!capabilities.wideDescriptors() || tableMode.getAsInt() == RootTableAddressRegister.LEGACY_MODE) {
            return InvalidationQueueError.INVALID_TYPE;
        }
        return switch (type) {
            case DescriptorType.PASID_IOTLB -> pasidIotlb(low, high);
            case DescriptorType.PASID_CACHE -> pasidCache(low, high);
            case DescriptorType.PASID_DEVICE_TLB -> pasidDeviceTlb(low, high);
            default -> pageGroupResponse(low, high);
        };
    }

    private InvalidationQueueError contextCache(long low, long high) {
        int did = (int) ContextCacheInvalidateDescriptor.DID.get(low);
        var error = CONTEXT_CACHE.check(low, high);
        if (error != GOOD) {
            return error;
        }
        switch ((int) ContextCacheInvalidateDescriptor.G.get(low)) {
            case ContextCacheInvalidateDescriptor.GLOBAL -> invalidator.contextsAll();
            case ContextCacheInvalidateDescriptor.DOMAIN -> invalidator.contextsOfDomain(did);
            case ContextCacheInvalidateDescriptor.DEVICE -> invalidator.contextsOfDevice(did,
                    (int) ContextCacheInvalidateDescriptor.SID.get(low),
                    (int) ContextCacheInvalidateDescriptor.FM.get(low));
            default -> {
                return InvalidationQueueError.RESERVED_FIELD;
            }
        }
        return GOOD;
    }

    private InvalidationQueueError iotlb(long low, long high) {
        int did = (int) IotlbInvalidateDescriptor.DID.get(low);
        var error = IOTLB.check(low, high);
        if (error != GOOD) {
            return error;
        }
        switch ((int) IotlbInvalidateDescriptor.G.get(low)) {
            case IotlbInvalidateDescriptor.GLOBAL -> invalidator.iotlbAll();
            case IotlbInvalidateDescriptor.DOMAIN -> invalidator.iotlbOfDomain(did);
            case IotlbInvalidateDescriptor.PAGE -> {
                int addressMask = (int) IotlbInvalidateDescriptor.AM.get(high);
                if (!invalidator.addressMaskPossible(addressMask)) {
                    return InvalidationQueueError.RESERVED_FIELD;
                }
                invalidator.iotlbPages(did, IotlbInvalidateDescriptor.ADDR.inPlace(high), addressMask,
                        IotlbInvalidateDescriptor.IH.isSet(high));
            }
            default -> {
                return InvalidationQueueError.RESERVED_FIELD;
            }
        }
        return GOOD;
    }

    private InvalidationQueueError deviceTlb(long low, long high) {
        if (!capabilities.deviceTlb()) {
            return InvalidationQueueError.INVALID_TYPE;
        }
        var error = DEVICE_TLB.check(low, high);
        if (error == GOOD) {
            deviceTlbs.invalidate((int) DeviceTlbInvalidateDescriptor.SID.get(low), Pasid.NONE, false,
                    DeviceTlbInvalidateDescriptor.ADDR.inPlace(high), DeviceTlbInvalidateDescriptor.S.isSet(high));
            invalidator.deviceTlbs();
        }
        return error;
    }

    /** A unit without interrupt remapping has nothing to forget. */
    private InvalidationQueueError interruptEntryCache(long low, long high) {
        var error = INTERRUPT_ENTRY_CACHE.check(low, high);
        if (error != GOOD || !capabilities.interruptRemapping()) {
            return error;
        }
        if (!InterruptEntryCacheInvalidateDescriptor.G.isSet(low)) {
            invalidator.interruptsAll();
            return GOOD;
        }
        int mask = (int) InterruptEntryCacheInvalidateDescriptor.IM.get(low);
        if (mask > capabilities.maxIndexMask()) {
            return InvalidationQueueError.RESERVED_FIELD;
        }
        invalidator.interrupts((int) InterruptEntryCacheInvalidateDescriptor.IIDX.get(low), mask);
        return GOOD;
    }

    private InvalidationQueueError pasidIotlb(long low, long high) {
        var error = PASID_IOTLB.check(low, high);
        if (error != GOOD) {
            return error;
        }
        int did = (int) PasidIotlbInvalidateDescriptor.DID.get(low);
        int pasid = (int) PasidIotlbInvalidateDescriptor.PASID.get(low);
        switch ((int) PasidIotlbInvalidateDescriptor.G.get(low)) {
            case PasidIotlbInvalidateDescriptor.PASID_SELECTIVE -> invalidator.iotlbOfPasid(did, pasid);
            case PasidIotlbInvalidateDescriptor.PAGE -> {
                int addressMask = (int) PasidIotlbInvalidateDescriptor.AM.get(high);
                if (!invalidator.addressMaskPossible(addressMask)) {
                    return InvalidationQueueError.RESERVED_FIELD;
                }
                invalidator.iotlbPagesOfPasid(did, pasid, PasidIotlbInvalidateDescriptor.ADDR.inPlace(high), addressMask,
                        PasidIotlbInvalidateDescriptor.IH.isSet(high));
            }
            default -> {
                return InvalidationQueueError.RESERVED_FIELD;
            }
        }
        return GOOD;
    }

    private InvalidationQueueError pasidCache(long low, long high) {
        var error = PASID_CACHE.check(low, high);
        if (error != GOOD) {
            return error;
        }
        int did = (int) PasidCacheInvalidateDescriptor.DID.get(low);
        switch ((int) PasidCacheInvalidateDescriptor.G.get(low)) {
            case PasidCacheInvalidateDescriptor.GLOBAL -> invalidator.pasidsAll();
            case PasidCacheInvalidateDescriptor.DOMAIN -> invalidator.pasidsOfDomain(did);
            case PasidCacheInvalidateDescriptor.PASID_SELECTIVE ->
                    invalidator.pasidsOfDomain(did, (int) PasidCacheInvalidateDescriptor.PASID.get(low));
            default -> {
                return InvalidationQueueError.RESERVED_FIELD;
            }
        }
        return GOOD;
    }

    private InvalidationQueueError pasidDeviceTlb(long low, long high) {
        if (!capabilities.deviceTlb()) {
            return InvalidationQueueError.INVALID_TYPE;
        }
        var error = PASID_DEVICE_TLB.check(low, high);
        if (error == GOOD) {
            deviceTlbs.invalidate((int) PasidDeviceTlbInvalidateDescriptor.SID.get(low),
                    (int) PasidDeviceTlbInvalidateDescriptor.PASID.get(low), PasidDeviceTlbInvalidateDescriptor.G.isSet(high),
                    PasidDeviceTlbInvalidateDescriptor.ADDR.inPlace(high), PasidDeviceTlbInvalidateDescriptor.S.isSet(high));
            invalidator.deviceTlbs();
        }
        return error;
    }

    /** LPIG is ignored: only the last request of a group is answered. */
    private InvalidationQueueError pageGroupResponse(long low, long high) {
        if (!capabilities.pageRequests()) {
            return InvalidationQueueError.INVALID_TYPE;
        }
        var error = PAGE_GROUP_RESPONSE.check(low, high);
        if (error == GOOD) {
            pageRequests.respond((int) PageGroupResponseDescriptor.SID.get(low),
                    PageGroupResponseDescriptor.PP.isSet(low) ? (int) PageGroupResponseDescriptor.PASID.get(low) : Pasid.NONE,
                    (int) PageGroupResponseDescriptor.PRGI.get(high), (int) PageGroupResponseDescriptor.RC.get(low));
        }
        return error;
    }
}
