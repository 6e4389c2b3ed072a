package sluicegate.hw.vtd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.VtdSecondStage;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.TranslationType;

/**
 * The tables that an earlier driver left in the unit's arena: the fence of a unit that was left blocked, or all tables of one
 * that went on translating. They are read from memory, because nobody is left to ask. Tables of firmware look the
 * same but are not in the arena, and are left alone.
 */
final class LeftTables {
    private final IommuUnit unit;
    private final long root;
    private final Set<Long> contextTables = new HashSet<>();
    private final Map<Long, AddressWidth> pageTables = new HashMap<>();

    /** Finds the tables below a root table. Changes nothing. */
    LeftTables(IommuUnit unit, long root) {
        this.unit = unit;
        this.root = root;
        if (!isPage(root)) {
            return;
        }
        for (int bus = 0; bus < RootEntry.COUNT; bus++) {
            long entry = unit.memory().get64(root + (long) bus * RootEntry.BYTES);
            if (RootEntry.P.isSet(entry) && isPage(RootEntry.CTP.inPlace(entry))) {
                contexts(RootEntry.CTP.inPlace(entry));
            }
        }
    }

    private void contexts(long table) {
        contextTables.add(table);
        for (int devfn = 0; devfn < ContextEntry.COUNT; devfn++) {
            long entry = table + (long) devfn * ContextEntry.BYTES;
            long low = unit.memory().get64(entry);
            long high = unit.memory().get64(entry + Long.BYTES);
            if (ContextEntry.P.isSet(low) && ContextEntry.TT.get(low) != TranslationType.PASS_THROUGH.code()) {
                AddressWidth.of(ContextEntry.AW.get(high))
                        .ifPresent(width -> pageTables.put(ContextEntry.SSPTPTR.inPlace(low), width));
            }
        }
    }

    private boolean isPage(long address) {
        return unit.memory().contains(address, MemoryArena.PAGE_SIZE);
    }

    /**
     * Gives them back. The hardware uses other tables and has forgotten these.
     *
     * @param inUse pages of the new driver, which are not given back whatever points to them: what was left may be broken
     */
    void free(LongPredicate inUse) {
        var arena = new Guarded(unit.arena(), inUse);
        if (!tryFree(() -> arena.free(root, MemoryArena.PAGE_SIZE))) {
            return;
        }
        contextTables.forEach(table -> tryFree(() -> arena.free(table, MemoryArena.PAGE_SIZE)));
        pageTables.forEach((top, width) -> {
            var format = new VtdSecondStage(width, 1L << 12);
            tryFree(() -> new PageTable(format, unit.memory(), arena, gather -> {}, top).free());
        });
    }

    /** A table that is not, or not wholly, in the arena is none of a driver's: what is left of it stays. */
    private static boolean tryFree(Runnable free) {
        try {
            free.run();
            return true;
        } catch (IommuException notOurs) {
            return false;
        }
    }

    /** The arena without the pages that are in use. */
    private record Guarded(MemoryArena arena, LongPredicate inUse) implements MemoryArena {
        @Override
        public long allocate(long size) {
            return arena.allocate(size);
        }

        @Override
        public void free(long address, long size) {
            if (inUse.test(address)) {
                throw IommuException.of(Errno.EINVAL, "Page %s is in use, although a table that was left points to it",
                        Hex.of(address));
            }
            arena.free(address, size);
        }

        @Override
        public long allocatedBytes() {
            return arena.allocatedBytes();
        }
    }
}
