package sluicegate.hw.vtd;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.CommandCombiner;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationQueueErrorRecordRegister;
import sluicegate.spec.vtd.InvalidationQueueHeadRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * Invalidation by queue (section 6.5.2; the kernel's {@code qi_submit_sync}): a ring of descriptors that hardware
 * fetches, and a wait descriptor after what one thread submits, or several together ({@link CommandCombiner}), that makes it
 * write a status word when everything before is done.
 *
 * <pre>
 *   ring page     slot 0      1      2        3       4         254    255
 *               +--------+------+--------+--------+------+--  --+--------+------+
 *               | inval. | wait | inval. | inval. | wait |  ..  | inval. | wait |   16 or 32 bytes each
 *               +--------+------+--------+--------+------+--  --+--------+------+
 *   status page     -      word     -        -      word           -      word      4 bytes each
 * </pre>
 *
 * <p>In scalable mode descriptors have 32 bytes, of which hardware wants the second half to be zero in all that the driver
 * uses: nobody ever writes it.
 *
 * <p>Descriptors are counted from the start of the queue; the count modulo 256 is the slot. A wait descriptor writes its
 * count plus one into the word of its slot, so that a word never has to be cleared and a late reader sees a later count.
 *
 * <p>The lock is held while descriptors are written and errors are cleared, not while waiting. Errors (section 6.5.2.10): a
 * descriptor that hardware refuses (IQE) is replaced by the wait that follows it, so that the queue goes on, and whoever
 * submitted it gets EINVAL; waits that were aborted because a device did not answer (ITE) are submitted again; an
 * unexpected answer (ICE) is only acknowledged.
 */
final class InvalidationQueue extends Invalidator implements CommandCombiner.Queue {
    private static final int SLOTS = 256;
    /** Descriptors of a queue of the wider kind, which scalable mode asks for (IQA_REG.DW). */
    private static final int WIDE_BYTES = 32;
    private static final int MASK = SLOTS - 1;
    private static final int ATTEMPTS = 3;
    private static final int ERRORS = (int) (FaultStatusRegister.IQE.mask() | FaultStatusRegister.ITE.mask()
            | FaultStatusRegister.ICE.mask());

    private final VtdWindow window;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final int descriptorBytes;
    private final long ringBytes;
    private final long ring;
    private final long status;
    private final CommandCombiner translations = new CommandCombiner(this);
    private final Turn turn = new Turn();
    /** By slot: the count of the wait that comes after the descriptor, or is it. */
    private final long[] waits = new long[SLOTS];
    /** By slot of the wait: the count of the last wait whose descriptor was refused, and what hardware said. */
    private final long[] refused = new long[SLOTS];
    private final byte[] refusal = new byte[SLOTS];
    /** Whether anything was ever refused: keeps the good path away from the lock. */
    private volatile boolean anyRefused;
    /** Waits below this count that have no status now never get one. */
    private volatile long abortedBelow;

    /**
     * What whoever submits changes each time, guarded by itself. It is no part of the queue so that those who hand their
     * descriptors over, and only read what the queue consists of, do not fetch the line that is being written.
     */
    private static final class Turn extends ReentrantLock {
        private static final long serialVersionUID = 1;

        /** Descriptors written, and those of them that hardware has fetched for sure. */
        private long tail;
        private long fetched;
    }

    /**
     * Allocates the ring and switches the queue on.
     *
     * @throws IommuException ETIMEDOUT if the unit does not switch it on; nothing stays allocated
     */
    InvalidationQueue(VtdCapabilities capabilities, VtdWindow window, PhysicalMemory memory, MemoryArena arena) {
        super(capabilities);
        this.window = window;
        this.memory = memory;
        this.arena = arena;
        // The mode of the tables in force counts too, until they are replaced (6.5.2).
        boolean wide = capabilities.scalable() || RootSwitch.mode(window) == RootTableAddressRegister.SCALABLE_MODE;
        this.descriptorBytes = wide ? WIDE_BYTES : InvalidationWaitDescriptor.BYTES;
        this.ringBytes = (long) SLOTS * descriptorBytes;
        this.ring = arena.allocate(ringBytes);
        try {
            this.status = arena.allocate(MemoryArena.PAGE_SIZE);
        } catch (IommuException e) {
            arena.free(ring, ringBytes);
            throw e;
        }
        try {
            window.write64(InvalidationQueueTailRegister.OFFSET, 0);
            window.write64(InvalidationQueueAddressRegister.OFFSET, address());
            window.command(GlobalCommandRegister.QIE, GlobalStatusRegister.QIES, true);
        } catch (IommuException e) {
            arena.free(status, MemoryArena.PAGE_SIZE);
            arena.free(ring, ringBytes);
            throw e;
        }
    }

    private long address() {
        long address = InvalidationQueueAddressRegister.IQA.setInPlace(0, ring);
        address = InvalidationQueueAddressRegister.DW.set(address, descriptorBytes == WIDE_BYTES ? 1 : 0);
        return InvalidationQueueAddressRegister.QS.set(address, Long.numberOfTrailingZeros(ringBytes / MemoryArena.PAGE_SIZE));
    }

    /** Switches a queue off that somebody left on ({@code dmar_disable_qi}). */
    static void disable(VtdWindow window) {
        if (!window.status(GlobalStatusRegister.QIES)) {
            return;
        }
        // An error that was left behind would keep the queue from ever becoming empty.
        window.write32(FaultStatusRegister.OFFSET, ERRORS);
        long begun = window.patience().begin();
        while (window.read64(InvalidationQueueHeadRegister.OFFSET) != window.read64(InvalidationQueueTailRegister.OFFSET)) {
            window.patience().pause(begun, window.unit(), "the invalidation queue does not become empty");
        }
        window.command(GlobalCommandRegister.QIE, GlobalStatusRegister.QIES, false);
    }

    @Override
    void contextCache(int granularity, int domainId, int sourceId) {
        long low = ContextCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.CONTEXT_CACHE);
        low = ContextCacheInvalidateDescriptor.G.set(low, granularity);
        low = ContextCacheInvalidateDescriptor.DID.set(low, domainId);
        submit(ContextCacheInvalidateDescriptor.SID.set(low, sourceId), 0);
    }

    @Override
    void iotlb(int granularity, int domainId, long address, int addressMask, boolean leavesOnly) {
        long low = IotlbInvalidateDescriptor.TYPE.set(0, DescriptorType.IOTLB);
        low = IotlbInvalidateDescriptor.G.set(low, granularity);
        low = IotlbInvalidateDescriptor.DR.set(low, capabilities().drainReads() ? 1 : 0);
        low = IotlbInvalidateDescriptor.DW.set(low, capabilities().drainWrites() ? 1 : 0);
        low = IotlbInvalidateDescriptor.DID.set(low, domainId);
        long high = 0;
        if (granularity == IotlbInvalidateDescriptor.PAGE) {
            high = IotlbInvalidateDescriptor.ADDR.setInPlace(0, address);
            high = IotlbInvalidateDescriptor.IH.set(high, leavesOnly ? 1 : 0);
            high = IotlbInvalidateDescriptor.AM.set(high, addressMask);
        }
        forget(low, high);
    }

    @Override
    boolean uses(long page) {
        return page >= ring && page < ring + ringBytes || page == status;
    }

    @Override
    void stop() {
        if (turn.tail == 0) {
            // A queue can be switched off once a wait has completed (6.5.2), and QEMU insists on that. This one writes where none does.
            submit(InvalidationWaitDescriptor.TYPE.set(InvalidationWaitDescriptor.SW.mask(), DescriptorType.WAIT),
                    InvalidationWaitDescriptor.STADDR.setInPlace(0, status));
        }
        disable(window);
        arena.free(status, MemoryArena.PAGE_SIZE);
        arena.free(ring, ringBytes);
    }

    /** The same as {@link #submit} for translations, which many threads have forgotten at the same time. */
    void forget(long low, long high) {
        translations.run(low, high);
    }

    @Override
    public void run(long low, long high) {
        submit(low, high);
    }

    @Override
    public void run(long[] commands, int count) {
        if (!await(enqueue(commands, count), commands[0], commands[1])) {
            throw IommuException.of(Errno.ETIMEDOUT, "%s: invalidations were aborted because a device's TLB does not answer "
                    + "(FSTS_REG.ITE)", window.unit());
        }
    }

    /**
     * Submits one descriptor and returns when it and all before it are done.
     *
     * @throws IommuException EINVAL if hardware refuses it, ETIMEDOUT if it does not answer, or a device behind it does not
     */
    void submit(long low, long high) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (await(enqueue(low, high), low, high)) {
                return;
            }
        }
        throw IommuException.of(Errno.ETIMEDOUT, "%s: invalidation %s %s was aborted %d times because a device's TLB does not "
                + "answer (FSTS_REG.ITE)", window.unit(), Hex.of(low), Hex.of(high), ATTEMPTS);
    }

    /** Writes the descriptor and its wait, tells the hardware, and returns the wait's count. */
    private long enqueue(long low, long high) {
        turn.lock();
        try {
            reserve(2);
            putBefore(turn.tail + 1, low, high);
            return close();
        } finally {
            turn.unlock();
        }
    }

    /** The same for several descriptors with one wait. */
    private long enqueue(long[] descriptors, int count) {
        turn.lock();
        try {
            reserve(count + 1);
            long wait = turn.tail + count;
            for (int i = 0; i < count; i++) {
                putBefore(wait, descriptors[2 * i], descriptors[2 * i + 1]);
            }
            return close();
        } finally {
            turn.unlock();
        }
    }

    private void putBefore(long wait, long low, long high) {
        waits[(int) turn.tail & MASK] = wait;
        put(turn.tail++, low, high);
    }

    private long close() {
        long wait = turn.tail++;
        waits[(int) wait & MASK] = wait;
        putWait(wait, wait);
        window.write64(InvalidationQueueTailRegister.OFFSET, (turn.tail & MASK) * descriptorBytes);
        return wait;
    }

    /** Waits until so many slots are free, and one more: head and tail may not meet. */
    private void reserve(int slots) {
        int most = SLOTS - 1 - slots;
        if (turn.tail - turn.fetched <= most) {
            return;
        }
        long begun = window.patience().begin();
        while (turn.tail - (turn.fetched = head()) > most) {
            recover();
            window.patience().pause(begun, window.unit(), "the invalidation queue stays full");
        }
    }

    private void put(long count, long low, long high) {
        long slot = ring + (count & MASK) * descriptorBytes;
        memory.set64(slot + Long.BYTES, high);
        memory.set64Release(slot, low);
    }

    /** Writes the wait with count {@code wait} into the slot of {@code count}. */
    private void putWait(long count, long wait) {
        long low = InvalidationWaitDescriptor.TYPE.set(0, DescriptorType.WAIT);
        low |= InvalidationWaitDescriptor.SW.mask();
        low = InvalidationWaitDescriptor.STDATA.set(low, wait + 1 & 0xffff_ffffL);
        put(count, low, InvalidationWaitDescriptor.STADDR.setInPlace(0, statusWord(wait)));
    }

    private long statusWord(long wait) {
        return status + (wait & MASK) * Integer.BYTES;
    }

    /** Whether the wait came to its end; false if it was aborted. */
    private boolean await(long wait, long low, long high) {
        long begun = 0;
        for (;;) {
            if (reached(wait)) {
                if (anyRefused) {
                    throwIfRefused(wait, low, high);
                }
                return true;
            }
            begun = begun == 0 ? window.patience().begin() : begun;
            if ((window.read32(FaultStatusRegister.OFFSET) & ERRORS) != 0) {
                recover();
            }
            if (wait < abortedBelow && !reached(wait)) {
                return false;
            }
            window.patience().pause(begun, window.unit(), "the invalidation queue does not complete a wait");
        }
    }

    private boolean reached(long wait) {
        boolean reached = memory.get32(statusWord(wait)) - (int) (wait + 1) >= 0;
        // What the invalidation protected may be reused only after the status was seen.
        VarHandle.acquireFence();
        return reached;
    }

    /** The count of the descriptor that hardware fetches next. */
    private long head() {
        long slot = window.read64(InvalidationQueueHeadRegister.OFFSET) / descriptorBytes;
        return turn.fetched + (slot - turn.fetched & MASK);
    }

    /** Clears the errors that are there, whoever caused them ({@code qi_check_fault}). */
    private void recover() {
        turn.lock();
        try {
            int errors = window.read32(FaultStatusRegister.OFFSET) & ERRORS;
            if (FaultStatusRegister.IQE.isSet(errors)) {
                long count = head();
                if (count < turn.tail) {
                    long wait = waits[(int) count & MASK];
                    int slot = (int) (wait & MASK);
                    refused[slot] = wait;
                    refusal[slot] = (byte) InvalidationQueueErrorRecordRegister.IQEI.get(
                            window.read64(InvalidationQueueErrorRecordRegister.OFFSET));
                    anyRefused = true;
                    putWait(count, wait);
                }
            }
            if (FaultStatusRegister.ITE.isSet(errors)) {
                abortedBelow = head();
            }
            if (errors != 0) {
                window.write32(FaultStatusRegister.OFFSET, errors);
            }
        } finally {
            turn.unlock();
        }
    }

    private void throwIfRefused(long wait, long low, long high) {
        int slot = (int) (wait & MASK);
        int code;
        turn.lock();
        try {
            if (refused[slot] != wait) {
                return;
            }
            code = refusal[slot];
        } finally {
            turn.unlock();
        }
        throw IommuException.of(Errno.EINVAL, "%s: the unit refuses invalidation descriptor %s %s: %s (IQERCD_REG.IQEI %d)",
                window.unit(), Hex.of(low), Hex.of(high),
                InvalidationQueueError.of(code).map(InvalidationQueueError::meaning).orElse("for no known reason"), code);
    }
}
