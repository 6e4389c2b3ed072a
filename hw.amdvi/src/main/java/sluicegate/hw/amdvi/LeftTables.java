package sluicegate.hw.amdvi;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
import sluicegate.hw.common.GuardedArena;
import sluicegate.pgtable.AmdHost;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.X86LongMode;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.HostPageEntry;

/**
 * The tables that an earlier driver left in the unit's arena: the fence of a unit that was left blocked, or all tables of one
 * that went on translating. They are read from memory, because nobody is left to ask. Tables of firmware look the same
 * but are not in the arena, and are left alone.
 */
final class LeftTables {
    private final IommuUnit unit;
    private final DeviceTableBases bases;
    private final Map<Long, Integer> hostTables = new HashMap<>();
    private final Map<Long, Integer> guestTables = new HashMap<>();
    private final Set<Long> pasidTables = new HashSet<>();
    /** By device id: what its entry says about remapped interrupts, if it does. */
    private final Map<Integer, Long> interrupts = new HashMap<>();
    private final BitSet domainIds = new BitSet();
    /** Device ids whose entries say so. */
    private final BitSet answersWithPasid = new BitSet();

    /** Takes what the entry of a device id says. */
    @FunctionalInterface
    interface Words {
        void take(int deviceId, long word);
    }

    /** Finds the tables below a device table. Changes nothing. */
    LeftTables(IommuUnit unit, DeviceTableBases bases) {
        this.unit = unit;
        this.bases = bases;
        var memory = unit.memory();
        int firstId = 0;
        for (var segment : bases.segments()) {
            boolean readable = memory.contains(segment.base(), segment.bytes());
            for (int i = 0; readable && i < segment.entries(); i++) {
                long at = segment.base() + (long) i * DeviceTableEntry.BYTES;
                long word2 = memory.get64(at + 16);
                long word0 = memory.get64(at);
                entry(word0, memory.get64(at + 8), word2);
                answersWithPasid.set(firstId + i, DeviceTableEntry.V.isSet(word0) && DeviceTableEntry.GPRP.isSet(word0));
                if (DeviceTableEntry.IV.isSet(word2)) {
                    interrupts.put(firstId + i, word2);
                }
            }
            firstId += bases.idsOfEach();
        }
    }

    private void entry(long word0, long word1, long word2) {
        if (!DeviceTableEntry.V.isSet(word0) || !DeviceTableEntry.TV.isSet(word0)) {
            return;
        }
        domainIds.set((int) DeviceTableEntry.DOMAINID.get(word1));
        int levels = (int) DeviceTableEntry.MODE.get(word0);
        if (levels > 0 && levels <= HostPageEntry.MAX_LEVELS) {
            hostTables.put(DeviceTableEntry.ROOT.inPlace(word0), levels);
        }
        int guestLevels = 4 + (int) DeviceTableEntry.GPTMODE.get(word2);
        // Behind host tables they are a guest's, at a guest's addresses.
        if (DeviceTableEntry.GV.isSet(word0) && levels == 0 && guestLevels <= 5) {
            pasids(DeviceTableEntry.gcr3Root(word0, word1), (int) DeviceTableEntry.GLX.get(word0), guestLevels);
        }
    }

    private void pasids(long table, int level, int guestLevels) {
        if (!isPage(table) || !pasidTables.add(table)) {
            return;
        }
        for (int i = 0; i < Gcr3Entry.COUNT; i++) {
            long entry = unit.memory().get64(table + (long) i * Gcr3Entry.BYTES);
            if (Gcr3Entry.V.isSet(entry)) {
                if (level > 0) {
                    pasids(Gcr3Entry.CR3.inPlace(entry), level - 1, guestLevels);
                } else if (unit.arena().holds(Gcr3Entry.CR3.inPlace(entry))) {
                    // All others are address spaces', which may be gone.
                    guestTables.put(Gcr3Entry.CR3.inPlace(entry), guestLevels);
                }
            }
        }
    }

    private boolean isPage(long address) {
        return unit.memory().contains(address, MemoryArena.PAGE_SIZE);
    }

    /** With what hardware tags what it caches of them. */
    BitSet domainIds() {
        return (BitSet) domainIds.clone();
    }

    /** Whether answers to page requests of a device have to carry the PASID. */
    boolean answersWithPasid(int deviceId) {
        return answersWithPasid.get(deviceId);
    }

    /** The third word of each entry that remaps interrupts. */
    void remappedInterrupts(Words reader) {
        interrupts.forEach(reader::take);
    }

    /**
     * Gives them back. The hardware uses other tables and has forgotten these.
     *
     * @param inUse pages of the new driver, which are not given back whatever points to them: what was left may be broken
     */
    void free(LongPredicate inUse) {
        var arena = new GuardedArena(unit.arena(), inUse);
        boolean ours = false;
        for (var segment : bases.segments()) {
            ours |= GuardedArena.tryFree(() -> arena.free(segment.base(), segment.bytes()));
        }
        if (!ours) {
            return;
        }
        pasidTables.forEach(table -> GuardedArena.tryFree(() -> arena.free(table, MemoryArena.PAGE_SIZE)));
        hostTables.forEach((top, levels) -> GuardedArena.tryFree(() ->
                new PageTable(new AmdHost(levels, AmdHost.ALL_SIZES), unit.memory(), arena, gather -> { }, top).free()));
        guestTables.forEach((top, levels) -> GuardedArena.tryFree(() ->
                new PageTable(new X86LongMode(levels, X86LongMode.ALL_SIZES, false), unit.memory(), arena, gather -> { }, top)
                        .free()));
    }
}
