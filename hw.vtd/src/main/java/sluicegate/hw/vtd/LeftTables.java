package sluicegate.hw.vtd;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.hw.common.GuardedArena;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.PageTableFormat;
import sluicegate.pgtable.VtdSecondStage;
import sluicegate.pgtable.X86LongMode;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidTranslationType;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.ScalableRootEntry;
import sluicegate.spec.vtd.TranslationType;

/**
 * The tables that an earlier driver left in the unit's arena: the fence of a unit that was left blocked, or all tables of one
 * that went on translating. They are read from memory, because nobody is left to ask. Tables of firmware look the
 * same but are not in the arena, and are left alone; so are a guest's first-stage tables.
 */
final class LeftTables {
    private final IommuUnit unit;
    private final PhysicalMemory memory;
    private final long root;
    /** By address of what is no page table: its size in bytes. */
    private final Map<Long, Long> tables = new HashMap<>();
    private final Map<Long, PageTableFormat> pageTables = new HashMap<>();
    private final Set<Long> directories = new HashSet<>();
    private final BitSet domainIds = new BitSet();

    /**
     * Finds the tables below a root table. Changes nothing.
     *
     * @param mode of the root table, as {@link RootTableAddressRegister#TTM} has it
     */
    LeftTables(IommuUnit unit, long root, int mode) {
        this.unit = unit;
        this.memory = unit.memory();
        this.root = root;
        if (!isMemory(root, MemoryArena.PAGE_SIZE)) {
            return;
        }
        if (mode == RootTableAddressRegister.LEGACY_MODE) {
            for (int bus = 0; bus < RootEntry.COUNT; bus++) {
                long entry = memory.get64(root + (long) bus * RootEntry.BYTES);
                if (RootEntry.P.isSet(entry) && isMemory(RootEntry.CTP.inPlace(entry), MemoryArena.PAGE_SIZE)) {
                    contexts(RootEntry.CTP.inPlace(entry));
                }
            }
        } else if (mode == RootTableAddressRegister.SCALABLE_MODE) {
            for (int half = 0; half < 2 * ScalableRootEntry.COUNT; half++) {
                // Both halves of a root entry have one form.
                long entry = memory.get64(root + (long) half * Long.BYTES);
                if (ScalableRootEntry.LP.isSet(entry) && isMemory(ScalableRootEntry.LCTP.inPlace(entry), MemoryArena.PAGE_SIZE)) {
                    scalableContexts(ScalableRootEntry.LCTP.inPlace(entry));
                }
            }
        }
    }

    private void contexts(long table) {
        tables.put(table, (long) MemoryArena.PAGE_SIZE);
        for (int devfn = 0; devfn < ContextEntry.COUNT; devfn++) {
            long entry = table + (long) devfn * ContextEntry.BYTES;
            long low = memory.get64(entry);
            long high = memory.get64(entry + Long.BYTES);
            if (ContextEntry.P.isSet(low)) {
                domainIds.set((int) ContextEntry.DID.get(high));
            }
            if (ContextEntry.P.isSet(low) && ContextEntry.TT.get(low) != TranslationType.PASS_THROUGH.code()) {
                secondStage(ContextEntry.SSPTPTR.inPlace(low), ContextEntry.AW.get(high));
            }
        }
    }

    private void scalableContexts(long table) {
        tables.put(table, (long) MemoryArena.PAGE_SIZE);
        for (int devfn = 0; devfn < ScalableContextEntry.COUNT; devfn++) {
            long low = memory.get64(table + (long) devfn * ScalableContextEntry.BYTES);
            long directory = ScalableContextEntry.PASIDDIRPTR.inPlace(low);
            int entries = ScalableContextEntry.directoryEntries(low);
            if (ScalableContextEntry.P.isSet(low) && isMemory(directory, (long) entries * PasidDirectoryEntry.BYTES)
                    && directories.add(directory)) {
                directory(directory, entries);
            }
        }
    }

    private void directory(long directory, int entries) {
        tables.put(directory, Math.max(MemoryArena.PAGE_SIZE, (long) entries * PasidDirectoryEntry.BYTES));
        for (int i = 0; i < entries; i++) {
            long entry = memory.get64(directory + (long) i * PasidDirectoryEntry.BYTES);
            long table = PasidDirectoryEntry.SMPTBLPTR.inPlace(entry);
            if (PasidDirectoryEntry.P.isSet(entry) && isMemory(table, MemoryArena.PAGE_SIZE)) {
                tables.put(table, (long) MemoryArena.PAGE_SIZE);
                for (int pasid = 0; pasid < PasidEntry.COUNT; pasid++) {
                    pasidEntry(table + (long) pasid * PasidEntry.BYTES);
                }
            }
        }
    }

    private void pasidEntry(long entry) {
        long low = memory.get64(entry);
        if (!PasidEntry.P.isSet(low)) {
            return;
        }
        domainIds.set((int) PasidEntry.DID.get(memory.get64(entry + Long.BYTES)));
        var type = PasidTranslationType.of(PasidEntry.PGTT.get(low));
        if (type.filter(PasidTranslationType.FIRST_STAGE::equals).isPresent()) {
            long third = memory.get64(entry + 2L * Long.BYTES);
            long top = PasidEntry.FSPTPTR.inPlace(third);
            // All others are address spaces', which may be gone.
            FirstStageMode.of(PasidEntry.FSPM.get(third)).filter(mode -> unit.arena().holds(top)).ifPresent(mode ->
                    pageTables.put(top, new X86LongMode(mode.levels(), X86LongMode.ALL_SIZES, false)));
        } else if (type.filter(each -> each != PasidTranslationType.PASS_THROUGH).isPresent()) {
            secondStage(PasidEntry.SSPTPTR.inPlace(low), PasidEntry.AW.get(low));
        }
    }

    private void secondStage(long top, long widthCode) {
        AddressWidth.of(widthCode).ifPresent(width -> pageTables.put(top, new VtdSecondStage(width, 1L << 12)));
    }

    /** With what the hardware tags what it caches of them. */
    BitSet domainIds() {
        var ids = (BitSet) domainIds.clone();
        ids.clear(DomainIds.PASS_THROUGH); // means the same to every driver
        return ids;
    }

    private boolean isMemory(long address, long bytes) {
        return memory.contains(address, bytes);
    }

    /**
     * Gives them back. The hardware uses other tables and has forgotten these.
     *
     * @param inUse pages of the new driver, which are not given back whatever points to them: what was left may be broken
     */
    void free(LongPredicate inUse) {
        var arena = new GuardedArena(unit.arena(), inUse);
        if (!GuardedArena.tryFree(() -> arena.free(root, MemoryArena.PAGE_SIZE))) {
            return;
        }
        tables.forEach((address, bytes) -> GuardedArena.tryFree(() -> arena.free(address, bytes)));
        pageTables.forEach((top, format) -> GuardedArena.tryFree(() -> new PageTable(format, memory, arena, gather -> {}, top).free()));
    }
}
