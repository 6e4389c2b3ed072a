package sluicegate.sim.vtd;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.VtdFeatures;
import sluicegate.firmware.VtdInterrupts;
import sluicegate.firmware.VtdScalable;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultEventAddressRegister;
import sluicegate.spec.vtd.FaultEventControlRegister;
import sluicegate.spec.vtd.FaultEventDataRegister;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.InvalidationEventAddressRegister;
import sluicegate.spec.vtd.InvalidationEventControlRegister;
import sluicegate.spec.vtd.InvalidationEventDataRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueHeadRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.SecondStageEntry;

/** A unit on a small memory, and what a driver does to it by hand: tables, registers, descriptors. */
final class Rig implements AutoCloseable {
    static final long MEMORY = 64L << 20;
    static final long ROOT = 0x10_0000;
    static final long CONTEXTS = 0x10_1000;
    static final long QUEUE = 0x10_2000;
    static final long STATUS = 0x10_3000;
    /** Page tables of domain n start at n times this. */
    static final long TABLES = 0x20_0000;
    static final int SID = 0x0028;
    static final int DID = 5;
    static final long RW = SecondStageEntry.RW;
    static final long R = SecondStageEntry.R.mask();
    static final long W = SecondStageEntry.W.mask();
    static final long PS = SecondStageEntry.PS.mask();

    final HeapMemory memory = new HeapMemory(new AddressMap(List.of(new AddressMap.Range(0, MEMORY))));
    final InterruptController interrupts = new InterruptController("rig");
    final VtdUnit unit;
    final long cap;
    private int tail;
    private int nextTable;

    Rig() {
        this(new Features().build());
    }

    Rig(VtdFeatures features) {
        this(VtdCapabilities.of(features, 39));
    }

    Rig(VtdCapabilities capabilities) {
        this(capabilities, memory -> memory);
    }

    /** @param seen the memory as the unit sees it */
    Rig(VtdCapabilities capabilities, UnaryOperator<PhysicalMemory> seen) {
        var pages = new PageAllocator(memory.map(), List.of());
        unit = new VtdUnit(new UnitPlace(null, "dmar0", 0xfed9_0000L, 0), 4096, capabilities,
                seen.apply(memory), new UnitArena("dmar0", memory, pages), interrupts);
        cap = capabilities.cap();
    }

    /** Features of a unit, changed one at a time. */
    static final class Features {
        int width = 48;
        Set<Integer> levels = Set.of(3, 4);
        boolean pages2M = true;
        boolean pages1G = true;
        boolean cachingMode;
        int domainIdBits = 8;
        boolean queue = true;
        boolean passThrough = true;
        int records = 4;
        boolean deviceTlb;
        boolean snoop;
        boolean zeroLengthRead = true;
        boolean pageSelective = true;
        boolean protectedLow;
        boolean protectedHigh;
        boolean enhancedRootPointer;
        VtdScalable scalable = VtdScalable.NONE;
        VtdInterrupts interrupts = VtdInterrupts.NONE;

        VtdFeatures build() {
            return new VtdFeatures(width, levels, pages2M, pages1G, cachingMode, domainIdBits, queue, passThrough, records,
                    deviceTlb, true, snoop, false, zeroLengthRead, pageSelective, true, protectedLow, protectedHigh,
                    enhancedRootPointer, scalable, interrupts);
        }
    }

    // Tables

    void rootEntry(long low, long high) {
        memory.set64(ROOT + 8, high);
        memory.set64(ROOT, low);
    }

    void contextEntry(int sourceId, long low, long high) {
        memory.set64(CONTEXTS + (sourceId & 0xff) * 16L + 8, high);
        memory.set64(CONTEXTS + (sourceId & 0xff) * 16L, low);
    }

    /** A present context entry in four levels for a domain whose topmost table is {@link #top}. */
    void context(int sourceId, int did, int tt, int flags) {
        long low = ContextEntry.P.set(0, 1) | flags;
        low = ContextEntry.TT.set(low, tt);
        low = ContextEntry.SSPTPTR.setInPlace(low, top(did));
        contextEntry(sourceId, low, ContextEntry.DID.set(ContextEntry.AW.set(0, 2), did));
    }

    static long top(int did) {
        return TABLES * did;
    }

    /** Sets the entry for {@code iova} at {@code level} of a domain's four-level table; tables above it are made. */
    long entry(int did, long iova, int level, long value) {
        long table = top(did);
        for (int at = 4; at > level; at--) {
            long address = table + (iova >>> 12 + 9 * (at - 1) & 511) * 8;
            long found = memory.get64(address);
            if (found == 0) {
                found = top(did) + ++nextTable * 0x1000L | RW;
                memory.set64(address, found);
            }
            table = SecondStageEntry.ADDR.inPlace(found);
        }
        long address = table + (iova >>> 12 + 9 * (level - 1) & 511) * 8;
        memory.set64(address, value);
        return address;
    }

    /** Tables, queue and translation on: what a driver does at start. {@link #SID} is in domain {@link #DID}. */
    Rig start() {
        rootEntry(CONTEXTS | RootEntry.P.mask(), 0);
        context(SID, DID, 0, 0);
        setRoot(ROOT);
        if (ExtendedCapabilityRegister.QI.isSet(unit.registers().read64(ExtendedCapabilityRegister.OFFSET))) {
            startQueue();
        }
        command(GlobalCommandRegister.TE.mask());
        return this;
    }

    void startQueue() {
        write64(InvalidationQueueTailRegister.OFFSET, 0);
        write64(InvalidationQueueAddressRegister.OFFSET, QUEUE);
        command(GlobalCommandRegister.QIE.mask());
        tail = 0;
    }

    // Registers

    int read32(int offset) {
        return unit.registers().read32(offset);
    }

    long read64(int offset) {
        return unit.registers().read64(offset);
    }

    void write32(int offset, long value) {
        unit.registers().write32(offset, (int) value);
    }

    void write64(int offset, long value) {
        unit.registers().write64(offset, value);
    }

    long status() {
        return Integer.toUnsignedLong(read32(GlobalStatusRegister.OFFSET));
    }

    void command(long bit) {
        write32(GlobalCommandRegister.OFFSET, status() & ~GlobalCommandRegister.ONE_SHOT | bit);
    }

    void commandOff(long bit) {
        write32(GlobalCommandRegister.OFFSET, status() & ~GlobalCommandRegister.ONE_SHOT & ~bit);
    }

    void setRoot(long value) {
        write64(RootTableAddressRegister.OFFSET, value);
        command(GlobalCommandRegister.SRTP.mask());
    }

    long faultStatus() {
        return Integer.toUnsignedLong(read32(FaultStatusRegister.OFFSET));
    }

    // Queue

    /** Puts a descriptor into the queue without making it due. */
    void put(long low, long high) {
        memory.set64(QUEUE + tail, low);
        memory.set64(QUEUE + tail + 8, high);
        tail = (tail + 16) % 4096;
    }

    void ring() {
        write64(InvalidationQueueTailRegister.OFFSET, tail);
    }

    void submit(long low, long high) {
        put(low, high);
        ring();
    }

    /** Returns when the queue has got to a place; a wait descriptor there is being carried out. */
    void awaitHead(long head) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (read64(InvalidationQueueHeadRegister.OFFSET) != head) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the queue does not get to " + head);
            }
            Thread.onSpinWait();
        }
    }

    static long contextInvalidate(int granularity, int did, int sid, int fm) {
        long low = ContextCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.CONTEXT_CACHE);
        low = ContextCacheInvalidateDescriptor.G.set(low, granularity);
        low = ContextCacheInvalidateDescriptor.DID.set(low, did);
        low = ContextCacheInvalidateDescriptor.SID.set(low, sid);
        return ContextCacheInvalidateDescriptor.FM.set(low, fm);
    }

    static long iotlbInvalidate(int granularity, int did) {
        long low = IotlbInvalidateDescriptor.TYPE.set(0, DescriptorType.IOTLB);
        low = IotlbInvalidateDescriptor.G.set(low, granularity);
        return IotlbInvalidateDescriptor.DID.set(low, did);
    }

    static long waitFor(int data, long flags) {
        long low = InvalidationWaitDescriptor.TYPE.set(0, DescriptorType.WAIT);
        return InvalidationWaitDescriptor.STDATA.set(low, data) | flags;
    }

    void submitWait(int data) {
        submit(waitFor(data, InvalidationWaitDescriptor.SW.mask()), STATUS);
    }

    // Requests and faults

    long request(long iova, int access) {
        return unit.translate(SID, Pasid.NONE, iova, access);
    }

    /** A recorded fault. */
    record Recorded(int reason, int sid, long address, long high) {}

    /** Takes the record at an index and frees it. */
    Recorded takeRecord(int index) {
        int offset = FaultRecord.offset(cap, index);
        long high = read64(offset + 8);
        if (!FaultRecord.F.isSet(high)) {
            throw new AssertionError("no fault in record " + index);
        }
        long low = read64(offset);
        write32(offset + 12, FaultRecord.F.mask() >>> 32);
        return new Recorded((int) FaultRecord.FR.get(high), (int) FaultRecord.SID.get(high), low, high);
    }

    boolean hasRecord(int index) {
        return FaultRecord.F.isSet(read64(FaultRecord.offset(cap, index) + 8));
    }

    int records() {
        return CapabilityRegister.faultRecordingCount(cap);
    }

    /** Connects the fault event to a counter. */
    AtomicInteger countFaultEvents() {
        var count = new AtomicInteger();
        var vector = interrupts.allocate("fault", count::incrementAndGet);
        program(vector, FaultEventDataRegister.OFFSET, FaultEventAddressRegister.OFFSET);
        write32(FaultEventControlRegister.OFFSET, 0);
        return count;
    }

    /** Connects the invalidation completion event to a counter. */
    AtomicInteger countCompletionEvents() {
        var count = new AtomicInteger();
        var vector = interrupts.allocate("completion", count::incrementAndGet);
        program(vector, InvalidationEventDataRegister.OFFSET, InvalidationEventAddressRegister.OFFSET);
        write32(InvalidationEventControlRegister.OFFSET, 0);
        return count;
    }

    private void program(Interrupts.Vector vector, int data, int address) {
        write32(data, vector.data());
        write32(address, vector.address());
    }

    /** Returns when all interrupts raised so far have been handled. */
    void settleInterrupts() {
        var done = new java.util.concurrent.CountDownLatch(1);
        try (var vector = interrupts.allocate("settle", done::countDown)) {
            interrupts.raise(vector.address(), vector.data());
            if (!done.await(10, java.util.concurrent.TimeUnit.SECONDS)) {
                throw new AssertionError("interrupts are stuck");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        interrupts.close();
    }
}
