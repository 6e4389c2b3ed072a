package sluicegate.examples.tinyvtd;

import java.util.HashMap;
import java.util.Map;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.TranslationType;

/**
 * Which tables translate a device's requests: a root table with an entry for each bus, context tables with an entry for each
 * function (section 3.4). What is all zero is refused. Thread-safe.
 */
final class ContextTables {
    private final Hardware hardware;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final long root;

    ContextTables(Hardware hardware, PhysicalMemory memory, MemoryArena arena) {
        this.hardware = hardware;
        this.memory = memory;
        this.arena = arena;
        this.root = arena.allocate(MemoryArena.PAGE_SIZE);
    }

    long root() {
        return root;
    }

    /**
     * Replaces the entry of a device. In between the device is refused, so that hardware never reads half of it. Blocking needs no
     * memory.
     */
    synchronized void set(int sourceId, long low, long high) {
        boolean present = ContextEntry.P.isSet(low);
        long entry = find(sourceId, present);
        if (entry == 0) {
            return;
        }
        long oldLow = memory.get64(entry);
        int oldDomain = (int) ContextEntry.DID.get(memory.get64(entry + Long.BYTES));
        if (oldLow != 0) {
            memory.set64Release(entry, ContextEntry.P.clear(oldLow));
            hardware.publish();
            hardware.forgetContext(sourceId, oldDomain);
            hardware.forgetDomain(oldDomain);
        }
        memory.set64(entry + Long.BYTES, high);
        memory.set64Release(entry, low);
        hardware.publish();
        if (present && hardware.cachesAbsence()) {
            hardware.forgetContext(sourceId, 0);
            hardware.forgetDomain((int) ContextEntry.DID.get(high));
        }
    }

    long rootEntry(int bus) {
        return root + (long) bus * RootEntry.BYTES;
    }

    /** The entry's address; 0 if there is no table for its bus. */
    long find(int sourceId, boolean make) {
        long above = rootEntry(sourceId >>> 8);
        long table = RootEntry.CTP.inPlace(memory.get64(above));
        if (table == 0) {
            if (!make) {
                return 0;
            }
            table = arena.allocate(MemoryArena.PAGE_SIZE);
            memory.set64Release(above, table | RootEntry.P.mask());
        }
        return table + (long) (sourceId & 0xff) * ContextEntry.BYTES;
    }

    /** The page tables that some device uses, each with the number of its levels. */
    synchronized Map<Long, Integer> pageTables() {
        return pageTables(memory, contexts(memory, root));
    }

    private static Map<Long, Integer> pageTables(PhysicalMemory memory, long[] contexts) {
        var found = new HashMap<Long, Integer>();
        for (long table : contexts) {
            for (int i = 0; table != 0 && i < ContextEntry.COUNT; i++) {
                long low = memory.get64(table + (long) i * ContextEntry.BYTES);
                long high = memory.get64(table + (long) i * ContextEntry.BYTES + Long.BYTES);
                if (ContextEntry.P.isSet(low) && ContextEntry.TT.get(low) != TranslationType.PASS_THROUGH.code()) {
                    AddressWidth.of(ContextEntry.AW.get(high))
                            .ifPresent(width -> found.put(ContextEntry.SSPTPTR.inPlace(low), width.levels()));
                }
            }
        }
        return found;
    }

    /** The context tables of all buses, 0 for those without. */
    private static long[] contexts(PhysicalMemory memory, long root) {
        long[] tables = new long[RootEntry.COUNT];
        for (int bus = 0; bus < RootEntry.COUNT; bus++) {
            tables[bus] = RootEntry.CTP.inPlace(memory.get64(root + (long) bus * RootEntry.BYTES));
        }
        return tables;
    }

    /**
     * Gives back all tables of this mode that another driver, or an earlier one of this kind, has left: the fence alone, or what
     * translated until now. Hardware uses others and has forgotten these.
     *
     * @throws sluicegate.api.types.IommuException EINVAL if they are not of the arena: firmware can have left the unit on. They stay then
     */
    static void giveBack(PhysicalMemory memory, MemoryArena arena, long root) {
        long[] contexts = contexts(memory, root);
        arena.free(root, MemoryArena.PAGE_SIZE);
        pageTables(memory, contexts).forEach((top, levels) -> SecondStage.free(memory, arena, top, levels));
        free(arena, contexts);
    }

    private static void free(MemoryArena arena, long[] tables) {
        for (long table : tables) {
            if (table != 0) {
                arena.free(table, MemoryArena.PAGE_SIZE);
            }
        }
    }

    /** Refuses everybody. The root table stays in use, all zero: the fence. Nobody calls {@link #set} any more. */
    synchronized void close() {
        long[] tables = contexts(memory, root);
        for (int bus = 0; bus < RootEntry.COUNT; bus++) {
            memory.set64Release(rootEntry(bus), 0);
        }
        hardware.publish();
        hardware.forgetAll();
        free(arena, tables);
    }
}
