package sluicegate.bench;

import java.util.EnumSet;
import java.util.List;
import sluicegate.api.types.Prot;
import sluicegate.firmware.AmdviFeatures;
import sluicegate.firmware.AmdviFlag;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.pgtable.AmdHost;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.PageTableFormat;
import sluicegate.pgtable.X86LongMode;
import sluicegate.sim.amdvi.AmdviCapabilities;
import sluicegate.sim.amdvi.AmdviUnit;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.Gcr3Entry;

/** An AMD IOMMU alone, without a machine and a driver, whose tables map a range by small pages. */
final class AmdviBenchUnit implements AutoCloseable {
    static final int REQUESTER = 0x0028;
    static final int PASID = 5;

    private static final long TARGET = 1L << 20;
    private static final long PAGE = 4096;
    private static final int DOMAIN = 7;

    final AmdviUnit unit;
    private final HeapMemory memory;
    private final UnitArena arena;
    private final InterruptController interrupts = new InterruptController("bench");

    /** @param stage {@code host}, {@code guest} for requests without PASID, {@code pasid} or {@code nested} */
    AmdviBenchUnit(String stage, long span) {
        var map = new AddressMap(List.of(new AddressMap.Range(0, 2L << 30), new AddressMap.Range(4L << 30, 1L << 30)));
        memory = new HeapMemory(map);
        arena = new UnitArena("ivhd0", memory, new PageAllocator(map, List.of(new AddressMap.Range(0, 2L << 30))));
        var features = new AmdviFeatures(EnumSet.allOf(AmdviFlag.class), 6, 5, 3, 20, 48, 1);
        unit = new AmdviUnit(new UnitPlace(null, "ivhd0", 0xfed8_0000L, 0),
                AmdviCapabilities.of(features), memory, arena, interrupts);
        var host = stage.equals("host") ? table(new AmdHost(4, PAGE), TARGET, span)
                : stage.equals("nested") ? identity() : null;
        var guest = stage.equals("host") ? null : table(new X86LongMode(4, PAGE, true), TARGET, span);
        start(host, guest, stage.equals("guest"));
    }

    private PageTable table(PageTableFormat format, long target, long span) {
        var table = new PageTable(format, memory, arena, gather -> { });
        table.map(0, target, PAGE, span / PAGE, Prot.READ | Prot.WRITE);
        return table;
    }

    /** Host tables that map all memory to itself by small pages: where pages lie, and where a guest's tables do. */
    private PageTable identity() {
        var table = table(new AmdHost(4, PAGE), 0, 2L << 30);
        table.map(4L << 30, 4L << 30, PAGE, (1L << 30) / PAGE, Prot.READ | Prot.WRITE);
        return table;
    }

    private void start(PageTable host, PageTable guest, boolean withoutPasid) {
        long low = DeviceTableEntry.V.mask() | DeviceTableEntry.TV.mask() | DeviceTableEntry.IR.mask()
                | DeviceTableEntry.IW.mask();
        long high = DeviceTableEntry.DOMAINID.set(0, DOMAIN);
        if (host != null) {
            low = DeviceTableEntry.MODE.set(low, 4) | host.top();
        }
        if (guest != null) {
            long gcr3 = arena.allocate(PAGE);
            memory.set64(gcr3, guest.top() | Gcr3Entry.V.mask());
            memory.set64(gcr3 + PASID * 8L, guest.top() | Gcr3Entry.V.mask());
            low |= DeviceTableEntry.GV.mask() | (withoutPasid ? DeviceTableEntry.GIOV.mask() : 0);
            low = DeviceTableEntry.setGcr3RootLow(low, gcr3);
            high = DeviceTableEntry.setGcr3RootHigh(high, gcr3);
        }
        long devices = arena.allocate(2 * PAGE);
        memory.set64(devices + REQUESTER * (long) DeviceTableEntry.BYTES + 8, high);
        memory.set64(devices + REQUESTER * (long) DeviceTableEntry.BYTES, low);
        unit.registers().write64(DeviceTableBaseRegister.OFFSET, devices | 1);
        unit.registers().write64(ControlRegister.OFFSET, ControlRegister.GTEN.mask() | ControlRegister.IOMMUEN.mask());
    }

    @Override
    public void close() {
        interrupts.close();
    }
}
