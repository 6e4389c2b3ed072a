package sluicegate.hw.vtd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
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

    /** Gives them back. The hardware uses other tables and has forgotten these. */
    void free() {
        if (!free(root)) {
            return;
        }
        contextTables.forEach(this::free);
        pageTables.forEach((top, width) -> {
            try {
                new PageTable(new VtdSecondStage(width, 1L << 12), unit.memory(), unit.arena(), gather -> {}, top).free();
            } catch (IommuException notOurs) {
                // A table that is not wholly in the arena is none of a driver's: what is left of it stays.
            }
        });
    }

    private boolean free(long page) {
        try {
            unit.arena().free(page, MemoryArena.PAGE_SIZE);
            return true;
        } catch (IommuException notOurs) {
            return false;
        }
    }
}
