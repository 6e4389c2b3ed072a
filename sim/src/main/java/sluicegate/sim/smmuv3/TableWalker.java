package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.cache.TranslationCache;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.vmsa.Stage1Descriptor;

/**
 * The walk of translation tables of both stages (DDI 0487, D8.2; faults in the order of 7.3.22), from the TLB where that has
 * the page, or the last table on the way to it. Tables of stage 1 under a stage 2 are read through it. Allocates nothing.
 */
final class TableWalker {
    private static final int LAST_LEVEL = 3;
    private static final long VALID = Stage1Descriptor.VALID.mask();
    private static final long TYPE = Stage1Descriptor.TYPE.mask();
    private static final long PAGE = VALID | TYPE;
    private static final long AF = Stage1Descriptor.AF.mask();
    private static final long ADDRESS = Stage1Descriptor.ADDR.mask();
    private static final Field CONTIGUOUS = Stage1Descriptor.CONTIGUOUS;
    private static final long HIERARCHY = Stage1Descriptor.APTABLE.mask() | Stage1Descriptor.UXNTABLE.mask()
            | Stage1Descriptor.PXNTABLE.mask();

    private final PhysicalMemory memory;
    private final Tlb tlb;
    private final WalkCache walks;
    /** Whether addresses of 52 bits exist, with a granule of 64 KiB. */
    private final boolean wideAddresses;

    TableWalker(PhysicalMemory memory, Tlb tlb, Smmuv3Capabilities capabilities) {
        this.memory = memory;
        this.tlb = tlb;
        this.walks = tlb.walks();
        this.wideAddresses = capabilities.outputBits() > 48;
    }

    /**
     * The page of stage 1 for an address.
     *
     * @param access {@link StreamAccess} bits
     * @param update whether descriptors may be updated where the configuration asks for that
     * @param since when what is read began to be read; see {@link Tlb#fill}
     * @return a {@link LeafWord} that grants the access, or a {@link FaultWord}
     */
    long stage1(Configuration configuration, long input, int access, boolean update, long since) {
        var tables = configuration.tablesFor(input);
        if (tables == null || !tables.inRange(input)) {
            return FaultWord.stage1(EventType.F_TRANSLATION);
        }
        return page(tables, configuration.stage2, input, access, update, since);
    }

    /**
     * The page of both stages in one, which is what the TLB keeps of them; otherwise as {@link #stage1}. One that lacks
     * permissions is walked again, to find out which stage does not give them.
     */
    long nested(Configuration configuration, long input, int access, boolean update, long since) {
        var tables = configuration.tablesFor(input);
        if (tables == null || !tables.inRange(input)) {
            return FaultWord.stage1(EventType.F_TRANSLATION);
        }
        if (tables.tag() != AddressSpaceTags.NONE) {
            long kept = tlb.find(tables.tag(), configuration.smallestSize(tables), StageTables.cacheAddress(input));
            if (kept != TranslationCache.NONE && LeafWord.missing(kept, access) == 0) {
                return kept;
            }
        }
        return both(configuration, tables, input, access, update, since);
    }

    private long both(Configuration configuration, StageTables tables, long input, int access, boolean update, long since) {
        long first = page(tables, configuration.stage2, input, access, update, since);
        if (FaultWord.isFault(first)) {
            return first;
        }
        long second = stage2(configuration.stage2, LeafWord.translate(first, input), access, update, since);
        if (FaultWord.isFault(second)) {
            return second;
        }
        return keep(tables, input, LeafWord.combine(first, second, input), update, since);
    }

    /** Keeps a page that was read; or a {@link FaultWord} if the TLB has what contradicts it. */
    private long keep(StageTables tables, long input, long leaf, boolean update, long since) {
        long address = StageTables.cacheAddress(input);
        if (tlb.conflicts(tables.tag(), address, leaf)) {
            return fault(tables, EventType.F_TLB_CONFLICT, input);
        }
        if (update) {
            tlb.fill(tables.tag(), address, leaf, since);
        }
        return leaf;
    }

    /**
     * The page for a low address in range that the TLB does not have, of the stages that there are; kept there.
     *
     * @return a {@link LeafWord}, which may lack permissions, or a {@link FaultWord}
     */
    long read(Configuration configuration, long input, int access, long since) {
        if (configuration.stage1 && configuration.stage2 != null) {
            return both(configuration, configuration.low, input, access, true, since);
        }
        var tables = configuration.stage1 ? configuration.low : configuration.stage2;
        long leaf = walk(tables, null, input, access, true, since);
        return FaultWord.isFault(leaf) ? leaf : keep(tables, input, leaf, true, since);
    }

    /** The page of stage 2 for an address; otherwise as {@link #stage1}. */
    long stage2(StageTables tables, long input, int access, boolean update, long since) {
        if (!tables.inRange(input)) {
            return FaultWord.stage2(EventType.F_TRANSLATION, input);
        }
        return page(tables, null, input, access, update, since);
    }

    private long page(StageTables tables, StageTables under, long input, int access, boolean update, long since) {
        long address = StageTables.cacheAddress(input);
        // No page of a stage 1 with a stage 2 is kept but both in one.
        boolean kept = under == null && tables.tag() != AddressSpaceTags.NONE;
        long leaf = kept ? tlb.find(tables.tag(), LeafWord.sizeOf(tables.granuleShift()), address) : TranslationCache.NONE;
        // A page that is not dirty yet is cached without write permission: the write has to go through the tables.
        if (leaf == TranslationCache.NONE || tables.has(StageTables.HD) && LeafWord.missing(leaf, access) != 0) {
            leaf = walk(tables, under, input, access, update, since);
            if (!FaultWord.isFault(leaf) && kept) {
                leaf = keep(tables, input, leaf, update, since);
            }
            if (FaultWord.isFault(leaf)) {
                return leaf;
            }
        }
        return LeafWord.missing(leaf, access) == 0 ? leaf : fault(tables, EventType.F_PERMISSION, input);
    }

    /** @return a {@link LeafWord}, which may lack permissions, or a {@link FaultWord} */
    private long walk(StageTables tables, StageTables under, long input, int access, boolean update, long since) {
        long known = walks.find(tables.tag(), tables.granuleShift(), StageTables.cacheAddress(input));
        if (known != WalkCache.NONE) {
            long leaf = fromLastTable(tables, under != null, known, input, access, update);
            if (leaf != TranslationCache.NONE) {
                return leaf;
            }
        }
        return fromTop(tables, under, input, access, update, since);
    }

    /**
     * The page, if there is one that grants the access. A guest's descriptor that has to be updated takes a walk from the top, because
     * stage 2 has to permit that, and knows it by another address.
     */
    private long fromLastTable(StageTables tables, boolean nested, long known, long input, int access, boolean update) {
        int shift = tables.granuleShift();
        long at = WalkCache.table(known) + ((input >>> shift & (1L << tables.indexBits()) - 1) << 3);
        if (!memory.contains(at, Stage1Descriptor.BYTES)) {
            return TranslationCache.NONE;
        }
        long descriptor = memory.get64Acquire(at);
        if ((descriptor & PAGE) != PAGE || output(tables, descriptor, shift) >>> tables.outputBits() != 0) {
            return TranslationCache.NONE;
        }
        long hierarchy = WalkCache.hierarchy(known);
        long updated = updated(tables, descriptor, hierarchy, access);
        if (updated != descriptor && update && (nested || !memory.compareAndSet64(at, descriptor, updated))) {
            return TranslationCache.NONE;
        }
        if ((updated & AF) == 0 && !tables.has(StageTables.AFFD)) {
            return TranslationCache.NONE;
        }
        long leaf = leaf(tables, at, updated, hierarchy, LAST_LEVEL, shift);
        return LeafWord.missing(leaf, access) == 0 ? leaf : TranslationCache.NONE;
    }

    private long fromTop(StageTables tables, StageTables under, long input, int access, boolean update, long since) {
        int bits = tables.indexBits();
        int level = tables.startLevel();
        int shift = tables.shift(level);
        long table = tables.table();
        long index = (input & (1L << tables.inputBits()) - 1) >>> shift;
        long hierarchy = 0;
        while (true) {
            long slot = table + (index << 3);
            long at = under == null ? slot : descriptorAddress(under, slot, StreamAccess.READ, update, since);
            if (FaultWord.isFault(at)) {
                return FaultWord.atDescriptor(at, true);
            }
            if (!memory.contains(at, Stage1Descriptor.BYTES)) {
                return FaultWord.aborted(tables.has(StageTables.STAGE2), at);
            }
            if (level == LAST_LEVEL) {
                keepTable(tables, under, input, at, hierarchy, since);
            }
            long descriptor = memory.get64Acquire(at);
            boolean typed = (descriptor & TYPE) != 0;
            if ((descriptor & VALID) == 0 || !typed && !isBlockLevel(level, tables.granuleShift())) {
                return fault(tables, EventType.F_TRANSLATION, input);
            }
            if (level == LAST_LEVEL || !typed) {
                if (output(tables, descriptor, shift) >>> tables.outputBits() != 0) {
                    return fault(tables, EventType.F_ADDR_SIZE, input);
                }
                long updated = updated(tables, descriptor, hierarchy, access);
                if (updated != descriptor && update) {
                    long written = write(under, slot, at, descriptor, updated, since);
                    if (FaultWord.isFault(written)) {
                        return written;
                    }
                    if (written == 0) {
                        continue; // Somebody else changed it: look again.
                    }
                }
                if ((updated & AF) == 0 && !tables.has(StageTables.AFFD)) {
                    return fault(tables, EventType.F_ACCESS, input);
                }
                return leaf(tables, at, updated, hierarchy, level, shift);
            }
            table = output(tables, descriptor, tables.granuleShift());
            if (table >>> tables.outputBits() != 0) {
                return fault(tables, EventType.F_ADDR_SIZE, input);
            }
            if (!tables.has(StageTables.HAD)) {
                hierarchy |= descriptor & HIERARCHY;
            }
            level++;
            shift -= bits;
            index = input >>> shift & (1L << bits) - 1;
        }
    }

    /** Keeps where the last table is, if there is one above it, and all of it is in one place: not if pages of stage 2 are smaller. */
    private void keepTable(StageTables tables, StageTables under, long input, long at, long hierarchy, long since) {
        int granule = tables.granuleShift();
        if (tables.startLevel() < LAST_LEVEL && (under == null || under.granuleShift() >= granule)) {
            walks.fill(tables.tag(), granule, StageTables.cacheAddress(input), at & -1L << granule, hierarchy, since);
        }
    }

    /** The page of a valid descriptor. */
    private long leaf(StageTables tables, long at, long descriptor, long hierarchy, int level, int shift) {
        long rights = Permissions.of(tables, descriptor, hierarchy) | Permissions.properties(tables, descriptor);
        int together = CONTIGUOUS.isSet(descriptor) ? contiguousShift(tables, at, descriptor, level, shift) : shift;
        return LeafWord.page(output(tables, descriptor, shift) & -1L << together, together, rights);
    }

    /**
     * Size of the page that a descriptor with the contiguous hint and its neighbours make together; its own if they do not say
     * the same for one range, which is for software to avoid and for hardware to do with what it wants (DDI 0487, Contiguous bit).
     */
    private int contiguousShift(StageTables tables, long at, long descriptor, int level, int shift) {
        int bits = Granule.contiguousBits(tables.granuleShift(), level);
        int together = shift + bits;
        long first = at & -(long) Stage1Descriptor.BYTES << bits;
        if (!LeafWord.isSize(together) || together > tables.inputBits() || !memory.contains(first, Stage1Descriptor.BYTES << bits)) {
            return shift;
        }
        long address = output(tables, descriptor, together);
        long same = ~addressBits(tables, shift);
        for (int i = 0; i < 1 << bits; i++) {
            long neighbour = memory.get64Acquire(first + (long) i * Stage1Descriptor.BYTES);
            if (((neighbour ^ descriptor) & same) != 0 || output(tables, neighbour, shift) != address + ((long) i << shift)) {
                return shift;
            }
        }
        return together;
    }

    private long addressBits(StageTables tables, int shift) {
        long high = wideAddresses && tables.granuleShift() == Granule.SHIFT_64K ? Stage1Descriptor.ADDR_HIGH.mask() : 0;
        return ADDRESS & -1L << shift | high;
    }

    /** The physical address of a descriptor that stage 2 maps, or a {@link FaultWord} of stage 2. */
    long descriptorAddress(StageTables under, long address, int access, boolean update, long since) {
        long mapped = stage2(under, address, access, update, since);
        if (FaultWord.isFault(mapped)) {
            return mapped;
        }
        if (under.has(StageTables.PTW) && (mapped & LeafWord.DEVICE) != 0) {
            return FaultWord.stage2(EventType.F_PERMISSION, address);
        }
        return LeafWord.translate(mapped, address);
    }

    private boolean isBlockLevel(int level, int granuleShift) {
        return level == 2 || level == 1 && Granule.hasBlocksAtLevel1(granuleShift, wideAddresses);
    }

    private long output(StageTables tables, long descriptor, int shift) {
        long address = descriptor & ADDRESS & -1L << shift;
        return wideAddresses && tables.granuleShift() == Granule.SHIFT_64K
                ? address | Stage1Descriptor.ADDR_HIGH.get(descriptor) << 48
                : address;
    }

    /** The descriptor as hardware leaves it behind (3.13): with access flag, and writable if it is to become dirty. */
    private static long updated(StageTables tables, long descriptor, long hierarchy, int access) {
        if (!tables.has(StageTables.HA)) {
            return descriptor;
        }
        long accessed = descriptor | AF;
        if (tables.has(StageTables.HD) && StreamAccess.writes(access) && Stage1Descriptor.DBM.isSet(descriptor)) {
            long dirty = Permissions.writable(tables, accessed);
            if (LeafWord.missing(Permissions.of(tables, dirty, hierarchy), access) == 0) {
                return dirty;
            }
        }
        return accessed;
    }

    /** @return 1 if the descriptor was replaced, 0 if it has changed meanwhile, or a {@link FaultWord} */
    private long write(StageTables under, long slot, long at, long descriptor, long updated, long since) {
        if (under != null) {
            long writable = descriptorAddress(under, slot, StreamAccess.WRITE, true, since);
            if (FaultWord.isFault(writable)) {
                return FaultWord.atDescriptor(writable, false);
            }
        }
        return memory.compareAndSet64(at, descriptor, updated) ? 1 : 0;
    }

    private static long fault(StageTables tables, EventType event, long input) {
        return tables.has(StageTables.STAGE2) ? FaultWord.stage2(event, input) : FaultWord.stage1(event);
    }
}
