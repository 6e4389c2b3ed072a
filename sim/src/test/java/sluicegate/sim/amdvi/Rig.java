package sluicegate.sim.amdvi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFeatures;
import sluicegate.firmware.AmdviFlag;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogHeadRegister;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.EventLogTailRegister;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.GuestPageEntry;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.amdvi.InvalidateDevTabEntryCommand;
import sluicegate.spec.amdvi.InvalidateInterruptTableCommand;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.PprLogBaseRegister;
import sluicegate.spec.amdvi.StatusRegister;

/** A unit on a small memory, and what a driver does to it by hand: tables, registers, commands, logs. */
final class Rig implements AutoCloseable {
    static final long MEMORY = 64L << 20;
    static final long DEVICE_TABLE = 0x10_0000;
    static final long COMMANDS = 0x40_0000;
    static final long EVENTS = 0x41_0000;
    static final long PAGE_REQUESTS = 0x42_0000;
    static final long STORE = 0x43_0000;
    /** The GCR3 table of domain n is at n pages from here. */
    static final long GCR3 = 0x44_0000;
    /** Page tables of domain n start at n times this from the second MiB on: host tables, and guest tables half way. */
    static final long TABLES = 0x10_0000;
    static final int RING = 256 * 16;
    static final int DEVICE = 0x28;
    static final int DOMAIN = 5;
    static final long RW = HostPageEntry.RW;
    static final long R = HostPageEntry.IR.mask();
    static final long W = HostPageEntry.IW.mask();
    static final long PR = HostPageEntry.PR.mask();
    static final long FC = HostPageEntry.FC.mask();
    /** A guest entry for everything that data needs. */
    static final long USER = GuestPageEntry.P.mask() | GuestPageEntry.RW.mask() | GuestPageEntry.US.mask();

    final HeapMemory memory = new HeapMemory(new AddressMap(List.of(new AddressMap.Range(0, MEMORY))));
    final InterruptController interrupts = new InterruptController("rig");
    final AmdviUnit unit;
    long control;
    private long tail;
    private int nextTable;
    private long stored;

    Rig() {
        this(features());
    }

    Rig(AmdviFeatures features) {
        this(AmdviCapabilities.of(features));
    }

    Rig(AmdviCapabilities capabilities) {
        this(capabilities, memory -> memory);
    }

    /** @param view how the unit sees memory */
    Rig(AmdviCapabilities capabilities, UnaryOperator<PhysicalMemory> view) {
        var pages = new PageAllocator(memory.map(), List.of());
        unit = new AmdviUnit(new UnitPlace(null, "ivhd0", 0xfed8_0000L, 0), capabilities, view.apply(memory),
                new UnitArena("ivhd0", memory, pages), interrupts);
    }

    /** All that the model has. */
    static AmdviFeatures features() {
        return features(EnumSet.complementOf(EnumSet.of(AmdviFlag.NOT_PRESENT_CACHE)), 3);
    }

    static AmdviFeatures features(Set<AmdviFlag> flags, int gcr3Levels) {
        int pasidBits = flags.contains(AmdviFlag.GUEST_TRANSLATION) ? 20 : 0;
        return new AmdviFeatures(flags, 6, 5, gcr3Levels, pasidBits, 48, 8);
    }

    static AmdviFeatures without(AmdviFlag... missing) {
        var flags = EnumSet.complementOf(EnumSet.of(AmdviFlag.NOT_PRESENT_CACHE));
        for (var flag : missing) {
            flags.remove(flag);
        }
        return features(flags, 3);
    }

    // Registers

    long register(int offset) {
        return unit.registers().read64(offset);
    }

    void setRegister(int offset, long value) {
        unit.registers().write64(offset, value);
    }

    void control(long bits) {
        control |= bits;
        setRegister(ControlRegister.OFFSET, control);
    }

    void clearControl(long bits) {
        control &= ~bits;
        setRegister(ControlRegister.OFFSET, control);
    }

    boolean status(sluicegate.spec.Field bit) {
        return bit.isSet(register(StatusRegister.OFFSET));
    }

    /** Table of one bus, rings of 256 entries, all on: what a driver does at start. {@link #DEVICE} is in {@link #DOMAIN}. */
    Rig start() {
        host(DEVICE, DOMAIN, 4);
        setRegister(DeviceTableBaseRegister.OFFSET, DEVICE_TABLE | 1);
        setRegister(CommandBufferBaseRegister.OFFSET, COMMANDS | 8L << 56);
        setRegister(EventLogBaseRegister.OFFSET, EVENTS | 8L << 56);
        setRegister(PprLogBaseRegister.OFFSET, PAGE_REQUESTS | 8L << 56);
        control(ControlRegister.EVENTLOGEN.mask() | ControlRegister.CMDBUFEN.mask() | ControlRegister.GTEN.mask()
                | ControlRegister.PPRLOGEN.mask() | ControlRegister.PPREN.mask() | ControlRegister.EPHEN.mask());
        control(ControlRegister.IOMMUEN.mask());
        return this;
    }

    /** Connects the unit's interrupt, as MSI, to a counter. */
    AtomicInteger countInterrupts() {
        var count = new AtomicInteger();
        Interrupts.Vector vector = interrupts.allocate("rig", count::incrementAndGet);
        unit.messages().configure(true, vector.address(), vector.data());
        return count;
    }

    /** Waits until a count is reached, ten seconds at most. */
    static void await(AtomicInteger count, int wanted) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (count.get() != wanted && System.nanoTime() < end) {
            Thread.yield();
        }
        if (count.get() != wanted) {
            throw new AssertionError(count + " instead of " + wanted);
        }
    }

    // Device table

    static long dtePlace(int device) {
        return DEVICE_TABLE + (long) device * DeviceTableEntry.BYTES;
    }

    void dte(int device, long... words) {
        for (int i = 0; i < words.length; i++) {
            memory.set64(dtePlace(device) + 8L * i, words[i]);
        }
    }

    void changeDte(int device, int word, long set, long clear) {
        long place = dtePlace(device) + 8L * word;
        memory.set64(place, memory.get64(place) & ~clear | set);
    }

    static long hostWord(int domain, int levels) {
        long low = DeviceTableEntry.V.mask() | DeviceTableEntry.TV.mask() | DeviceTableEntry.IR.mask()
                | DeviceTableEntry.IW.mask() | top(domain);
        return DeviceTableEntry.MODE.set(low, levels);
    }

    /** Host tables only. */
    void host(int device, int domain, int levels) {
        dte(device, hostWord(domain, levels), DeviceTableEntry.DOMAINID.set(DeviceTableEntry.I.mask(), domain), 0, 0);
    }

    /** Guest tables of four levels behind a GCR3 table of one level; over host tables if there are levels of them. */
    void guest(int device, int domain, int hostLevels, long flags) {
        long low = hostWord(domain, hostLevels) | DeviceTableEntry.GV.mask() | flags;
        if (hostLevels == 0) {
            low = DeviceTableEntry.ROOT.clear(low);
        }
        long high = DeviceTableEntry.DOMAINID.set(DeviceTableEntry.I.mask(), domain);
        dte(device, DeviceTableEntry.setGcr3RootLow(low, gcr3(domain)), DeviceTableEntry.setGcr3RootHigh(high, gcr3(domain)), 0, 0);
    }

    // Page tables

    static long top(int domain) {
        return 0x100_0000 + TABLES * domain;
    }

    static long guestTop(int domain, int pasid) {
        return top(domain) + TABLES / 2 + pasid * 0x1000L;
    }

    static long gcr3(int domain) {
        return GCR3 + domain * 0x1000L;
    }

    /** The entry for {@code iova} at {@code level} of a domain's host tables of four levels; tables above it are made. */
    long entry(int domain, long iova, int level, long value) {
        return entry(domain, 4, iova, level, value);
    }

    long entry(int domain, int levels, long iova, int level, long value) {
        long table = top(domain);
        for (int at = levels; at > level; at--) {
            long place = table + (iova >>> HostPageEntry.coverShift(at) & 511) * 8;
            if (memory.get64(place) == 0) {
                memory.set64(place, HostPageEntry.NEXT.set(newTable(domain, 0) | PR | RW, at - 1));
            }
            table = HostPageEntry.ADDR.inPlace(memory.get64(place));
        }
        long place = table + (iova >>> HostPageEntry.coverShift(level) & 511) * 8;
        memory.set64(place, value);
        return place;
    }

    /** Where the entry for {@code iova} at {@code level} of a domain's host tables of four levels is. */
    long entry(int domain, long iova, int level) {
        long table = top(domain);
        for (int at = 4; at > level; at--) {
            table = HostPageEntry.ADDR.inPlace(memory.get64(table + (iova >>> HostPageEntry.coverShift(at) & 511) * 8));
        }
        return table + (iova >>> HostPageEntry.coverShift(level) & 511) * 8;
    }

    private long newTable(int domain, long offset) {
        nextTable++;
        return top(domain) + offset + 0x1_0000 + nextTable * 0x1000L;
    }

    /** The same of the guest tables of a PASID, four levels, which lie in memory where their guest addresses say. */
    long guestEntry(int domain, int pasid, long iova, int level, long value) {
        memory.set64(gcr3(domain) + pasid * 8L, guestTop(domain, pasid) | Gcr3Entry.V.mask());
        return guestEntryFrom(guestTop(domain, pasid), 4, domain, iova, level, value);
    }

    long guestEntryFrom(long top, int levels, int domain, long iova, int level, long value) {
        long table = top;
        for (int at = levels; at > level; at--) {
            long place = table + (iova >>> 12 + 9 * (at - 1) & 511) * 8;
            if (memory.get64(place) == 0) {
                memory.set64(place, newTable(domain, TABLES / 2) | USER);
            }
            table = GuestPageEntry.ADDR.inPlace(memory.get64(place));
        }
        long place = table + (iova >>> 12 + 9 * (level - 1) & 511) * 8;
        memory.set64(place, value);
        return place;
    }

    /** Host tables under which guest tables of a domain are found where their guest addresses say. */
    void hostOfGuestTables(int domain, long permissions) {
        for (long page = top(domain) + TABLES / 2; page < top(domain) + TABLES; page += 0x1000) {
            entry(domain, page, 1, page | PR | permissions);
        }
    }

    // Commands

    void submit(long low, long high) {
        memory.set64(COMMANDS + tail, low);
        memory.set64(COMMANDS + tail + 8, high);
        tail = tail + 16 & RING - 1;
        setRegister(CommandBufferTailRegister.OFFSET, tail);
    }

    static long command(int code) {
        return CommandRecord.OPCODE.set(0, code);
    }

    long tail() {
        return tail;
    }

    boolean done() {
        return register(CommandBufferHeadRegister.OFFSET) == tail;
    }

    void completionWait() {
        stored++;
        submit(command(CommandCode.COMPLETION_WAIT) | STORE | CompletionWaitCommand.S.mask(), stored);
        if (memory.get64(STORE) != stored) {
            throw new AssertionError("the completion wait is not done");
        }
    }

    void invalidateEntry(int device) {
        submit(InvalidateDevTabEntryCommand.DEVICEID.set(command(CommandCode.INVALIDATE_DEVTAB_ENTRY), device), 0);
    }

    void invalidatePages(int domain, long address, boolean sized) {
        submit(InvalidateIommuPagesCommand.DOMAINID.set(command(CommandCode.INVALIDATE_IOMMU_PAGES), domain),
                address | (sized ? 1 : 0) | InvalidateIommuPagesCommand.PDE.mask());
    }

    void invalidatePages(int domain, int pasid, long address, boolean sized) {
        long low = InvalidateIommuPagesCommand.DOMAINID.set(command(CommandCode.INVALIDATE_IOMMU_PAGES), domain);
        submit(InvalidateIommuPagesCommand.PASID.set(low, pasid),
                address | (sized ? 1 : 0) | InvalidateIommuPagesCommand.PDE.mask() | InvalidateIommuPagesCommand.GN.mask());
    }

    /** The same without entries that point to tables (PDE 0). */
    void invalidateLeaves(int domain, long address, boolean sized) {
        submit(InvalidateIommuPagesCommand.DOMAINID.set(command(CommandCode.INVALIDATE_IOMMU_PAGES), domain),
                address | (sized ? 1 : 0));
    }

    void invalidateLeaves(int domain, int pasid, long address, boolean sized) {
        long low = InvalidateIommuPagesCommand.DOMAINID.set(command(CommandCode.INVALIDATE_IOMMU_PAGES), domain);
        submit(InvalidateIommuPagesCommand.PASID.set(low, pasid), address | (sized ? 1 : 0) | InvalidateIommuPagesCommand.GN.mask());
    }

    void invalidateDomain(int domain) {
        invalidatePages(domain, InvalidateIommuPagesCommand.ALL_PAGES, true);
    }

    void invalidateInterrupts(int device) {
        submit(InvalidateInterruptTableCommand.DEVICEID.set(command(CommandCode.INVALIDATE_INTERRUPT_TABLE), device), 0);
    }

    void invalidateAll() {
        submit(command(CommandCode.INVALIDATE_IOMMU_ALL), 0);
    }

    // Requests

    long request(int pasid, long iova, int access) {
        return unit.translate(DEVICE, pasid, iova, access);
    }

    long read(long iova) {
        return request(Pasid.NONE, iova, RequestAccess.READ);
    }

    long write(long iova) {
        return request(Pasid.NONE, iova, RequestAccess.WRITE);
    }

    /** The device sends an interrupt. @param data vector and delivery mode */
    DmaStatus interrupt(int data) {
        return interrupt(InterruptController.BASE, data);
    }

    DmaStatus interrupt(long address, int data) {
        return unit.translate(DEVICE, Pasid.NONE, address, RequestAccess.WRITE) == address
                ? unit.message(DEVICE, address, data, interrupts) : DmaStatus.FAULT;
    }

    // Logs

    /** A record of the event log. */
    record Event(long low, long high) {
        EventCode code() {
            return EventCode.of(EventLogRecord.CODE.get(low)).orElseThrow();
        }

        /** Flags as a kernel prints them. */
        int flags() {
            return (int) EventLogRecord.FLAGS.get(low);
        }

        int device() {
            return (int) EventLogRecord.DEVICEID.get(low);
        }

        int domain() {
            return (int) EventLogRecord.DOMAINID.get(low);
        }

        @Override
        public String toString() {
            return code().layout().describe(low, high);
        }
    }

    /** What the event log holds; it is empty after that. */
    List<Event> events() {
        long at = register(EventLogHeadRegister.OFFSET);
        long end = register(EventLogTailRegister.OFFSET);
        var events = new ArrayList<Event>();
        while (at != end) {
            events.add(new Event(memory.get64(EVENTS + at), memory.get64(EVENTS + at + 8)));
            at = at + 16 & RING - 1;
        }
        setRegister(EventLogHeadRegister.OFFSET, at);
        return Collections.unmodifiableList(events);
    }

    Event event() {
        var events = events();
        if (events.size() != 1) {
            throw new AssertionError("one event was expected: " + events);
        }
        return events.get(0);
    }

    @Override
    public void close() {
        interrupts.close();
    }
}
