package sluicegate.hw.smmuv3;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.hw.common.GuardedArena;
import sluicegate.pgtable.ArmLpae;
import sluicegate.pgtable.PageTable;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.L1ContextDescriptor;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * What an earlier driver of this kind left in the unit's arena: the fence of a unit that was left blocked, or all tables of one
 * that went on translating. They are read from memory, because nobody is left to ask. Tables of firmware look the same but are
 * not in the arena, and are left alone.
 */
final class LeftTables {
    /** So many entries are looked at, and no more: who left a larger table had to have 32 MiB for its first level alone. */
    private static final int MAX_FIRST_BITS = 22;
    private static final int LEAF_BITS = 10;
    private static final int MAX_CONTEXT_BITS = 20;

    private final IommuUnit unit;
    private final PhysicalMemory memory;
    /** By address: bytes. What the stream table consists of. */
    private final Map<Long, Long> streamBlocks = new LinkedHashMap<>();
    /** By address: bytes. What it leads to. */
    private final Map<Long, Long> blocks = new LinkedHashMap<>();
    private final Map<Long, ArmLpae> pageTables = new HashMap<>();
    private final BitSet asids = new BitSet();
    private final BitSet vmids = new BitSet();
    private final Set<Integer> answersWithPasid = new HashSet<>();
    private final long base;
    private final Optional<StreamTableForm> form;

    /** Finds what hangs on the registers as they are. Changes nothing. */
    LeftTables(IommuUnit unit, Smmuv3Window window) {
        this.unit = unit;
        this.memory = unit.memory();
        queue(window, Reports.EVENTS);
        queue(window, Reports.PAGE_REQUESTS);
        base = StrtabBaseRegister.ADDR.inPlace(window.read64(StrtabBaseRegister.OFFSET));
        form = StreamTableForm.of(Integer.toUnsignedLong(window.read32(StrtabBaseCfgRegister.OFFSET)));
        form.filter(each -> each.firstCount() <= 1L << MAX_FIRST_BITS && add(streamBlocks, base, each.firstBytes()))
                .ifPresent(this::streams);
    }

    private void queue(Smmuv3Window window, ReportQueue.Registers registers) {
        if (window.isOn(registers.enable())) {
            long queue = window.read64(registers.base());
            add(blocks, EventqBaseRegister.ADDR.inPlace(queue), (long) registers.recordBytes() << EventqBaseRegister.LOG2SIZE.get(queue));
        }
    }

    private void streams(StreamTableForm of) {
        if (!of.twoLevel()) {
            entries(0, base, of.firstCount());
            return;
        }
        for (long i = 0; i < of.firstCount(); i++) {
            long descriptor = memory.get64(base + i * L1StreamTableDescriptor.BYTES);
            long table = L1StreamTableDescriptor.L2PTR.inPlace(descriptor);
            int count = of.secondCount(descriptor);
            if (count != 0 && add(streamBlocks, table, (long) count * StreamTableEntry.BYTES)) {
                entries((int) (i << of.split()), table, count);
            }
        }
    }

    private void entries(int firstSid, long table, long count) {
        for (long i = 0; i < count; i++) {
            long entry = table + i * StreamTableEntry.BYTES;
            long word = memory.get64(entry);
            if (!StreamTableEntry.V.isSet(word)) {
                continue;
            }
            int config = (int) StreamTableEntry.CONFIG.get(word);
            if (config == StreamTableEntry.CONFIG_S1) {
                vmids.set((int) StreamTableEntry.S2VMID.get(memory.get64(entry + 2 * Long.BYTES)));
                if (StreamTableEntry.PPAR.isSet(memory.get64(entry + Long.BYTES))) {
                    answersWithPasid.add(firstSid + (int) i);
                }
                contexts(word);
            } else if (config == StreamTableEntry.CONFIG_S2 || config == StreamTableEntry.CONFIG_NESTED) {
                stage2(memory.get64(entry + 2 * Long.BYTES), memory.get64(entry + 3 * Long.BYTES));
            }
        }
    }

    private void contexts(long word) {
        if (StreamTableEntry.S1CDMAX.get(word) == 0) {
            long table = StreamTableEntry.S1CONTEXTPTR.inPlace(word);
            if (isMemory(table, ContextDescriptor.BYTES)) {
                // One of the places of a page of them.
                add(blocks, table & -MemoryArena.PAGE_SIZE, 2L * ContextDescriptor.BYTES);
                context(table);
            }
        } else {
            contextTable(word, (table, bytes) -> add(blocks, table, bytes), (ssid, address) -> context(address));
        }
    }

    /** Takes a block of memory that was found. */
    @FunctionalInterface
    private interface BlockFilter {
        /** Whether to look into it. */
        boolean test(long address, long bytes);
    }

    /** Takes a context descriptor that was found. */
    @FunctionalInterface
    private interface DescriptorUser {
        void take(int ssid, long address);
    }

    /** The descriptors of a stream with SubstreamIDs. */
    private void contextTable(long word, BlockFilter block, DescriptorUser user) {
        long table = StreamTableEntry.S1CONTEXTPTR.inPlace(word);
        int bits = (int) StreamTableEntry.S1CDMAX.get(word);
        if (bits > MAX_CONTEXT_BITS) {
            return;
        }
        if (StreamTableEntry.S1FMT.get(word) == StreamTableEntry.S1FMT_LINEAR) {
            descriptors(table, 0, 1 << bits, block, user);
        } else if (bits > LEAF_BITS && block.test(table, (long) L1ContextDescriptor.BYTES << bits - LEAF_BITS)) {
            for (int i = 0; i < 1 << bits - LEAF_BITS; i++) {
                long descriptor = memory.get64(table + (long) i * L1ContextDescriptor.BYTES);
                if (L1ContextDescriptor.V.isSet(descriptor)) {
                    descriptors(L1ContextDescriptor.L2PTR.inPlace(descriptor), i << LEAF_BITS, 1 << LEAF_BITS, block, user);
                }
            }
        }
    }

    private void descriptors(long table, int first, int count, BlockFilter block, DescriptorUser user) {
        if (block.test(table, (long) ContextDescriptor.BYTES * count)) {
            for (int i = 0; i < count; i++) {
                user.take(first + i, table + (long) i * ContextDescriptor.BYTES);
            }
        }
    }

    private void context(long address) {
        long word = memory.get64(address);
        if (ContextDescriptor.V.isSet(word)) {
            asids.set((int) ContextDescriptor.ASID.get(word));
        }
        if (ContextDescriptor.V.isSet(word) && !ContextDescriptor.EPD0.isSet(word)) {
            int granule = granule(ContextDescriptor.TG0.get(word));
            int bits = Long.SIZE - (int) ContextDescriptor.T0SZ.get(word);
            long top = ContextDescriptor.TTB0.inPlace(memory.get64(address + Long.BYTES));
            format(() -> ArmLpae.stage1(granule, bits, Long.SIZE, 1L << granule), top);
        }
    }

    private void stage2(long walk, long table) {
        vmids.set((int) StreamTableEntry.S2VMID.get(walk));
        int granule = granule(StreamTableEntry.S2TG.get(walk));
        int bits = Long.SIZE - (int) StreamTableEntry.S2T0SZ.get(walk);
        format(() -> ArmLpae.stage2(granule, bits, Long.SIZE, 1L << granule, false), StreamTableEntry.S2TTB.inPlace(table));
    }

    private void format(java.util.function.Supplier<ArmLpae> format, long top) {
        if (!unit.arena().holds(top)) {
            return; // an address space's, which may be gone
        }
        try {
            pageTables.put(top, format.get());
        } catch (IllegalArgumentException noSuchTable) {
            // What was left may be broken; then it is nobody's page table.
        }
    }

    private static int granule(long code) {
        return code == ContextDescriptor.TG0_4K ? 12 : code == ContextDescriptor.TG0_16K ? 14 : 16;
    }

    /** Whether there is such a block that was not seen yet. */
    private boolean add(Map<Long, Long> kind, long address, long bytes) {
        return isMemory(address, bytes) && !streamBlocks.containsKey(address) && !blocks.containsKey(address)
                && kind.put(address, bytes) == null;
    }

    private boolean isMemory(long address, long bytes) {
        return address != 0 && (address & Long.BYTES - 1) == 0 && memory.contains(address, bytes);
    }

    /** The stream table that was in use. */
    long base() {
        return base;
    }

    /** Its form; empty if there is none such. */
    Optional<StreamTableForm> form() {
        return form;
    }

    /** Whether it is no more than the first level of a stream table, with which a unit was left blocked. */
    boolean isFence() {
        return blocks.isEmpty() && pageTables.isEmpty() && streamBlocks.size() <= 1;
    }

    /** Whether the device of a stream is told the PASID in answers to its page requests. */
    boolean answersWithPasid(int sid) {
        return answersWithPasid.contains(sid);
    }

    /** With what hardware tags translations of stage 1. */
    BitSet asids() {
        return (BitSet) asids.clone();
    }

    /** With what it tags those of stage 2. */
    BitSet vmids() {
        return (BitSet) vmids.clone();
    }

    /**
     * The context descriptors of the SubstreamIDs of a stream, as they are now.
     *
     * @param word the first of its stream table entry
     */
    Map<Integer, long[]> substreams(long word) {
        var found = new TreeMap<Integer, long[]>();
        if (StreamTableEntry.V.isSet(word) && StreamTableEntry.CONFIG.get(word) == StreamTableEntry.CONFIG_S1
                && StreamTableEntry.S1CDMAX.get(word) != 0) {
            contextTable(word, this::isMemory, (ssid, address) -> {
                if (ssid != 0 && ContextDescriptor.V.isSet(memory.get64(address))) {
                    long[] descriptor = new long[EntryWriter.WORDS];
                    for (int i = 0; i < descriptor.length; i++) {
                        descriptor[i] = memory.get64(address + (long) i * Long.BYTES);
                    }
                    found.put(ssid, descriptor);
                }
            });
        }
        return found;
    }

    /**
     * Gives everything back. The hardware uses other tables and has forgotten these.
     *
     * @param inUse pages of the new driver, which are not given back whatever points to them: what was left may be broken
     */
    void free(LongPredicate inUse) {
        freeTables(inUse);
        var arena = new GuardedArena(unit.arena(), inUse);
        streamBlocks.forEach((address, bytes) -> GuardedArena.tryFree(() -> arena.free(address, bytes)));
    }

    /** The same without the stream table itself, which the new driver goes on with. */
    void freeTables(LongPredicate inUse) {
        var arena = new GuardedArena(unit.arena(), inUse);
        pageTables.forEach((top, format) -> GuardedArena.tryFree(() -> new PageTable(format, memory, arena, gather -> {}, top).free()));
        blocks.forEach((address, bytes) -> GuardedArena.tryFree(() -> arena.free(address, bytes)));
    }
}
