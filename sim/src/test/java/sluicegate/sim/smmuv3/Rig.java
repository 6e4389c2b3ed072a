package sluicegate.sim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.PriqBaseRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/** A unit on a small memory, and what a driver does to it by hand: tables, registers, commands. */
final class Rig implements AutoCloseable {
    static final long MEMORY = 128L << 20;
    static final long STREAMS = 0x10_0000;
    static final long CONTEXTS = 0x12_0000;
    static final long COMMANDS = 0x14_0000;
    static final long EVENTS = 0x15_0000;
    static final long PAGE_REQUESTS = 0x16_0000;
    static final long FIRST_TABLE = 0x20_0000;
    /** Queues have 2^3 entries. */
    static final int QUEUE_BITS = 3;
    static final int STREAM_BITS = 6;
    static final int SID = 5;
    static final int ASID = 7;
    static final int VMID = 3;

    /** A page that everybody may read and write, not global. */
    static final long USER = Stage1Descriptor.VALID.mask() | Stage1Descriptor.TYPE.mask() | Stage1Descriptor.AF.mask()
            | Stage1Descriptor.NG.mask() | Stage1Descriptor.AP.set(0, Stage1Descriptor.AP_UNPRIVILEGED);
    /** The same as a block. */
    static final long USER_BLOCK = Stage1Descriptor.TYPE.clear(USER);
    /** A page of stage 2 that may be read and written, of normal memory. */
    static final long S2_PAGE = Stage2Descriptor.VALID.mask() | Stage2Descriptor.TYPE.mask() | Stage2Descriptor.AF.mask()
            | Stage2Descriptor.S2AP.set(0, 3) | Stage2Descriptor.MEMATTR.set(0, Stage2Descriptor.MEMATTR_WRITE_BACK);
    static final long S2_BLOCK = Stage2Descriptor.TYPE.clear(S2_PAGE);

    final HeapMemory memory = new HeapMemory(new AddressMap(List.of(new AddressMap.Range(0, MEMORY))));
    final InterruptController interrupts = new InterruptController("rig");
    final Smmuv3Unit unit;
    final Smmuv3Capabilities capabilities;
    private long nextTable = FIRST_TABLE;
    private int producer;

    Rig() {
        this(Smmuv3Capabilities.FULL);
    }

    Rig(Smmuv3Capabilities capabilities) {
        this(capabilities, seen -> seen);
    }

    /** @param seen what the unit takes for memory */
    Rig(Smmuv3Capabilities capabilities, UnaryOperator<PhysicalMemory> seen) {
        this.capabilities = capabilities;
        var pages = new PageAllocator(memory.map(), List.of());
        unit = new Smmuv3Unit(new UnitPlace(null, "smmu3.0x9050000", 0x905_0000L, 0), capabilities,
                seen.apply(memory), new UnitArena("smmu3.0x9050000", memory, pages), interrupts);
    }

    /** A full unit with other bits of IDR0. */
    static Smmuv3Capabilities withIdr0(Field field, long value) {
        var full = Smmuv3Capabilities.FULL;
        return new Smmuv3Capabilities(field.set(full.idr0(), value), full.idr1(), full.idr3(), full.idr5(), full.aidr());
    }

    /** A full unit without some features of IDR0. */
    static Smmuv3Capabilities without(Field... features) {
        var full = Smmuv3Capabilities.FULL;
        long idr0 = full.idr0();
        for (var feature : features) {
            idr0 = feature.clear(idr0);
        }
        return new Smmuv3Capabilities(idr0, full.idr1(), full.idr3(), full.idr5(), full.aidr());
    }

    /** A full unit whose physical addresses, and with the largest granule virtual ones too, have 52 bits. */
    static Smmuv3Capabilities wide() {
        var full = Smmuv3Capabilities.FULL;
        long idr5 = Idr5Register.OAS.set(Idr5Register.VAX.set(full.idr5(), 1), AddressSize.BITS_52.code());
        return new Smmuv3Capabilities(full.idr0(), full.idr1(), full.idr3(), idr5, full.aidr());
    }

    static Smmuv3Capabilities withIdr1(Field field, long value) {
        var full = Smmuv3Capabilities.FULL;
        return new Smmuv3Capabilities(full.idr0(), field.set(full.idr1(), value), full.idr3(), full.idr5(), full.aidr());
    }

    static Smmuv3Capabilities withIdr3(Field field, long value) {
        var full = Smmuv3Capabilities.FULL;
        return new Smmuv3Capabilities(full.idr0(), full.idr1(), field.set(full.idr3(), value), full.idr5(), full.aidr());
    }

    static Smmuv3Capabilities withIdr5(Field field, long value) {
        var full = Smmuv3Capabilities.FULL;
        return new Smmuv3Capabilities(full.idr0(), full.idr1(), full.idr3(), field.set(full.idr5(), value), full.aidr());
    }

    // Registers

    long read(int offset) {
        return Integer.toUnsignedLong(unit.registers().read32(offset));
    }

    long read64(int offset) {
        return unit.registers().read64(offset);
    }

    void write(int offset, long value) {
        unit.registers().write32(offset, (int) value);
    }

    void write64(int offset, long value) {
        unit.registers().write64(offset, value);
    }

    /** Queues, a linear stream table and translation on: what a driver does at start. All streams are invalid. */
    Rig start() {
        return start(Cr0Register.SMMUEN.mask());
    }

    /** The same with other bits of CR0 besides the queues. */
    Rig start(long control) {
        write64(StrtabBaseRegister.OFFSET, STREAMS);
        write(StrtabBaseCfgRegister.OFFSET, StrtabBaseCfgRegister.LOG2SIZE.set(0, STREAM_BITS));
        queues();
        if (capabilities.pri()) {
            write64(PriqBaseRegister.OFFSET, PAGE_REQUESTS | QUEUE_BITS);
            control |= Cr0Register.PRIQEN.mask();
        }
        write(Cr0Register.OFFSET, control | Cr0Register.CMDQEN.mask() | Cr0Register.EVENTQEN.mask());
        return this;
    }

    /** Sets command and event queue up, without switching them on. */
    void queues() {
        write64(CmdqBaseRegister.OFFSET, COMMANDS | QUEUE_BITS);
        write64(EventqBaseRegister.OFFSET, EVENTS | QUEUE_BITS);
    }

    // Configuration structures

    /** Sets fields of a structure of several words. */
    static long[] with(long[] words, Field field, long value) {
        var copy = words.clone();
        copy[field.word()] = field.set(copy[field.word()], value);
        return copy;
    }

    static long[] withAddress(long[] words, Field field, long address) {
        var copy = words.clone();
        copy[field.word()] = field.setInPlace(copy[field.word()], address);
        return copy;
    }

    static long steAddress(int streamId) {
        return STREAMS + (long) streamId * StreamTableEntry.BYTES;
    }

    void put(long address, long[] words) {
        for (int i = words.length - 1; i >= 0; i--) {
            memory.set64Release(address + 8L * i, words[i]);
        }
    }

    /** A valid entry with a configuration. */
    static long[] ste(int config) {
        var words = new long[StreamTableEntry.WORDS];
        words[0] = StreamTableEntry.CONFIG.set(StreamTableEntry.V.mask(), config);
        return with(words, StreamTableEntry.SHCFG, StreamTableEntry.SHCFG_INCOMING);
    }

    /** An entry for stage 1 with a single context descriptor. */
    static long[] stage1Entry(long contexts) {
        return withAddress(ste(StreamTableEntry.CONFIG_S1), StreamTableEntry.S1CONTEXTPTR, contexts);
    }

    /** The fields of stage 2 for tables, in an entry. */
    static long[] withStage2(long[] words, Space space, int vmid) {
        var entry = with(words, StreamTableEntry.S2VMID, vmid);
        entry = with(entry, StreamTableEntry.S2T0SZ, 64 - space.inputBits);
        entry = with(entry, StreamTableEntry.S2SL0, space.startLevelCode());
        entry = with(entry, StreamTableEntry.S2TG, space.granule == 12 ? 0 : space.granule == 16 ? 1 : 2);
        entry = with(entry, StreamTableEntry.S2PS, 5);
        entry = with(entry, StreamTableEntry.S2AA64, 1);
        entry = with(entry, StreamTableEntry.S2R, 1);
        return withAddress(entry, StreamTableEntry.S2TTB, space.top);
    }

    static long[] stage2Entry(Space space, int vmid) {
        return withStage2(ste(StreamTableEntry.CONFIG_S2), space, vmid);
    }

    static long[] nestedEntry(long contexts, Space stage2, int vmid) {
        var words = withAddress(ste(StreamTableEntry.CONFIG_NESTED), StreamTableEntry.S1CONTEXTPTR, contexts);
        return withStage2(words, stage2, vmid);
    }

    /** A descriptor that records faults and aborts, with walks of TTB0 only. */
    static long[] context(Space space, int asid) {
        var words = new long[ContextDescriptor.WORDS];
        words[0] = ContextDescriptor.V.mask() | ContextDescriptor.AA64.mask() | ContextDescriptor.A.mask()
                | ContextDescriptor.R.mask() | ContextDescriptor.EPD1.mask() | ContextDescriptor.ASET.mask();
        words = with(words, ContextDescriptor.ASID, asid);
        words = with(words, ContextDescriptor.IPS, 5);
        words = with(words, ContextDescriptor.T0SZ, 64 - space.inputBits);
        words = with(words, ContextDescriptor.TG0, space.granule == 12 ? 0 : space.granule == 16 ? 1 : 2);
        // Attribute 0 is normal memory, attribute 1 is of a device.
        words = with(words, ContextDescriptor.MAIR0, 0x0000_00ffL);
        return withAddress(words, ContextDescriptor.TTB0, space.top);
    }

    /** Adds TTB1 with other tables. */
    static long[] withHigh(long[] words, Space space) {
        var context = with(words, ContextDescriptor.EPD1, 0);
        context = with(context, ContextDescriptor.T1SZ, 64 - space.inputBits);
        context = with(context, ContextDescriptor.TG1, space.granule == 12 ? 2 : space.granule == 16 ? 3 : 1);
        return withAddress(context, ContextDescriptor.TTB1, space.top);
    }

    /** Makes {@link #SID} a stream with stage 1. */
    Rig stage1(Space space) {
        put(CONTEXTS, context(space, ASID));
        put(steAddress(SID), stage1Entry(CONTEXTS));
        return this;
    }

    /** A stream with tables of stage 1 of its own, whose translations bear an ASID and a VMID. */
    Space stream(int streamId, int asid, int vmid) {
        var space = stage1Space();
        long context = table(64);
        put(context, context(space, asid));
        put(steAddress(streamId), with(stage1Entry(context), StreamTableEntry.S2VMID, vmid));
        return space;
    }

    // Translation tables

    /** New tables: of stage 1 unless a start level is given. */
    final class Space {
        final int granule;
        final int inputBits;
        final int startLevel;
        final long top;
        /** How much higher than they are tables are for who walks them, through a stage 2. */
        long offset;

        Space(int granule, int inputBits) {
            this(granule, inputBits, 3 - (inputBits - 1 - granule) / (granule - 3));
        }

        Space(int granule, int inputBits, int startLevel) {
            this.granule = granule;
            this.inputBits = inputBits;
            this.startLevel = startLevel;
            int topBits = inputBits - shift(startLevel);
            this.top = table(8L << Math.max(0, topBits));
        }

        int shift(int level) {
            return granule + (granule - 3) * (3 - level);
        }

        int startLevelCode() {
            return granule == 12 ? startLevel == 3 ? 3 : 2 - startLevel : 3 - startLevel;
        }

        /** Where the descriptor for an address at a level is; tables above are made. */
        long place(long address, int level) {
            long table = top;
            long input = inputBits == 64 ? address : address & (1L << inputBits) - 1;
            for (int at = startLevel; ; at++) {
                int bits = at == startLevel ? inputBits - shift(at) : granule - 3;
                long slot = table + (input >>> shift(at) & (1L << bits) - 1) * 8;
                if (at == level) {
                    return slot;
                }
                long found = memory.get64(slot);
                if ((found & 1) == 0) {
                    found = table(1L << granule) + offset | 3;
                    memory.set64(slot, found);
                }
                table = (Stage1Descriptor.ADDR.inPlace(found) & -1L << granule) - offset;
            }
        }

        /** Sets the descriptor for an address at a level. */
        long set(long address, int level, long descriptor) {
            long place = place(address, level);
            memory.set64(place, descriptor);
            return place;
        }

        /** A page. */
        long page(long address, long descriptor) {
            return set(address, 3, descriptor);
        }
    }

    Space stage1Space() {
        return new Space(12, 48);
    }

    /** Tables of stage 2 for 40 bits of IPA, from level 1, in two concatenated tables. */
    Space stage2Space() {
        return new Space(12, 40, 1);
    }

    /** Memory for tables, aligned to its size and to the largest granule. */
    long table(long bytes) {
        long size = Math.max(bytes, 0x1_0000);
        nextTable = nextTable + size - 1 & -size;
        long found = nextTable;
        nextTable += size;
        return found;
    }

    // Commands

    /** Puts a command into the queue and makes it due. */
    void command(long low, long high) {
        long slot = COMMANDS + (producer & (1 << QUEUE_BITS) - 1) * 16L;
        memory.set64(slot, low);
        memory.set64(slot + 8, high);
        producer = producer + 1 & (1 << QUEUE_BITS + 1) - 1;
        write(CmdqProdRegister.OFFSET, producer);
    }

    void command(int opcode, long low, long high) {
        command(CommandOpcode.OPCODE.set(low, opcode), high);
    }

    /** The lower word of a TLB invalidation of EL1 without its opcode. */
    static long tlbi(int vmid, int asid) {
        return TlbiNhVaCommand.ASID.set(TlbiNhVaCommand.VMID.set(0, vmid), asid);
    }

    int commandError() {
        return (int) CmdqConsRegister.ERR.get(read(CmdqConsRegister.OFFSET));
    }

    boolean commandsDone() {
        return CmdqConsRegister.RD.get(read(CmdqConsRegister.OFFSET)) == producer;
    }

    // Requests and events

    long request(long iova, int access) {
        return unit.translate(SID, Pasid.NONE, iova, access);
    }

    long request(int substream, long iova, int access) {
        return unit.translate(SID, substream, iova, access);
    }

    int waitingEvents() {
        long wrap = (1L << QUEUE_BITS + 1) - 1;
        return (int) (read(EventqProdRegister.OFFSET) - read(EventqConsRegister.OFFSET) & wrap);
    }

    /** Takes the oldest event from the queue. */
    long[] takeEvent() {
        if (waitingEvents() == 0) {
            throw new AssertionError("no event was recorded");
        }
        long consumer = read(EventqConsRegister.OFFSET);
        long slot = EVENTS + (consumer & (1 << QUEUE_BITS) - 1) * EventRecord.BYTES;
        var words = new long[EventRecord.WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = memory.get64(slot + 8L * i);
        }
        long flag = consumer & EventqConsRegister.OVACKFLG.mask();
        write(EventqConsRegister.OFFSET, flag | consumer + 1 & (1L << QUEUE_BITS + 1) - 1);
        return words;
    }

    List<long[]> takeEvents() {
        var events = new ArrayList<long[]>();
        while (waitingEvents() > 0) {
            events.add(takeEvent());
        }
        return events;
    }

    static int event(long[] words) {
        return (int) EventRecord.ID.get(words[0]);
    }

    /** Returns when all interrupts raised so far have been handled. */
    void settleInterrupts() {
        var done = new CountDownLatch(1);
        try (var vector = interrupts.allocate("settle", done::countDown)) {
            interrupts.raise(vector.address(), vector.data());
            if (!done.await(10, TimeUnit.SECONDS)) {
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
