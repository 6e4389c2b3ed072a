package sluicegate.sim.vtd;

import java.util.HashSet;
import java.util.Set;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.Layout;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.DeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.InterruptEntryCacheInvalidateDescriptor;
import sluicegate.spec.vtd.InvalidationCompletionStatusRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;

/**
 * Queued invalidation (VT-d 6.5.2): fetches descriptors from memory and carries them out in order, as part of the register
 * write that makes them due.
 *
 * <p>An invalid descriptor stops the queue in front of it with IQE; a device TLB that does not answer stops it with ITE behind
 * the wait descriptor that waited for it, which is aborted. Clearing the error in FSTS_REG makes it go on.
 *
 * <p>Writes come one at a time, in the order of the register file; reads are free.
 */
public final class InvalidationQueue {
    private static final long IWC = InvalidationCompletionStatusRegister.IWC.mask();
    private static final long IQA_RESERVED = InvalidationQueueAddressRegister.LAYOUT.reservedMask(0);
    private static final Reserved CONTEXT_CACHE = Reserved.of(ContextCacheInvalidateDescriptor.LAYOUT);
    private static final Reserved IOTLB = Reserved.of(IotlbInvalidateDescriptor.LAYOUT);
    private static final Reserved DEVICE_TLB = Reserved.of(DeviceTlbInvalidateDescriptor.LAYOUT);
    private static final Reserved INTERRUPT_ENTRY_CACHE = Reserved.of(InterruptEntryCacheInvalidateDescriptor.LAYOUT);
    private static final Reserved WAIT = Reserved.of(InvalidationWaitDescriptor.LAYOUT);

    private final String unit;
    private final PhysicalMemory memory;
    private final VtdCapabilities capabilities;
    private final Invalidator invalidator;
    private final FaultReporting faults;
    private final EventInterrupt event;
    private final Object eventLock = new Object();
    private final Set<Integer> silent = new HashSet<>();
    private int unanswered = -1;
    private volatile boolean enabled;
    private volatile long address;
    private volatile long head;
    private volatile long tail;
    private volatile long completion;

    InvalidationQueue(String unit, PhysicalMemory memory, VtdCapabilities capabilities, Invalidator invalidator,
            FaultReporting faults, InterruptController interrupts) {
        this.unit = unit;
        this.memory = memory;
        this.capabilities = capabilities;
        this.invalidator = invalidator;
        this.faults = faults;
        this.event = new EventInterrupt(interrupts, eventLock);
    }

    EventInterrupt event() {
        return event;
    }

    boolean enabled() {
        return enabled;
    }

    /** GCMD_REG.QIE. */
    void enable(boolean on) {
        if (on && !enabled) {
            enabled = true;
            process();
        } else if (!on && enabled) {
            enabled = false;
            head = 0;
            unanswered = -1;
        }
    }

    /** IQA_REG. */
    long address() {
        return address;
    }

    /** IQH_REG. */
    long head() {
        return head;
    }

    /** IQT_REG. */
    long tail() {
        return tail;
    }

    /** ICS_REG. */
    long completion() {
        return completion;
    }

    void writeAddress(long value, long mask) {
        if (enabled) {
            throw IommuException.of(Errno.EINVAL,
                    "Write of %s of %s: the queue can't be moved while queued invalidation is on (GSTS_REG.QIES); "
                            + "clear GCMD_REG.QIE first", InvalidationQueueAddressRegister.LAYOUT.name(), unit);
        }
        address = (address & ~mask | value) & ~IQA_RESERVED;
    }

    void writeTail(long value, long mask) {
        tail = InvalidationQueueTailRegister.QT.inPlace(tail & ~mask | value);
        process();
    }

    void writeCompletion(long value) {
        if ((value & IWC) != 0) {
            synchronized (eventLock) {
                completion = 0;
                event.clearPending();
            }
        }
    }

    /** Goes on after an error was cleared, or with new descriptors. */
    void process() {
        while (enabled && !faults.queueStopped() && head != tail) {
            step();
        }
    }

    private void step() {
        long base = InvalidationQueueAddressRegister.IQA.inPlace(address);
        int bytes = InvalidationQueueAddressRegister.queueBytes(address);
        int width = InvalidationQueueAddressRegister.descriptorBytes(address);
        if (width > 16 && !capabilities.wideDescriptors()) {
            faults.queueError(InvalidationQueueError.INVALID_WIDTH);
        } else if (tail % width != 0) {
            faults.queueError(InvalidationQueueError.MISALIGNED_TAIL);
        } else if (tail >= bytes) {
            faults.queueError(InvalidationQueueError.INVALID_TAIL);
        } else if (!memory.contains(base + head, width)) {
            faults.queueError(InvalidationQueueError.FETCH_ERROR);
        } else {
            long low = memory.get64Acquire(base + head);
            long high = memory.get64Acquire(base + head + 8);
            boolean upper = width > 16 && (memory.get64(base + head + 16) | memory.get64(base + head + 24)) != 0;
            var error = upper ? InvalidationQueueError.RESERVED_FIELD : carryOut(low, high);
            if (error == InvalidationQueueError.UNKNOWN) {
                long following = head + width;
                head = following == bytes ? 0 : following;
            } else {
                faults.queueError(error);
            }
        }
    }

    /** @return what is wrong with the descriptor; {@link InvalidationQueueError#UNKNOWN} for nothing */
    private InvalidationQueueError carryOut(long low, long high) {
        return switch (DescriptorType.of(low)) {
            case DescriptorType.CONTEXT_CACHE -> contextCache(low, high);
            case DescriptorType.IOTLB -> iotlb(low, high);
            case DescriptorType.DEVICE_TLB -> deviceTlb(low, high);
            case DescriptorType.INTERRUPT_ENTRY_CACHE -> INTERRUPT_ENTRY_CACHE.check(low, high);
            case DescriptorType.WAIT -> await(low, high);
            default -> InvalidationQueueError.INVALID_TYPE;
        };
    }

    private InvalidationQueueError contextCache(long low, long high) {
        int did = (int) ContextCacheInvalidateDescriptor.DID.get(low);
        var error = CONTEXT_CACHE.check(low, high);
        if (error != InvalidationQueueError.UNKNOWN) {
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
        return error;
    }

    private InvalidationQueueError iotlb(long low, long high) {
        int did = (int) IotlbInvalidateDescriptor.DID.get(low);
        var error = IOTLB.check(low, high);
        if (error != InvalidationQueueError.UNKNOWN) {
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
                invalidator.iotlbPages(did, IotlbInvalidateDescriptor.ADDR.inPlace(high), addressMask);
            }
            default -> {
                return InvalidationQueueError.RESERVED_FIELD;
            }
        }
        return error;
    }

    private InvalidationQueueError deviceTlb(long low, long high) {
        if (!capabilities.deviceTlb()) {
            return InvalidationQueueError.INVALID_TYPE;
        }
        var error = DEVICE_TLB.check(low, high);
        int sourceId = (int) DeviceTlbInvalidateDescriptor.SID.get(low);
        if (error == InvalidationQueueError.UNKNOWN && isSilent(sourceId)) {
            unanswered = sourceId;
        }
        return error;
    }

    private InvalidationQueueError await(long low, long high) {
        var error = WAIT.check(low, high);
        if (error != InvalidationQueueError.UNKNOWN || InvalidationWaitDescriptor.PD.isSet(low)) {
            return InvalidationQueueError.RESERVED_FIELD;
        }
        if (unanswered >= 0) {
            // The time is up: this wait is aborted, and nothing more is fetched until ITE is cleared (6.5.2.11).
            faults.timeoutError(unanswered);
            unanswered = -1;
            return error;
        }
        invalidator.complete();
        if (InvalidationWaitDescriptor.SW.isSet(low)) {
            long status = InvalidationWaitDescriptor.STADDR.inPlace(high);
            // A write to where there is no memory gets lost, as on any bus.
            if (memory.contains(status, 4)) {
                memory.set32Release(status, (int) InvalidationWaitDescriptor.STDATA.get(low));
            }
        }
        if (InvalidationWaitDescriptor.IF.isSet(low)) {
            synchronized (eventLock) {
                if (completion == 0) {
                    completion = IWC;
                    event.trigger();
                }
            }
        }
        return error;
    }

    /** The bits of a descriptor that must be zero. */
    private record Reserved(long low, long high) {
        private static Reserved of(Layout layout) {
            return new Reserved(layout.reservedMask(0), layout.reservedMask(1));
        }

        private InvalidationQueueError check(long lowWord, long highWord) {
            return ((lowWord & low) | (highWord & high)) == 0
                    ? InvalidationQueueError.UNKNOWN
                    : InvalidationQueueError.RESERVED_FIELD;
        }
    }

    /** Makes a device stop or resume answering invalidations of its TLB, as a broken one would: for tests and commands. */
    public void silence(int sourceId, boolean on) {
        synchronized (silent) {
            if (on) {
                silent.add(sourceId);
            } else {
                silent.remove(sourceId);
            }
        }
    }

    /** Sends a completion that no invalidation asked for, as a broken device would: for tests and commands. */
    public void completeUnasked(int sourceId) {
        faults.completionError(sourceId);
    }

    private boolean isSilent(int sourceId) {
        synchronized (silent) {
            return silent.contains(sourceId);
        }
    }
}
