package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;

/** The steps and the expectations of the kernel's {@code arm_smmu_v3_invs_test}. */
@DisplayName("An invalidation array")
class InvalidationArrayTest {
    private static final long VMID_1 = InvalidationTarget.vmid(1);
    private static final long STAGE_1_OF_1 = InvalidationTarget.stage1OfVmid(1);
    private static final long[] FIRST = {VMID_1, STAGE_1_OF_1, ats(3)};
    private static final long[] SECOND = {VMID_1, ats(4), ats(5)};
    private static final long[] THIRD = {VMID_1, ats(5), ats(6)};
    private static final long[] FOURTH = {ats(10, 1), ats(10, 3), ats(12, 1)};
    private static final long[] FIFTH = {ats(10, 2), ats(10, 3), ats(12, 2)};

    private static long ats(int sid) {
        return ats(sid, Pasid.NONE);
    }

    private static long ats(int sid, int ssid) {
        return InvalidationTarget.device(sid, ssid, false);
    }

    private static void assertArray(InvalidationArray array, int trash, List<Long> targets, Integer... users) {
        var there = new ArrayList<Long>();
        var counts = new ArrayList<Integer>();
        for (int i = 0; i < array.size(); i++) {
            there.add(array.target(i));
            counts.add(array.users(i));
        }
        assertThat(there).isEqualTo(targets);
        assertThat(counts).containsExactly(users);
        assertThat(array.trash()).isEqualTo(trash);
    }

    @Test
    @DisplayName("counts duplicates when merging, leaves trash when users go, and is compact again after a purge")
    void arm_smmu_v3_invs_test() {
        var empty = InvalidationArray.EMPTY;
        assertArray(empty, 0, List.of());
        var one = empty.merge(FIRST);
        assertArray(one, 0, List.of(VMID_1, STAGE_1_OF_1, ats(3)), 1, 1, 1);
        var two = one.merge(SECOND);
        assertArray(two, 0, List.of(VMID_1, STAGE_1_OF_1, ats(3), ats(4), ats(5)), 2, 1, 1, 1, 1);

        two.unref(SECOND);
        assertArray(two, 0, List.of(VMID_1, STAGE_1_OF_1, ats(3)), 1, 1, 1);
        var three = two.merge(THIRD);
        assertArray(three, 0, List.of(VMID_1, STAGE_1_OF_1, ats(3), ats(5), ats(6)), 2, 1, 1, 1, 1);
        three.unref(FIRST);
        assertArray(three, 2, List.of(VMID_1, STAGE_1_OF_1, ats(3), ats(5), ats(6)), 1, 0, 0, 1, 1);
        var purged = three.purge();
        assertArray(purged, 0, List.of(VMID_1, ats(5), ats(6)), 1, 1, 1);
        purged.unref(THIRD);
        assertArray(purged, 0, List.of());

        var four = purged.merge(FOURTH);
        assertArray(four, 0, List.of(ats(10, 1), ats(10, 3), ats(12, 1)), 1, 1, 1);
        var five = four.merge(FIFTH);
        assertArray(five, 0, List.of(ats(10, 1), ats(10, 2), ats(10, 3), ats(12, 1), ats(12, 2)), 1, 1, 2, 1, 1);
        five.unref(FIFTH);
        assertArray(five, 1, List.of(ats(10, 1), ats(10, 2), ats(10, 3), ats(12, 1)), 1, 0, 1, 1);
        assertArray(five.purge(), 0, List.of(ats(10, 1), ats(10, 3), ats(12, 1)), 1, 1, 1);
    }

    @Test
    @DisplayName("is compact after a merge too, and is not copied where there is nothing to take out")
    void isCompactAfterAMerge() {
        var array = InvalidationArray.of(FOURTH).merge(FIFTH);
        array.unref(FOURTH);
        assertArray(array, 2, List.of(ats(10, 1), ats(10, 2), ats(10, 3), ats(12, 1), ats(12, 2)), 0, 1, 1, 0, 1);
        var merged = array.merge(FIFTH);
        assertArray(merged, 0, List.of(ats(10, 2), ats(10, 3), ats(12, 2)), 2, 2, 2);
        merged.unref(FIFTH);
        assertArray(merged, 0, List.of(ats(10, 2), ats(10, 3), ats(12, 2)), 1, 1, 1);
        assertThat(merged.purge()).as("nothing to take out").isSameAs(merged);
    }

    @Test
    @DisplayName("is in the order in which hardware has to be told: the unit's stage 2, its stage 1, then devices")
    void isInOrder() {
        assertArray(InvalidationArray.of(InvalidationTarget.device(3, 7, true), ats(0xffff_ffff, 0xf_ffff), ats(3), STAGE_1_OF_1, VMID_1,
                ats(3, 0)), 0, List.of(VMID_1, STAGE_1_OF_1, ats(3), ats(3, 0), ats(0xffff_ffff, 0xf_ffff),
                InvalidationTarget.device(3, 7, true)), 1, 1, 1, 1, 1, 1);
        assertThat(InvalidationTarget.id(ats(0xffff_ffff, 0xf_ffff))).isEqualTo(0xffff_ffff);
        assertThat(InvalidationTarget.ssid(ats(0xffff_ffff, 0xf_ffff))).isEqualTo(0xf_ffff);
        assertThat(InvalidationTarget.ssid(ats(3))).isEqualTo(Pasid.NONE);
        assertThat(InvalidationTarget.ssid(ats(3, 0))).isZero();
    }

    @Test
    @DisplayName("never changes under one who reads it but for users that go")
    void isReadWhileItChanges() {
        var read = InvalidationArray.of(FIRST);
        var next = read.merge(SECOND);
        assertArray(read, 0, List.of(VMID_1, STAGE_1_OF_1, ats(3)), 1, 1, 1);
        read.unref(STAGE_1_OF_1);
        assertArray(read, 1, List.of(VMID_1, STAGE_1_OF_1, ats(3)), 1, 0, 1);
        assertThat(next.usersOf(STAGE_1_OF_1)).isEqualTo(1);
        read.unref(ats(99), STAGE_1_OF_1);
        assertArray(read, 1, List.of(VMID_1, STAGE_1_OF_1, ats(3)), 1, 0, 1);
    }

    @Test
    @DisplayName("counts as a map from targets to users does")
    void countsAsAMapDoes() {
        var random = new Random(20);
        var expected = new TreeMap<Long, Integer>();
        var array = InvalidationArray.EMPTY;
        for (int step = 0; step < 5000; step++) {
            var targets = random.longs(random.nextInt(4), 0, 12).map(id -> ats((int) id)).toArray();
            if (random.nextBoolean()) {
                array = array.merge(targets);
                for (long target : targets) {
                    expected.merge(target, 1, Integer::sum);
                }
            } else {
                array.unref(targets);
                for (long target : targets) {
                    expected.computeIfPresent(target, (key, users) -> users == 1 ? null : users - 1);
                }
            }
            if (random.nextInt(3) == 0) {
                array = array.purge();
                assertThat(array.trash()).isZero();
                assertThat(array.size()).isEqualTo(expected.size());
            }
            var there = new TreeMap<Long, Integer>();
            for (int i = 0; i < array.size(); i++) {
                if (array.users(i) != 0) {
                    there.put(array.target(i), array.users(i));
                }
            }
            assertThat(there).isEqualTo(expected);
        }
    }
}
