package sluicegate.sim.vtd;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.InvalidationCompletionStatusRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;

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
    private static final ReservedBits WAIT = ReservedBits.of(InvalidationWaitDescriptor.LAYOUT);

    private final String unit;
    private final PhysicalMemory memory;
    private final VtdCapabilities capabilities;
    private final Invalidator invalidator;
    private final FaultReporting faults;
    private final EventInterrupt event;
    private final Object eventLock = new Object();
    private final DeviceTlbs deviceTlbs = new DeviceTlbs();
    private final PageRequests pageRequests;
    private final InvalidationDescriptors descriptors;
    private volatile boolean enabled;
    private volatile long address;
    /** Only whoever writes registers changes head and tail. They are released, not fenced: a fence for each descriptor costs. */
    private final AtomicLong head = new AtomicLong();
    private final AtomicLong tail = new AtomicLong();
    private volatile long completion;

    /** @param tableMode TTM of the root table address that is in force */
    InvalidationQueue(String unit, PhysicalMemory memory, VtdCapabilities capabilities, Invalidator invalidator,
            FaultReporting faults, InterruptController interrupts, PageRequests pageRequests, IntSupplier tableMode) {
        this.unit = unit;
        this.memory = memory;
        this.capabilities = capabilities;
        this.invalidator = invalidator;
        this.faults = faults;
        this.event = new EventInterrupt(interrupts, eventLock);
        this.pageRequests = pageRequests;
        this.descriptors = new InvalidationDescriptors(capabilities, invalidator, deviceTlbs, pageRequests, tableMode);
    }

    /** Whom it tells of invalidations. */
    void setDevices(Devices listener) {
        deviceTlbs.setDevices(listener);
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
            head.setRelease(0);
            deviceTlbs.forget();
        }
    }

    /** IQA_REG. */
    long address() {
        return address;
    }

    /** IQH_REG. */
    long head() {
        return head.getAcquire();
    }

    /** IQT_REG. */
    long tail() {
        return tail.getAcquire();
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
        tail.setRelease(InvalidationQueueTailRegister.QT.inPlace(tail.getPlain() & ~mask | value));
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
        while (enabled && !faults.queueStopped() && head.getPlain() != tail.getPlain()) {
            step();
        }
    }

    private void step() {
        long head = this.head.getPlain();
        long tail = this.tail.getPlain();
        long base = InvalidationQueueAddressRegister.IQA.inPlace(address);
        int bytes = InvalidationQueueAddressRegister.queueBytes(address);
        int width = InvalidationQueueAddressRegister.descriptorBytes(address);
        var mode = descriptors.modeError(width);
        if (mode != InvalidationQueueError.UNKNOWN) {
            faults.queueError(mode);
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
                this.head.setRelease(following == bytes ? 0 : following);
            } else {
                faults.queueError(error);
            }
        }
    }

    /** @return what is wrong with the descriptor; {@link InvalidationQueueError#UNKNOWN} for nothing */
    private InvalidationQueueError carryOut(long low, long high) {
        return DescriptorType.of(low) == DescriptorType.WAIT ? await(low, high) : descriptors.carryOut(low, high);
    }

    private InvalidationQueueError await(long low, long high) {
        var error = WAIT.check(low, high);
        if (error != InvalidationQueueError.UNKNOWN
                || InvalidationWaitDescriptor.PD.isSet(low) && !capabilities.has(ExtendedCapabilityRegister.PDS)) {
            return InvalidationQueueError.RESERVED_FIELD;
        }
        int unanswered = deviceTlbs.takeUnanswered();
        if (unanswered >= 0) {
            // The time is up: this wait is aborted, and nothing more is fetched until ITE is cleared (6.5.2.11).
            faults.timeoutError(unanswered);
            return error;
        }
        invalidator.complete();
        if (InvalidationWaitDescriptor.PD.isSet(low)) {
            pageRequests.drain();
        }
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

    /** Makes a device stop or resume answering invalidations of its TLB, as a broken one would: for tests and commands. */
    public void silence(int sourceId, boolean on) {
        deviceTlbs.silence(sourceId, on);
    }

    /** Sends a completion that no invalidation asked for, as a broken device would: for tests and commands. */
    public void completeUnasked(int sourceId) {
        faults.completionError(sourceId);
    }
}
