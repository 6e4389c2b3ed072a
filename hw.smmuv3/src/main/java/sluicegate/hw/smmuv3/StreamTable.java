package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * The stream table of one unit (sections 3.3.1, 5.1 and 5.2): what becomes of the requests of each stream. Every entry aborts
 * until something else is written. With two levels a second-level table is made when the first of its streams is
 * wanted; streams without one have no entry, and the unit records C_BAD_STREAMID for them.
 *
 * <p>An entry that can't be replaced by storing a single word ({@link EntryWriter}) is replaced with its table: the second-level
 * table is written once more with the new entry in it, and the descriptor of 64 bits that leads to it is the switch (section 5.1.1
 * says what has to be invalidated then). So even from stage 2 to stage 2, where VMID and table are in different words, a
 * request meets the old entry or the new one. A linear table has no such descriptor, and there may be no memory: then the
 * entry is invalid for a moment.
 *
 * <p>Not thread-safe: the unit has one change made at a time.
 */
final class StreamTable {
    private static final EntryUse USE = new StreamEntryUse();
    private static final int WORDS = StreamTableEntry.WORDS;

    private final String unit;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final StreamTableForm form;
    private final long base;
    /** Tables that nothing leads to any more, but that hardware may still know. */
    private final List<Block> unforgotten = new ArrayList<>();

    /** Memory of the arena. */
    record Block(long address, long bytes) {}

    private StreamTable(String unit, PhysicalMemory memory, MemoryArena arena, StreamTableForm form, long base) {
        this.unit = unit;
        this.memory = memory;
        this.arena = arena;
        this.form = form;
        this.base = base;
    }

    /** A new table whose streams all abort. @throws IommuException ENOMEM */
    static StreamTable create(String unit, Smmuv3Capabilities capabilities, PhysicalMemory memory, MemoryArena arena) {
        var form = StreamTableForm.of(capabilities);
        var table = new StreamTable(unit, memory, arena, form, arena.allocate(form.firstBytes()));
        if (!form.twoLevel()) {
            table.fill(table.base, 1 << form.bits());
        }
        return table;
    }

    /**
     * A table that an earlier driver left in the arena and that hardware is using. It stays as it is.
     *
     * @param base from SMMU_STRTAB_BASE
     */
    static StreamTable adopt(String unit, PhysicalMemory memory, MemoryArena arena, StreamTableForm form, long base) {
        return new StreamTable(unit, memory, arena, form, base);
    }

    /**
     * Whether that is a table that can be gone on with: SMMU_STRTAB_BASE may not be written while translation is on (section
     * 6.3.24), so what it leads to has to have room for all streams.
     */
    static boolean fits(Smmuv3Capabilities capabilities, PhysicalMemory memory, StreamTableForm form, long base) {
        return base != 0 && form.bits() >= StreamTableForm.of(capabilities).bits() && memory.contains(base, form.firstBytes())
                && (base & Math.max(form.firstBytes(), MemoryArena.PAGE_SIZE) - 1) == 0;
    }

    StreamTableForm form() {
        return form;
    }

    long base() {
        return base;
    }

    /** What to write into SMMU_STRTAB_BASE. */
    long baseRegister() {
        return StrtabBaseRegister.ADDR.setInPlace(StrtabBaseRegister.RA.mask(), base);
    }

    /** @throws IommuException EINVAL if there can be no entry for that stream */
    void check(int sid, String device) {
        if (form.bits() < Integer.SIZE && Integer.toUnsignedLong(sid) >>> form.bits() != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: stream id %s of %s is beyond the stream table, which ends with %s; correct "
                    + "what firmware says about the device", unit, Hex.of(Integer.toUnsignedLong(sid)), device,
                    Hex.of((1L << form.bits()) - 1));
        }
    }

    /**
     * Makes the entry of a stream exist; it aborts if it is new.
     *
     * @return whether the way to it is new, so that hardware must be told
     * @throws IommuException ENOMEM
     */
    boolean ensure(int sid) {
        if (!form.twoLevel()) {
            return false;
        }
        long slot = descriptor(sid);
        long old = memory.get64(slot);
        int entries = form.secondCount(old);
        if ((sid & form.secondCount() - 1) < entries) {
            return false;
        }
        long table = arena.allocate(secondBytes());
        fill(table, form.secondCount());
        if (entries != 0) {
            copy(second(old), table, entries);
            unforgotten.add(blockOf(old));
        }
        memory.set64Release(slot, descriptorOf(table));
        return true;
    }

    /**
     * Changes an entry that exists.
     *
     * @return whether every request met the old entry or the new one; if not, some may have met an invalid one
     * @throws IommuException what the invalidator throws; the entry is as the old one or as the new one then, or invalid
     */
    boolean write(int sid, long[] target, Invalidator invalidator) {
        var place = place(sid, () -> invalidator.stream(sid, true));
        boolean single = EntryWriter.isHitless(USE, place, target);
        if (!single && exchange(sid, target, invalidator)) {
            return true;
        }
        EntryWriter.write(USE, place, target);
        return single;
    }

    /** Replaces the second-level table by one with the new entry, if there is memory for it. */
    private boolean exchange(int sid, long[] target, Invalidator invalidator) {
        if (!form.twoLevel()) {
            return false;
        }
        long table;
        try {
            table = arena.allocate(secondBytes());
        } catch (IommuException noMemory) {
            return false;
        }
        long slot = descriptor(sid);
        long old = memory.get64(slot);
        fill(table, form.secondCount());
        copy(second(old), table, form.secondCount(old));
        long entry = table + index(sid) * StreamTableEntry.BYTES;
        for (int i = 0; i < WORDS; i++) {
            memory.set64(entry + (long) i * Long.BYTES, target[i]);
        }
        boolean others = !unforgotten.isEmpty();
        unforgotten.add(blockOf(old));
        memory.set64Release(slot, descriptorOf(table));
        if (others) {
            invalidator.allStreams();
        } else {
            invalidator.streams(sid, form.split());
        }
        free(unforgotten);
        unforgotten.clear();
        return true;
    }

    private void copy(long from, long to, int entries) {
        for (long at = 0; at < (long) entries * StreamTableEntry.BYTES; at += Long.BYTES) {
            memory.set64(to + at, memory.get64(from + at));
        }
    }

    /** The words of the entry of a stream; zero, which is invalid, if it does not exist. */
    long[] words(int sid) {
        long[] words = new long[WORDS];
        boolean there = !form.twoLevel() || (sid & form.secondCount() - 1) < form.secondCount(memory.get64(descriptor(sid)));
        for (int i = 0; there && i < WORDS; i++) {
            words[i] = memory.get64(entry(sid) + (long) i * Long.BYTES);
        }
        return words;
    }

    private EntryWriter.Place place(int sid, Runnable sync) {
        return new MemoryPlace(memory, entry(sid), sync);
    }

    private long entry(int sid) {
        return form.twoLevel() ? second(memory.get64(descriptor(sid))) + index(sid) * StreamTableEntry.BYTES
                : base + (long) sid * StreamTableEntry.BYTES;
    }

    private long index(int sid) {
        return sid & form.secondCount() - 1;
    }

    private long descriptor(int sid) {
        return base + (Integer.toUnsignedLong(sid) >>> form.split()) * L1StreamTableDescriptor.BYTES;
    }

    private long descriptorOf(long table) {
        return L1StreamTableDescriptor.SPAN.set(L1StreamTableDescriptor.L2PTR.setInPlace(0, table), form.split() + 1);
    }

    private static long second(long descriptor) {
        return L1StreamTableDescriptor.L2PTR.inPlace(descriptor);
    }

    private long secondBytes() {
        return (long) form.secondCount() * StreamTableEntry.BYTES;
    }

    private Block blockOf(long descriptor) {
        return new Block(second(descriptor), (long) form.secondCount(descriptor) * StreamTableEntry.BYTES);
    }

    private void fill(long table, int entries) {
        long[] abort = StreamEntries.abort();
        for (int i = 0; i < entries; i++) {
            memory.set64Release(table + (long) i * StreamTableEntry.BYTES, abort[0]);
        }
    }

    /** Makes streams abort in memory; the caller has the hardware look at them again. @param kept those that don't */
    void abortAllBut(IntPredicate kept) {
        if (!form.twoLevel()) {
            abortAll(base, 1 << form.bits(), 0, kept);
            return;
        }
        for (long i = 0; i < form.firstCount(); i++) {
            long descriptor = memory.get64(base + i * L1StreamTableDescriptor.BYTES);
            abortAll(second(descriptor), form.secondCount(descriptor), (int) (i << form.split()), kept);
        }
    }

    private void abortAll(long table, int entries, int firstSid, IntPredicate kept) {
        long[] abort = StreamEntries.abort();
        if (!memory.contains(table, (long) entries * StreamTableEntry.BYTES)) {
            return;
        }
        for (int i = 0; i < entries; i++) {
            var place = new MemoryPlace(memory, table + (long) i * StreamTableEntry.BYTES, () -> {});
            if (!kept.test(firstSid + i)) {
                EntryWriter.write(USE, place, abort);
            }
        }
    }

    /**
     * Makes every stream abort and takes the second-level tables out. The hardware may know them until it is told.
     *
     * @return the tables, to be given to {@link #free(List)} when it has been
     */
    List<Block> detachAll() {
        var tables = new ArrayList<>(unforgotten);
        unforgotten.clear();
        if (!form.twoLevel()) {
            abortAllBut(sid -> false);
            return tables;
        }
        for (long i = 0; i < form.firstCount(); i++) {
            long slot = base + i * L1StreamTableDescriptor.BYTES;
            long descriptor = memory.get64(slot);
            if (descriptor != 0) {
                memory.set64Release(slot, 0);
                if (form.secondCount(descriptor) != 0) {
                    tables.add(blockOf(descriptor));
                }
            }
        }
        return tables;
    }

    /** Gives second-level tables back that hardware has forgotten. */
    void free(List<Block> tables) {
        tables.forEach(table -> arena.free(table.address(), table.bytes()));
    }

    /** Gives tables back that nothing leads to; before the driver leaves, because nobody would find them again. */
    void tidy(Invalidator invalidator) {
        if (!unforgotten.isEmpty()) {
            invalidator.allStreams();
            free(unforgotten);
            unforgotten.clear();
        }
    }

    /** Where the blocks of memory begin that it consists of now. */
    Set<Long> blocks() {
        var blocks = new HashSet<Long>();
        blocks.add(base);
        for (long i = 0; form.twoLevel() && i < form.firstCount(); i++) {
            long descriptor = memory.get64(base + i * L1StreamTableDescriptor.BYTES);
            if (form.secondCount(descriptor) != 0) {
                blocks.add(second(descriptor));
            }
        }
        return blocks;
    }

    /** Gives the first level back. No hardware uses it. */
    void freeBase() {
        arena.free(base, form.firstBytes());
    }
}
