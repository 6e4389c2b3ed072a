package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.sim.WatchedMemory;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * Whatever stands in tables, a request ends in an address or in a fault that the manual knows, a probe foretells which, and
 * whatever stands in the queue is carried out or stops it.
 */
class ScalableFuzzTest {
    private static final int ROUNDS = 1_500;
    private static final int REQUESTS = 8;
    private static final long FLAGS = FirstStageEntry.A.mask() | FirstStageEntry.D.mask() | FirstStageEntry.EA.mask()
            | SecondStageEntry.A.mask() | SecondStageEntry.D.mask();
    private static final long[] INTERESTING = {0, 1, 3, 0x49, 0x89, 0xc9, 0x109, -1, 1L << 63, 0xfff, 0x1f};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void requests(long seed) {
        var random = new Random(seed);
        try (var rig = watchedRig((address, length) -> false)) {
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

    private static ScalableRig watchedRig(WatchedMemory.Allowed places) {
        return new ScalableRig(new Rig(VtdCapabilities.of(ScalableRig.features().build(), 39), memory -> {
            var watched = new WatchedMemory(memory);
            watched.allow(places, ScalableFuzzTest::isFlag);
            return watched;
        })).start();
    }

    /** Accessed, extended-accessed and dirty flags are all that hardware ever changes in a table. */
    private static boolean isFlag(long address, long expected, long value) {
        return (expected & ~value) == 0 && ((expected ^ value) & ~FLAGS) == 0;
    }

    private static void goodTables(ScalableRig rig) {
        rig.firstStage(1, 5);
        rig.secondStage(2, 6, 0);
        rig.nested(3, 7, 1 << 9);
        rig.passThrough(4, 1);
        rig.guestTables(7, Rig.RW);
        for (int page = 0; page < 16; page++) {
            long iova = (page & 7L) << 12 | (long) (page & 8) << 27;
            rig.first(5, iova, 1, 0x70_0000 + page * 0x1000L | ScalableRig.USER);
            rig.rig.entry(6, iova, 1, 0x70_0000 + page * 0x1000L | Rig.RW);
            rig.guest(7, iova, 1, 0x30_0000 + page * 0x1000L | ScalableRig.USER);
            rig.rig.entry(7, 0x30_0000 + page * 0x1000L, 1, 0x70_0000 + page * 0x1000L | page % 3 + 1);
        }
    }

    /** Writes a few words of any kind into good tables; what was there before is to be put back. */
    private static Map<Long, Long> disturb(ScalableRig rig, Random random) {
        Map<Long, Long> before = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            long[] tables = {ScalableRig.ROOT, rig.contextAddress(ScalableRig.SID), ScalableRig.DIRECTORY,
                ScalableRig.pasidAddress(random.nextInt(5)), ScalableRig.top(5), Rig.top(6), ScalableRig.top(7), Rig.top(7)};
            int index = random.nextInt(tables.length);
            long page = index < 4 ? 0 : random.nextInt(5) * 0x1000L;
            long place = tables[index] + page + random.nextInt(8) * 8L;
            before.putIfAbsent(place, rig.memory.get64(place));
            rig.memory.set64(place, word(random));
        }
        rig.submit(Rig.contextInvalidate(1, 0, 0, 0), 0);
        rig.submit(ScalableRig.pasidCache(3, 0, 0), 0);
        rig.submit(Rig.iotlbInvalidate(1, 0), 0);
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
        long iova = random.nextInt(8) << 12 | (long) random.nextInt(2) << 30;
        return random.nextInt(8) == 0 ? random.nextLong() : iova;
    }

    /** Returns 1 for an address, 0 for a fault. */
    private static int request(ScalableRig rig, Random random, String description) {
        int pasid = random.nextInt(7) - 1;
        pasid = pasid < 0 ? Pasid.NONE : pasid;
        long iova = iova(random);
        var access = Access.values()[random.nextInt(Access.values().length)];
        var foretold = rig.unit.probe(ScalableRig.SID, pasid, iova, access);
        long answer = rig.request(pasid, iova, RequestAccess.of(access));
        if (answer < 0) {
            assertThat(FaultReason.of((int) -answer)).as(description).isPresent();
            // Only a request that is carried out finds that accessed and dirty bits cannot be set.
            boolean marking = answer == -FaultReason.FIRST_STAGE_AD_NOT_SNOOPED.code()
                    || answer == -FaultReason.SM_SECOND_STAGE_AD_NOT_SNOOPED.code()
                    || answer == -FaultReason.NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED.code();
            if (!marking) {
                assertThat(foretold).as(description).isInstanceOfSatisfying(Translation.Fault.class,
                        fault -> assertThat(fault.code()).isEqualTo((int) -answer));
            }
            return 0;
        }
        assertThat(foretold).as(description).isInstanceOfSatisfying(Translation.Mapped.class,
                mapped -> assertThat(mapped.address()).isEqualTo(answer));
        boolean message = pasid == Pasid.NONE && InterruptController.isInterruptAddress(iova);
        if (!message) {
            assertThat(new TableReader(rig.memory).resolve(ScalableRig.ROOT, ScalableRig.SID, pasid, iova,
                    access == Access.WRITE || access == Access.ATOMIC)).as(description).isEqualTo(OptionalLong.of(answer));
        }
        return 1;
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5})
    void descriptors(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            try (var rig = new ScalableRig().start()) {
                for (int i = 0; i < 40; i++) {
                    long first = random.nextInt(16) | (long) random.nextInt(4) << 4;
                    rig.submit(random.nextInt(4) == 0 ? random.nextLong() : first | (long) random.nextInt(16) << 16,
                            random.nextInt(3) == 0 ? random.nextLong() : 0, random.nextInt(9) == 0 ? word(random) : 0, 0);
                    boolean stopped = (rig.rig.faultStatus() & FaultStatusRegister.IQE.mask()) != 0;
                    assertThat(stopped || rig.rig.read64(0x80) == rig.tail()).as("seed %d, round %d", seed, round).isTrue();
                }
            }
        }
    }
}
