package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.sim.WatchedMemory;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EcmdqProdRegister;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqIrqCfg0Register;
import sluicegate.spec.smmuv3.GerrorIrqCfg0Register;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.PageRequestRecord;
import sluicegate.spec.smmuv3.PriqBaseRegister;
import sluicegate.spec.smmuv3.PriqIrqCfg0Register;
import sluicegate.spec.smmuv3.Smmuv3Registers;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.SyncCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/**
 * Whatever stands in tables, queues and registers: a request ends in an address that the tables give or in an event that the
 * manual knows, a probe foretells which, and the unit writes nothing but its queues, its messages and flags of descriptors.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FuzzTest {
    private static final int ROUNDS = 2_000;
    private static final int REQUESTS = 8;
    private static final int STREAMS = 7;
    private static final long DATA = 0x600_0000;
    private static final long AF = Stage1Descriptor.AF.mask();
    private static final long READ_ONLY = (long) Stage1Descriptor.AP_READ_ONLY << Stage1Descriptor.AP.low();
    private static final long S2_WRITE = (long) Stage2Descriptor.S2AP_WRITE << Stage2Descriptor.S2AP.low();
    private static final long[] INTERESTING = {0, 1, 2, 3, 0x401, 0x443, 0x7c3, -1, 1L << 63, 0xfff, 1L << 48 | 3};

    // Tables

    private Rig rig;
    private WatchedMemory watched;
    private final Map<Integer, List<Long>> places = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void tables(long seed) {
        var random = new Random(seed);
        build(Smmuv3Capabilities.FULL);
        try (var used = rig) {
            goodTables();
            int translated = 0;
            for (int round = 0; round < ROUNDS; round++) {
                var before = disturb(random);
                for (int i = 0; i < REQUESTS; i++) {
                    translated += request(random, "seed " + seed + ", round " + round);
                }
                before.forEach(used.memory::set64);
            }
            assertThat(translated).as("good tables are met, too").isGreaterThan(ROUNDS);
        }
    }

    /** Access flag and dirty state are all that hardware ever changes in a table, and only in a valid descriptor. */
    private static boolean isFlag(long address, long expected, long value) {
        long changed = expected ^ value;
        boolean accessed = (changed & AF) == 0 || (value & AF) != 0;
        boolean dirtied = (changed & (READ_ONLY | S2_WRITE)) == 0 || Stage1Descriptor.DBM.isSet(expected);
        return (changed & ~(AF | READ_ONLY | S2_WRITE)) == 0 && accessed && dirtied && Stage1Descriptor.VALID.isSet(expected);
    }

    private void build(Smmuv3Capabilities capabilities) {
        rig = new Rig(capabilities, memory -> {
            watched = new WatchedMemory(memory);
            return watched;
        });
        watched.allow((address, length) -> address >= Rig.EVENTS && address + length <= Rig.EVENTS + 0x1000
                || address >= Rig.PAGE_REQUESTS && address + length <= Rig.PAGE_REQUESTS + 0x1000, FuzzTest::isFlag);
        rig.start();
    }

    /** Streams 1 to 6: stage 1 in three granules with both halves, stage 2, both, substreams, bypass, EL2. */
    private void goodTables() {
        var low = rig.new Space(12, 48);
        var high = rig.new Space(16, 42);
        var small = rig.new Space(14, 36);
        var stage2 = rig.stage2Space();
        for (int page = 0; page < 16; page++) {
            long far = (page & 7L) << 12 | (long) (page & 8) << 27;
            long flags = Stage1Descriptor.AP.set(Rig.USER, page % 4) | (page % 3 == 0 ? Stage1Descriptor.DBM.mask() : 0);
            low.page(far, DATA + page * 0x1000L | flags);
            high.page((long) page << 16, DATA + page * 0x1_0000L | flags);
            small.page((long) page << 14, DATA + page * 0x4000L | flags);
            stage2.page(far, DATA + page * 0x1000L | Stage2Descriptor.S2AP.set(Rig.S2_PAGE, page % 3 + 1));
        }
        low.set(0x20_0000, 2, DATA | Rig.USER_BLOCK);
        // Tables and descriptors of stage 1 are where they seem, for the stream with both stages.
        for (long page = Rig.CONTEXTS; page < Rig.CONTEXTS + 0x1_0000; page += 0x1000) {
            stage2.page(page, page | Rig.S2_PAGE);
        }
        for (long block = 0x20_0000; block < 0x100_0000; block += 0x20_0000) {
            stage2.set(block, 2, block | Rig.S2_BLOCK);
        }
        for (long block = DATA; block < DATA + 0x20_0000; block += 0x20_0000) {
            stage2.set(block, 2, block | Rig.S2_BLOCK);
        }
        var updating = Rig.with(Rig.with(Rig.context(low, 1), ContextDescriptor.HA, 1), ContextDescriptor.HD, 1);
        rig.put(Rig.CONTEXTS, Rig.withHigh(updating, high));
        rig.put(Rig.CONTEXTS + 64, Rig.context(small, 2));
        rig.put(Rig.CONTEXTS + 128, Rig.context(low, 3));
        rig.put(Rig.CONTEXTS + 192, Rig.context(low, 4));
        rig.put(Rig.steAddress(1), Rig.stage1Entry(Rig.CONTEXTS));
        rig.put(Rig.steAddress(2), Rig.stage2Entry(stage2, 1));
        rig.put(Rig.steAddress(3), Rig.nestedEntry(Rig.CONTEXTS + 128, stage2, 2));
        var substreams = Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.S1CDMAX, 2);
        rig.put(Rig.steAddress(4), Rig.with(substreams, StreamTableEntry.S1DSS, StreamTableEntry.S1DSS_BYPASS));
        rig.put(Rig.steAddress(5), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        rig.put(Rig.steAddress(6), Rig.with(Rig.stage1Entry(Rig.CONTEXTS + 192), StreamTableEntry.STRW,
                StreamTableEntry.STRW_EL2));
        places.put(0, List.of(low.top, high.top, small.top, stage2.top));
        places.put(1, List.of(low.place(0, 1) & -4096, low.place(0, 2) & -4096, low.place(0, 3) & -4096,
                low.place(0x4000_0000L, 3) & -4096, high.place(0, 3) & -4096, small.place(0, 3) & -4096,
                stage2.place(0, 2) & -4096, stage2.place(0, 3) & -4096));
    }

    /** Writes a few words of any kind into good tables; what was there before is to be put back. */
    private Map<Long, Long> disturb(Random random) {
        Map<Long, Long> before = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            long place = switch (random.nextInt(4)) {
                case 0 -> Rig.steAddress(1 + random.nextInt(STREAMS)) + 8L * random.nextInt(4);
                case 1 -> Rig.CONTEXTS + 64L * random.nextInt(4) + 8L * random.nextInt(4);
                default -> {
                    var tables = places.get(random.nextInt(2));
                    yield tables.get(random.nextInt(tables.size())) + 8L * random.nextInt(16);
                }
            };
            long old = rig.memory.get64(place);
            before.putIfAbsent(place, old);
            rig.memory.set64(place, random.nextBoolean() ? old ^ 1L << random.nextInt(64) : word(random));
        }
        rig.command(CommandOpcode.CFGI_STE_RANGE, 0, 31);
        rig.command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
        rig.command(CommandOpcode.TLBI_EL2_ALL, 0, 0);
        assertThat(rig.commandsDone()).isTrue();
        return before;
    }

    private static long word(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> INTERESTING[random.nextInt(INTERESTING.length)];
            case 1 -> random.nextLong();
            case 2 -> random.nextLong(Rig.MEMORY) & -4096 | random.nextInt(4096);
            default -> 1L << random.nextInt(64);
        };
    }

    private static long iova(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextLong();
            case 1 -> -1L << 42 | (long) random.nextInt(16) << 16;
            case 2 -> (long) random.nextInt(16) << 14;
            case 3 -> 0x20_0000 + random.nextInt(0x20_0000);
            default -> random.nextInt(8) << 12 | (long) random.nextInt(2) << 30 | random.nextInt(4096);
        };
    }

    /** Returns 1 for an address, 0 for anything else. */
    private int request(Random random, String description) {
        int stream = random.nextInt(STREAMS + 1);
        int substream = random.nextInt(3) == 0 ? random.nextInt(5) : Pasid.NONE;
        long iova = iova(random);
        boolean write = random.nextBoolean();
        var foretold = rig.unit.probe(stream, substream, iova, write ? Access.WRITE : Access.READ);
        long answer = rig.unit.translate(stream, substream, iova, write ? RequestAccess.WRITE : RequestAccess.READ);
        checkEvents(description);
        if (answer >= 0) {
            boolean overridden = (rig.memory.get64(Rig.steAddress(stream) + 8) & (StreamTableEntry.PRIVCFG.mask()
                    | StreamTableEntry.INSTCFG.mask())) != 0;
            if (!overridden) {
                var judged = new TableReader(rig.memory).resolve(Rig.steAddress(stream), substream, iova, write);
                assertThat(judged).as(description).isEqualTo(OptionalLong.of(answer));
            }
            assertThat(foretold).as(description).isInstanceOfSatisfying(Translation.Mapped.class,
                    mapped -> assertThat(mapped.address()).isEqualTo(answer));
            return 1;
        }
        boolean known = answer == TranslationEngine.ABORTED || answer == TranslationEngine.IGNORED
                || TranslationEngine.isStalled(answer) || EventType.of(-answer).isPresent();
        assertThat(known).as("%s: %x", description, answer).isTrue();
        rig.unit.powerOff();
        if (TranslationEngine.isStalled(answer)) {
            rig.unit.settle(answer);
        }
        if (answer < 0 && EventType.of(-answer).isPresent() && foretold instanceof Translation.Mapped) {
            // Only a request that is carried out finds that flags cannot be written through stage 2.
            assertThat(-answer).as(description).isIn((long) EventType.F_PERMISSION.code(), (long) EventType.F_ACCESS.code());
        }
        return 0;
    }

    private void checkEvents(String description) {
        for (var event : rig.takeEvents()) {
            var type = EventType.of(EventRecord.ID.get(event[0]));
            assertThat(type).as(description).isPresent();
            var layout = type.orElseThrow().layout();
            for (int i = 0; i < EventRecord.WORDS; i++) {
                assertThat(event[i] & layout.reservedMask(i)).as("%s: reserved bits of %s", description, type).isZero();
            }
        }
    }

    // Commands

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void commands(long seed) {
        var random = new Random(seed);
        build(Smmuv3Capabilities.FULL);
        try (var used = rig) {
            goodTables();
            for (int i = 0; i < 20_000; i++) {
                int opcode = random.nextInt(3) == 0 ? random.nextInt(256) : opcodeOf(random);
                long low = random.nextInt(3) == 0 ? random.nextLong() : 0;
                long high = random.nextInt(3) == 0 ? random.nextLong() : iova(random);
                long message = SyncCommand.MSIADDRESS.inPlace(high);
                watched.allow((address, length) -> length == 4 && address == message
                        || address >= Rig.EVENTS && address + length <= Rig.EVENTS + 0x1000, FuzzTest::isFlag);
                used.command(opcode, low & ~0xffL, high);
                boolean stopped = used.read(GerrorRegister.OFFSET) != used.read(GerrorNRegister.OFFSET);
                assertThat(stopped || used.commandsDone()).as("seed %d, command %d", seed, i).isTrue();
                if (used.commandError() != 0 && !used.commandsDone()) {
                    skip(used);
                }
                used.write(GerrorNRegister.OFFSET, used.read(GerrorRegister.OFFSET));
                request(random, "seed " + seed + ", command " + i);
            }
        }
    }

    private static int opcodeOf(Random random) {
        int[] known = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x20, 0x21, 0x22, 0x23, 0x28, 0x2a, 0x30, 0x40,
            0x41, 0x44, 0x45, 0x46};
        return known[random.nextInt(known.length)];
    }

    /** Puts something harmless in place of the command that stopped the queue. */
    private static void skip(Rig rig) {
        long at = CmdqConsRegister.RD.get(rig.read(CmdqConsRegister.OFFSET)) & (1 << Rig.QUEUE_BITS) - 1;
        rig.memory.set64(Rig.COMMANDS + 16 * at, CommandOpcode.SYNC);
        rig.memory.set64(Rig.COMMANDS + 16 * at + 8, 0);
    }

    // Registers

    @ParameterizedTest
    @ValueSource(longs = {7, 8, 9})
    void registers(long seed) {
        var random = new Random(seed);
        // By the seed's lowest bit: the first one that small seeds give is always the same.
        build((seed & 1) != 0 ? Smmuv3Capabilities.FULL.withEnhancedQueues(1, 1) : Rig.withIdr5(Idr5Register.STALL_MAX, 3));
        try (var used = rig) {
            goodTables();
            // Queues that were programmed, and places for messages, may be written; which those are changes all the time.
            watched.allow((address, length) -> mayWrite(address, length), FuzzTest::isFlag);
            for (int i = 0; i < 20_000; i++) {
                poke(used, random);
                if (random.nextInt(4) == 0) {
                    use(used, random);
                }
            }
            used.write(Cr0Register.OFFSET, 0);
            assertThat(used.read(Cr0Register.OFFSET)).isZero();
            assertThat(used.unit.stalls().count()).isZero();
        }
    }

    private boolean mayWrite(long address, int length) {
        if (length == 4) {
            return address == rig.read64(EventqIrqCfg0Register.OFFSET) || address == rig.read64(PriqIrqCfg0Register.OFFSET)
                    || address == rig.read64(GerrorIrqCfg0Register.OFFSET) || address >= DATA;
        }
        return inQueue(rig.read64(EventqBaseRegister.OFFSET), EventRecord.BYTES, address)
                || inQueue(rig.read64(PriqBaseRegister.OFFSET), PageRequestRecord.BYTES, address);
    }

    private static boolean inQueue(long base, int bytes, long address) {
        long size = (long) bytes << Math.min(19, EventqBaseRegister.LOG2SIZE.get(base));
        long start = EventqBaseRegister.ADDR.inPlace(base) & -Math.max(size, 32);
        return address >= start && address < start + size;
    }

    private static void poke(Rig rig, Random random) {
        var register = Smmuv3Registers.ALL.get(random.nextInt(Smmuv3Registers.ALL.size()));
        int offset = random.nextInt(16) == 0 ? random.nextInt(0x2_0010) : register.offset() + (random.nextInt(8) == 0 ? 4 : 0);
        if (rig.capabilities.controlPages() > 0 && random.nextInt(4) == 0) {
            var own = Smmuv3Registers.ENHANCED_QUEUE.get(random.nextInt(Smmuv3Registers.ENHANCED_QUEUE.size()));
            offset = Smmuv3Registers.WINDOW_BYTES + random.nextInt(5) * 0x8000 + own.offset() + (random.nextInt(8) == 0 ? 4 : 0);
        }
        long value = switch (random.nextInt(6)) {
            case 5 -> EcmdqProdRegister.EN.mask() | random.nextInt(16) | (random.nextInt(4) == 0 ? EcmdqProdRegister.ERRACK.mask() : 0);
            case 0 -> random.nextLong();
            case 1 -> 1L << random.nextInt(64);
            case 2 -> random.nextInt(32);
            // Somewhere in memory, for bases and messages; small queues.
            case 3 -> (DATA + random.nextInt(0x100_0000) & -4096) | random.nextInt(6);
            default -> rig.read(CmdqProdRegister.OFFSET) + 1;
        };
        try {
            if (random.nextInt(3) == 0) {
                rig.write64(offset, value);
            } else {
                rig.write(offset, value);
            }
            rig.read(offset & -4);
        } catch (IommuException e) {
            // What is misaligned or outside the window is refused, which is an answer too.
            assertThat(e).hasMessageContaining("smmu3.0x9050000");
        }
        if (random.nextInt(8) == 0) {
            rig.write(Cr0Register.OFFSET, random.nextInt(32));
        }
        if (random.nextInt(16) == 0) {
            rig.write(GerrorNRegister.OFFSET, rig.read(GerrorRegister.OFFSET));
        }
    }

    private static void use(Rig rig, Random random) {
        int stream = random.nextInt(STREAMS + 1);
        int substream = random.nextInt(3) == 0 ? random.nextInt(5) : Pasid.NONE;
        long iova = iova(random);
        long answer = switch (random.nextInt(4)) {
            case 0 -> rig.unit.translated(stream, substream, iova, random.nextInt(32));
            case 1 -> {
                rig.unit.translationRequest(stream, substream, iova, random.nextBoolean());
                yield 0;
            }
            case 2 -> {
                rig.unit.requestPage(stream, substream, iova, random.nextInt(64), random.nextInt(512), random.nextBoolean());
                yield 0;
            }
            default -> rig.unit.translate(stream, substream, iova, random.nextInt(32));
        };
        if (TranslationEngine.isStalled(answer)) {
            rig.unit.powerOff();
            rig.unit.settle(answer);
        }
        if (answer >= 0 && InterruptController.isInterruptAddress(answer)) {
            return;
        }
        assertThat(answer >= 0 || answer == TranslationEngine.ABORTED || answer == TranslationEngine.IGNORED
                || TranslationEngine.isStalled(answer) || EventType.of(-answer).isPresent()).isTrue();
    }
}
