package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.AmdviRegisters;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * Whatever stands in tables, a request ends in an address or in an event that the manual knows, and a probe foretells which;
 * whatever stands in the command buffer is carried out or stops it; whatever is written to registers does no harm.
 */
class FuzzTest {
    private static final int ROUNDS = 1_500;
    private static final int REQUESTS = 8;
    private static final long[] INTERESTING = {0, 1, 3, 0x601, 0xe01, 0x1fe01, 0x6000_0000_0000_0001L, -1, 1L << 63, 0xfff, 0x67};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void requests(long seed) {
        var random = new Random(seed);
        try (var rig = new Rig().start()) {
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
            before.putIfAbsent(place, rig.memory.get64(place));
            rig.memory.set64(place, word(random));
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
        for (int round = 0; round < 60; round++) {
            try (var rig = new Rig().start()) {
                for (int i = 0; i < 40; i++) {
                    long low = (long) random.nextInt(11) << 60 | (random.nextInt(4) == 0 ? random.nextLong() >>> 4
                            : random.nextInt(8) | (long) random.nextInt(256) << 32);
                    rig.submit(low, random.nextInt(3) == 0 ? word(random) : random.nextInt(8) | (long) random.nextInt(64) << 12);
                    assertThat(rig.status(StatusRegister.CMDBUFRUN) == rig.done()).as("seed %d, round %d", seed, round).isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7})
    void registers(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            try (var rig = new Rig().start()) {
                goodTables(rig);
                for (int i = 0; i < 60; i++) {
                    var register = AmdviRegisters.ALL.get(random.nextInt(AmdviRegisters.ALL.size()));
                    if (register.bytes() == 8) {
                        rig.unit.registers().write64(register.offset(), word(random));
                    } else {
                        rig.unit.registers().write32(register.offset(), (int) word(random));
                    }
                    rig.unit.translate(Rig.DEVICE + random.nextInt(4), random.nextInt(3), iova(random), RequestAccess.WRITE);
                    rig.unit.requestPage(Rig.DEVICE, random.nextInt(3), iova(random), RequestAccess.READ, i, true);
                }
            }
        }
    }
}
