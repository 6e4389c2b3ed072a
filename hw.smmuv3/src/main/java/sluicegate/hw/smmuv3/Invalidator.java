package sluicegate.hw.smmuv3;

import sluicegate.spec.smmuv3.CommandOpcode;

/**
 * Makes the hardware forget: configuration, translations, and what devices have cached themselves. Each call returns when the
 * hardware has done it. Thread-safe; allocates nothing.
 */
final class Invalidator {
    /** More pages than this are invalidated with all of their address space. */
    private static final long MAX_PAGES = 512;
    /** Granules that one range command can name: 32 times a power of two. */
    private static final int RANGE_NUMBERS = 32;

    private final CommandQueues queues;
    private final boolean stage1;
    private final boolean ranges;
    private final int granuleShift;
    private final int batch;

    Invalidator(Smmuv3Capabilities capabilities, CommandQueues queues) {
        this.queues = queues;
        this.stage1 = capabilities.stage1();
        this.ranges = capabilities.rangeInvalidation();
        this.granuleShift = capabilities.granuleShift();
        // Half of the queue, so that two threads fit in.
        this.batch = queues.most() / 2;
    }

    CommandQueues queues() {
        return queues;
    }

    private void run(long low, long high) {
        queues.mine().run(low, high);
    }

    /** How many commands go with one SYNC at most, so that others have room in the queue too. */
    int most() {
        return batch - 1;
    }

    /** Everything, configuration and translations, as at a reset. */
    void everything(boolean hypervisor) {
        run(Commands.allStreams(), Commands.allStreamsHigh());
        if (hypervisor) {
            run(Commands.of(CommandOpcode.TLBI_EL2_ALL), 0);
        }
        run(Commands.of(CommandOpcode.TLBI_NSNH_ALL), 0);
    }

    /** All stream table entries with all that hangs on them. */
    void allStreams() {
        run(Commands.allStreams(), Commands.allStreamsHigh());
    }

    /** A stream table entry, and the context descriptors that were reached through it. */
    void stream(int sid, boolean leaf) {
        var queue = queues.mine();
        int count = stage1 ? 3 : 2;
        long ticket = queue.take(count);
        queue.put(ticket, 0, Commands.stream(sid), Commands.streamHigh(leaf));
        if (stage1) {
            queue.put(ticket, 1, Commands.allContexts(sid), 0);
        }
        queue.finish(ticket, count);
    }

    /** The entries of an aligned range of {@code 2^bits} streams, with the way to them and all that was reached through them. */
    void streams(int sid, int bits) {
        run(Commands.streams(sid), Commands.streamsHigh(bits));
    }

    /** All context descriptors of several streams, with the way to them. */
    void contexts(int[] sids) {
        for (int sid : sids) {
            run(Commands.allContexts(sid), 0);
        }
    }

    /** One context descriptor of several streams. */
    void context(int[] sids, int ssid, boolean leaf) {
        var queue = queues.mine();
        for (int from = 0; from < sids.length; from += batch - 1) {
            int count = Math.min(batch - 1, sids.length - from);
            long ticket = queue.take(count + 1);
            for (int i = 0; i < count; i++) {
                queue.put(ticket, i, Commands.context(sids[from + i], ssid), Commands.contextHigh(leaf));
            }
            queue.finish(ticket, count + 1);
        }
    }

    /** All translations of stage 1 of an address space without stage 2. */
    void asid(int asid) {
        run(Commands.tlb(CommandOpcode.TLBI_NH_ASID, 0, asid), 0);
    }

    /** All translations of a virtual machine, of both stages. */
    void vmid(int vmid) {
        run(Commands.tlb(CommandOpcode.TLBI_S12_VMALL, vmid, 0), 0);
    }

    /**
     * The pages of {@code [first, last]} in an address space of stage 1.
     *
     * @param pageSize the smallest that was mapped there
     * @param leaf whether only pages have gone, and no tables
     */
    void stage1Range(int asid, long first, long last, long pageSize, boolean leaf) {
        if (!range(Commands.tlb(CommandOpcode.TLBI_NH_VA, 0, asid), first, last, pageSize, leaf)) {
            asid(asid);
        }
    }

    /** The same of stage 2. Returns whether stage 1 is still there, which it is not where the whole VMID is named instead. */
    private boolean stage2Range(int vmid, long first, long last, long pageSize, boolean leaf) {
        if (range(Commands.tlb(CommandOpcode.TLBI_S2_IPA, vmid, 0), first, last, pageSize, leaf)) {
            return true;
        }
        vmid(vmid);
        return false;
    }

    private boolean range(long low, long first, long last, long pageSize, boolean leaf) {
        if (last - first < pageSize) {
            queues.runTogether(low, Commands.tlbHigh(first, leaf));
            return true;
        }
        if (ranges) {
            ranges(low, first, last, leaf);
            return true;
        }
        int pageShift = Long.numberOfTrailingZeros(pageSize);
        long pages = (last - first >>> pageShift) + 1;
        if (pages > MAX_PAGES) {
            return false;
        }
        singles(low, first, (int) pages, pageShift, leaf);
        return true;
    }

    private void singles(long low, long first, int pages, int pageShift, boolean leaf) {
        var queue = queues.mine();
        for (int from = 0; from < pages; from += batch - 1) {
            int count = Math.min(batch - 1, pages - from);
            long ticket = queue.take(count + 1);
            for (int i = 0; i < count; i++) {
                queue.put(ticket, i, low, Commands.tlbHigh(first + ((long) (from + i) << pageShift), leaf));
            }
            queue.finish(ticket, count + 1);
        }
    }

    /**
     * Each command takes the lowest five bits of what is left of the number of granules ({@code arm_smmu_cmdq_batch_add_range}). The
     * level hint stays away, since pages of several sizes may lie in one range.
     */
    private void ranges(long low, long first, long last, boolean leaf) {
        long left = (last - first >>> granuleShift) + 1;
        int count = 0;
        for (long rest = left; rest != 0; rest &= -(long) RANGE_NUMBERS << Long.numberOfTrailingZeros(rest)) {
            count++;
        }
        if (count == 1) {
            int scale = Long.numberOfTrailingZeros(left);
            queues.runTogether(Commands.tlbRange(low, scale, (int) (left >>> scale) - 1), Commands.tlbRangeHigh(first, leaf, granuleShift));
            return;
        }
        var queue = queues.mine();
        long ticket = queue.take(count + 1);
        long at = first;
        for (int i = 0; i < count; i++) {
            int scale = Long.numberOfTrailingZeros(left);
            int number = (int) (left >>> scale) & RANGE_NUMBERS - 1;
            if (scale == 0 && number == 1) {
                // As a range this would be a reserved combination.
                queue.put(ticket, i, low, Commands.tlbHigh(at, leaf));
            } else {
                queue.put(ticket, i, Commands.tlbRange(low, scale, number - 1), Commands.tlbRangeHigh(at, leaf, granuleShift));
            }
            at += (long) number << scale + granuleShift;
            left -= (long) number << scale;
        }
        queue.finish(ticket, count + 1);
    }

    /** The pages of {@code [first, last]}, wherever a domain's users may have them; see {@link #stage1Range}. */
    void range(InvalidationArray targets, long first, long last, long pageSize, boolean leaf) {
        boolean wholeVmid = false;
        int index = 0;
        for (; index < targets.size() && InvalidationTarget.kind(targets.target(index)) < InvalidationTarget.DEVICE; index++) {
            long target = targets.target(index);
            int id = InvalidationTarget.id(target);
            if (targets.users(index) != 0) {
                switch (InvalidationTarget.kind(target)) {
                    case InvalidationTarget.ASID -> stage1Range(id, first, last, pageSize, leaf);
                    case InvalidationTarget.VMID -> wholeVmid = !stage2Range(id, first, last, pageSize, leaf);
                    default -> {
                        if (!wholeVmid) {
                            run(Commands.tlb(CommandOpcode.TLBI_NH_ALL, id, 0), 0);
                        }
                    }
                }
            }
        }
        devices(targets, index, first, last);
    }

    /** Everything that a domain's users may have of it. */
    void all(InvalidationArray targets) {
        int index = 0;
        for (; index < targets.size() && InvalidationTarget.kind(targets.target(index)) < InvalidationTarget.DEVICE; index++) {
            long target = targets.target(index);
            if (targets.users(index) != 0) {
                // Stage 1 of a VMID goes with its stage 2.
                switch (InvalidationTarget.kind(target)) {
                    case InvalidationTarget.ASID -> asid(InvalidationTarget.id(target));
                    case InvalidationTarget.VMID -> vmid(InvalidationTarget.id(target));
                    default -> { }
                }
            }
        }
        devices(targets, index, 0, -1L);
    }

    /** What devices have cached of {@code [first, last]}: those from {@code from} on, as many with one SYNC as fit. */
    private void devices(InvalidationArray targets, int from, long first, long last) {
        var queue = queues.mine();
        int size = targets.size();
        int most = Math.min(batch - 1, Long.SIZE);
        for (int start = from; start < size; start += most) {
            // Who has a user is looked at once, since as many commands as were taken have to be put.
            long used = 0;
            for (int i = 0; i < Math.min(most, size - start); i++) {
                used |= targets.users(start + i) != 0 ? 1L << i : 0;
            }
            if (used != 0) {
                int count = Long.bitCount(used) + 1;
                long ticket = queue.take(count);
                for (int i = 0; used != 0; i++, used &= used - 1) {
                    long target = targets.target(start + Long.numberOfTrailingZeros(used));
                    boolean whole = InvalidationTarget.kind(target) == InvalidationTarget.WHOLE_DEVICE;
                    queue.put(ticket, i, Commands.device(InvalidationTarget.id(target), InvalidationTarget.ssid(target)),
                            whole ? Commands.deviceAllHigh() : Commands.deviceHigh(first, last));
                }
                queue.finish(ticket, count);
            }
        }
    }

    /** All that a device has cached under one StreamID and SubstreamID. */
    void device(int sid, int ssid) {
        run(Commands.device(sid, ssid), Commands.deviceAllHigh());
    }
}
