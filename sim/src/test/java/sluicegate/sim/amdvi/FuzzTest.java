package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Access;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.AmdviRegisters;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.GuestLogBaseRegister;
import sluicegate.spec.amdvi.GuestLogHeadRegister;
import sluicegate.spec.amdvi.GuestLogTailRegister;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.amdvi.PprLogBaseRegister;
import sluicegate.spec.amdvi.StatusRegister;
import sluicegate.spec.amdvi.VirtualApicPage;
import sluicegate.spec.amdvi.VirtualInterruptEntry;

/**
 * Whatever stands in tables, a request ends in the address that the tables give or in an event that the manual knows, and a
 * probe foretells which; whatever stands in the command buffer is carried out or stops it; whatever is written to registers
 * does no harm. And never does the unit write anything but its logs, what a COMPLETION_WAIT names, vectors in the backing pages of
 * virtual processors, and accessed and dirty bits of entries that are present.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FuzzTest {
    private static final int ROUNDS = 1_500;
    private static final int REQUESTS = 8;
    /** Bits of entries that say whether, for whom and at which level. */
    private static final int[] DECISIVE = {0, 1, 2, 7, 9, 10, 61, 62, 63};
    private static final long[] INTERESTING = {0, 1, 3, 0x601, 0xe01, 0x1fe01, 0x6000_0000_0000_0001L, -1, 1L << 63, 0xfff, 0x67};

    private static final long MARKS = HostPageEntry.A.mask() | HostPageEntry.D.mask();
    /** Of virtual processors, and of interrupt remapping: its table and the guest log. */
    private static final long BACKING_PAGE = 0x4a_0000;
    private static final long INTERRUPTS = 0x4b_0000;
    private static final long GUEST_LOG = 0x4c_0000;
    private static final Set<String> STORES = Set.of("set64", "set64Release", "set32Release", "write", "fill64");

    /** Whether the unit may store something at a place. */
    private LongPredicate allowed = place -> false;
    private final Rig rig = new Rig(AmdviCapabilities.of(Rig.features()), this::watched).start();

    @AfterEach
    void close() {
        rig.close();
    }

    private PhysicalMemory watched(PhysicalMemory memory) {
        return (PhysicalMemory) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {PhysicalMemory.class},
                (self, method, arguments) -> {
                    if (STORES.contains(method.getName()) && !allowed.test((long) arguments[0])) {
                        throw new AssertionError("the unit wrote to " + Hex.of((long) arguments[0]));
                    }
                    if (method.getName().equals("compareAndSet64") && !backingPage((long) arguments[0])) {
                        checkMarks((long) arguments[0], (long) arguments[1], (long) arguments[2]);
                    }
                    try {
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Or where an entry has it that does not say where. */
    private static boolean backingPage(long place) {
        long offset = place >= BACKING_PAGE ? place - BACKING_PAGE : place;
        return offset >= VirtualApicPage.offset(0) && offset <= VirtualApicPage.offset(255);
    }

    /** Accessed and dirty bits have the same places in entries of host and of guest tables. */
    private static void checkMarks(long place, long old, long now) {
        if ((old & ~now) != 0 || (now & ~old & ~MARKS) != 0 || (old & Rig.PR) == 0) {
            throw new AssertionError("the unit changed " + Hex.of(old) + " at " + Hex.of(place) + " to " + Hex.of(now));
        }
    }

    private static boolean inLog(Rig rig, int register, long place) {
        long base = rig.register(register);
        long first = EventLogBaseRegister.EVENTBASE.inPlace(base);
        long entries = 1L << Math.max(EventLogBaseRegister.MIN_LENGTH, EventLogBaseRegister.EVENTLEN.get(base));
        return place >= first && place < first + 16 * entries;
    }

    /** What the unit may store now: records, and what the COMPLETION_WAIT that it carries out says. */
    private boolean mayStore(long place) {
        long command = CommandBufferBaseRegister.COMBASE.inPlace(rig.register(CommandBufferBaseRegister.OFFSET))
                + rig.register(CommandBufferHeadRegister.OFFSET);
        long low = rig.memory.contains(command, 16) ? rig.memory.get64(command) : 0;
        return inLog(rig, EventLogBaseRegister.OFFSET, place) || inLog(rig, PprLogBaseRegister.OFFSET, place)
                || CommandCode.of(low) == CommandCode.COMPLETION_WAIT && CompletionWaitCommand.S.isSet(low)
                && CompletionWaitCommand.STORE.inPlace(low) == place;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void requests(long seed) {
        var random = new Random(seed);
        allowed = place -> inLog(rig, EventLogBaseRegister.OFFSET, place);
        goodTables(rig);
        int translated = 0;
        for (int round = 0; round < ROUNDS; round++) {
            var before = disturb(rig, random);
            for (int i = 0; i < REQUESTS; i++) {
                translated += request(rig, random, "seed " + seed + ", round " + round);
            }
            before.forEach(rig.memory::set64);
        }
        assertThat(translated).as("good tables are met, too").isGreaterThan(ROUNDS);
    }

    private static void goodTables(Rig rig) {
        rig.host(Rig.DEVICE, 5, 4);
        rig.guest(Rig.DEVICE + 1, 6, 0, DeviceTableEntry.GIOV.mask());
        rig.guest(Rig.DEVICE + 2, 7, 4, DeviceTableEntry.HAD.mask());
        rig.host(Rig.DEVICE + 3, 5, 4);
        rig.changeDte(Rig.DEVICE + 3, 0, DeviceTableEntry.HAD.mask(), 0);
        rig.hostOfGuestTables(7, Rig.RW);
        for (int page = 0; page < 16; page++) {
            long iova = (page & 7L) << 12 | (long) (page & 8) << 27;
            long sized = HostPageEntry.sizedPage(0x70_0000 + (page & ~1) * 0x1000L, 13) | Rig.PR | Rig.RW;
            rig.entry(5, iova, 1, page < 8 ? 0x70_0000 + page * 0x1000L | Rig.PR | Rig.RW : sized);
            rig.entry(7, iova, 1, 0x70_0000 + page * 0x1000L | Rig.PR | (page % 3 == 0 ? Rig.R : Rig.RW));
            for (int pasid = 0; pasid < 3; pasid++) {
                rig.guestEntry(6, pasid, iova, 1, 0x72_0000 + page * 0x1000L | Rig.USER);
                rig.guestEntry(7, pasid, iova, 1, (page & 7L) << 12 | Rig.USER);
            }
        }
    }

    /** Writes a few words of any kind into good tables; what was there before is to be put back. */
    private static Map<Long, Long> disturb(Rig rig, Random random) {
        Map<Long, Long> before = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            int domain = 5 + random.nextInt(3);
            long[] tables = {Rig.dtePlace(Rig.DEVICE + random.nextInt(4)), Rig.gcr3(domain), Rig.top(domain),
                Rig.guestTop(domain, random.nextInt(3)), Rig.top(domain) + 0x1_1000 + random.nextInt(6) * 0x1000L,
                Rig.top(domain) + Rig.TABLES / 2 + 0x1_1000 + random.nextInt(40) * 0x1000L};
            int index = random.nextInt(tables.length);
            long place = tables[index] + random.nextInt(index == 0 ? 4 : 8) * 8L;
            long old = rig.memory.get64(place);
            before.putIfAbsent(place, old);
            rig.memory.set64(place, switch (random.nextInt(4)) {
                case 0 -> old ^ 1L << random.nextInt(64);
                case 1 -> old ^ 1L << DECISIVE[random.nextInt(DECISIVE.length)];
                default -> word(random);
            });
        }
        rig.invalidateAll();
        return before;
    }

    private static long word(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> INTERESTING[random.nextInt(INTERESTING.length)];
            case 1 -> random.nextLong();
            case 2 -> random.nextLong(Rig.MEMORY) & -4096 | random.nextInt(4096) | (long) random.nextInt(4) << 61;
            default -> 1L << random.nextInt(64);
        };
    }

    private static long iova(Random random) {
        long iova = random.nextInt(8) << 12 | (long) random.nextInt(2) << 30;
        return random.nextInt(8) == 0 ? random.nextLong() : iova;
    }

    /** Returns 1 for an address, 0 for a refusal. */
    private static int request(Rig rig, Random random, String description) {
        rig.events();
        int device = Rig.DEVICE + random.nextInt(4);
        int pasid = random.nextInt(5) - 1;
        pasid = pasid < 0 ? Pasid.NONE : pasid;
        long iova = iova(random);
        var access = Access.values()[random.nextInt(Access.values().length)];
        var foretold = rig.unit.probe(device, pasid, iova, access);
        long answer = rig.unit.translate(device, pasid, iova, RequestAccess.of(access));
        var events = rig.events();
        if (answer >= 0) {
            assertThat(events).as(description).isEmpty();
            assertThat(foretold).as(description).isInstanceOfSatisfying(Translation.Mapped.class,
                    mapped -> assertThat(mapped.address()).isEqualTo(answer));
            assertThat(TableReader.resolve(rig.memory, Rig.dtePlace(device), pasid, iova, access == Access.WRITE)).as(description)
                    .isEqualTo(OptionalLong.of(answer));
            return 1;
        }
        if (answer == TranslationEngine.NO_ADDRESS) {
            assertThat(foretold).as(description).isInstanceOf(Translation.Fault.class);
            return 0;
        }
        // An entry may say that nothing is to be logged of its device.
        assertThat(events).as(description).hasSizeLessThanOrEqualTo(1);
        for (var event : events) {
            assertThat(event.code().layout().reservedMask(0) & event.low()).as(description + ": " + event).isZero();
            // Only a request that is carried out finds that guest tables cannot be written.
            if (foretold instanceof Translation.Fault fault) {
                assertThat(EventCode.of(fault.code())).as(description + ": " + event).contains(event.code());
            }
        }
        return 0;
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5})
    void commands(long seed) {
        var random = new Random(seed);
        allowed = this::mayStore;
        goodTables(rig);
        int done = 0;
        for (int i = 0; i < 5_000; i++) {
            long low = (long) random.nextInt(11) << 60 | (random.nextInt(4) == 0 ? random.nextLong() >>> 4
                    : random.nextInt(8) | (long) random.nextInt(256) << 32);
            rig.submit(low, random.nextInt(3) == 0 ? word(random) : random.nextInt(8) | (long) random.nextInt(64) << 12);
            assertThat(rig.status(StatusRegister.CMDBUFRUN) == rig.done()).as("seed %d, command %d", seed, i).isTrue();
            done += rig.done() ? 1 : 0;
            if (!rig.done()) {
                rig.clearControl(ControlRegister.CMDBUFEN.mask());
                rig.setRegister(CommandBufferHeadRegister.OFFSET, rig.tail());
                rig.control(ControlRegister.CMDBUFEN.mask());
            }
            request(rig, random, "seed " + seed + ", command " + i);
        }
        assertThat(done).as("good commands are met, too").isGreaterThan(500);
    }

    /** Entries of either form, for processors and for virtual ones, whose backing page is one or nowhere. */
    @ParameterizedTest
    @ValueSource(longs = {9, 10})
    void interrupts(long seed) {
        var random = new Random(seed);
        allowed = place -> inLog(rig, EventLogBaseRegister.OFFSET, place) || place >= GUEST_LOG && place < GUEST_LOG + 8 * 256;
        rig.setRegister(GuestLogBaseRegister.OFFSET, GuestLogBaseRegister.GALEN.set(GUEST_LOG, GuestLogBaseRegister.MIN_LENGTH));
        long table = DeviceTableEntry.INTCTL.set(DeviceTableEntry.IV.mask() | INTERRUPTS, DeviceTableEntry.INTCTL_REMAP);
        int sent = 0;
        for (int i = 0; i < 5_000; i++) {
            rig.setRegister(ControlRegister.OFFSET, rig.control | ControlRegister.GALOGEN.mask()
                    | ControlRegister.GAEN.mask() * random.nextInt(2) | ControlRegister.XTEN.mask() * random.nextInt(2)
                    | ControlRegister.GAMEN.set(0, random.nextInt(2)) | ControlRegister.NUMINTREMAPMODE.set(0, random.nextInt(2)));
            int index = random.nextInt(8);
            long flip = random.nextInt(4) == 0 ? word(random) : 0;
            long low = new long[] {1, 0x45, 0x81, 0x85, 0xc1}[random.nextInt(5)];
            long page = low < 0x80 ? 0 : random.nextInt(4) == 0 ? 0x8000_0000L : BACKING_PAGE;
            rig.memory.set64(INTERRUPTS + 16L * index, low ^ flip);
            rig.memory.set64(INTERRUPTS + 16L * index + 8, VirtualInterruptEntry.ROOT.setInPlace(random.nextInt(256), page)
                    | (random.nextInt(8) == 0 ? 1L << 52 + random.nextInt(12) : 0));
            rig.changeDte(Rig.DEVICE, 2, DeviceTableEntry.INTTABLEN.set(table, 2 + random.nextInt(10)) ^ (random.nextInt(8) == 0
                    ? 1L << random.nextInt(64) & ~DeviceTableEntry.INTROOT.mask() : 0), -1L);
            rig.invalidateAll();
            int data = random.nextInt(4) == 0 ? random.nextInt(0x10000) : index;
            var status = rig.interrupt(0xfee0_0000L | random.nextInt(256) << 12 | (long) random.nextInt(2) << 2, data);
            sent += status == DmaStatus.OK ? 1 : 0;
            var events = rig.events();
            assertThat(events).as("seed %d, interrupt %d", seed, i).hasSizeLessThanOrEqualTo(status == DmaStatus.OK ? 0 : 1);
            for (var event : events) {
                assertThat(event.code().layout().reservedMask(0) & event.low()).as("%s", event).isZero();
            }
            rig.setRegister(GuestLogHeadRegister.OFFSET, rig.register(GuestLogTailRegister.OFFSET));
        }
        assertThat(sent).as("good ones are met, too").isBetween(500, 4_500);
        assertThat(rig.interrupts.doorbells()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8})
    void registers(long seed) {
        var random = new Random(seed);
        allowed = this::mayStore;
        goodTables(rig);
        for (int i = 0; i < 5_000; i++) {
            poke(random);
            rig.unit.translate(Rig.DEVICE + random.nextInt(4), random.nextInt(3), iova(random), RequestAccess.WRITE);
            rig.unit.requestPage(Rig.DEVICE, random.nextInt(3), iova(random), RequestAccess.READ, i, true);
            if (random.nextInt(16) == 0) {
                // Most of what is written switches something off.
                rig.setRegister(ControlRegister.OFFSET, rig.control);
            }
        }
        rig.setRegister(ControlRegister.OFFSET, 0);
        for (var run : new sluicegate.spec.Field[] {StatusRegister.CMDBUFRUN, StatusRegister.EVENTLOGRUN, StatusRegister.PPRLOGRUN}) {
            assertThat(rig.status(run)).as(run.name()).isFalse();
        }
    }

    private void poke(Random random) {
        var register = AmdviRegisters.ALL.get(random.nextInt(AmdviRegisters.ALL.size()));
        int offset = random.nextInt(16) == 0 ? random.nextInt(0x4010) : register.offset() + (random.nextInt(8) == 0 ? 4 : 0);
        try {
            if (register.bytes() == 8) {
                rig.unit.registers().write64(offset, word(random));
            } else {
                rig.unit.registers().write32(offset, (int) word(random));
            }
            rig.unit.registers().read32(offset & -4);
        } catch (IommuException e) {
            // What is misaligned or outside the window is refused, which is an answer too.
            assertThat(e).hasMessageContaining("ivhd0");
        }
    }
}
