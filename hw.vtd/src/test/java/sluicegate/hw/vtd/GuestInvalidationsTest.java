package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.AttachTest.fault;
import static sluicegate.hw.vtd.Rig.RW;
import static sluicegate.hw.vtd.ScalableAttachTest.assertFails;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.pgtable.PageTable;
import sluicegate.spec.vtd.FaultReason;

/** What a guest says that it has changed in its tables is forgotten, and nothing that it may not change. */
class GuestInvalidationsTest {
    private static final int NIC = 0x0010;
    private static final int GPU = 0x0120;
    private static final long IOVA = 0x1_2345_6000L;
    private static final long PAGE = 4096;
    private static final long OLD = 0x30_0000;
    private static final long NEW = 0x31_0000;

    private final Rig rig = Rig.scalable();
    private final VtdUnit unit = rig.start();
    private final TestDevice nic = Rig.device(unit, "nic", NIC);
    private final SecondStageDomain parent = Rig.parent(unit, nic);
    private final PageTable guest = guest();
    private final DriverDomain nested = rig.nested(unit, nic, parent, guest.top());

    GuestInvalidationsTest() {
        parent.mapPages(0, 0, 2 << 20, 32, RW);
        nested.attachDev(nic, Optional.empty());
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** Three pages in a row. */
    private PageTable guest() {
        var table = rig.guestTable();
        table.map(IOVA, OLD, PAGE, 3, RW);
        return table;
    }

    private static void remap(PageTable table) {
        table.unmap(IOVA, 3 * PAGE, new IotlbGather());
        table.map(IOVA, NEW, PAGE, 3, RW);
    }

    private List<Long> read() {
        return LongStream.range(0, 3).map(page -> rig.read(NIC, IOVA + page * PAGE)).boxed().toList();
    }

    private GuestInvalidation invalidate(long... words) {
        return nested.invalidateGuest(LongStream.of(words).boxed().toList(), Map.of());
    }

    private static void assertDone(GuestInvalidation result, int count) {
        assertThat(result).isEqualTo(new GuestInvalidation(count, Optional.empty()));
    }

    @Test
    void pagesThatTheGuestNamesAreForgotten() {
        read();
        remap(guest);
        assertThat(read()).as("nobody has said anything yet").containsExactly(OLD, OLD + PAGE, OLD + 2 * PAGE);
        assertDone(invalidate(IOVA, 1, GuestInvalidations.LEAF), 1);
        assertThat(read()).containsExactly(NEW, OLD + PAGE, OLD + 2 * PAGE);
        assertDone(invalidate(IOVA + PAGE, 1, 0, IOVA + 2 * PAGE, 1, 0), 2);
        assertThat(read()).containsExactly(NEW, NEW + PAGE, NEW + 2 * PAGE);
    }

    @Test
    void allIsForgottenIfAllIsNamed() {
        read();
        remap(guest);
        assertDone(invalidate(0, GuestInvalidations.ALL_PAGES, 0), 1);
        assertThat(read()).containsExactly(NEW, NEW + PAGE, NEW + 2 * PAGE);
    }

    /** With LEAF the unit may keep what leads to the last table; without, a table that was taken out is out. */
    @Test
    void aTableThatTheGuestTookOutIsForgottenToo() {
        read();
        long slot = slotOfLastTable();
        rig.memory().set64(slot, 0);
        assertDone(invalidate(IOVA, 3, 0), 1);
        assertThat(rig.read(NIC, IOVA)).isEqualTo(fault(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT));
    }

    private long slotOfLastTable() {
        long table = guest.top();
        for (int shift = 39; shift > 21; shift -= 9) {
            table = rig.memory().get64(table + (IOVA >>> shift & 0x1ff) * 8) & 0xf_ffff_ffff_f000L;
        }
        return table + (IOVA >>> 21 & 0x1ff) * 8;
    }

    @Test
    void anotherGuestOfTheSameParentKeepsWhatIsCached() {
        var gpu = Rig.device(unit, "gpu", GPU);
        var others = guest();
        var other = rig.nested(unit, gpu, parent, others.top());
        other.attachDev(gpu, Optional.empty());
        rig.read(GPU, IOVA);
        remap(others);
        assertDone(invalidate(0, GuestInvalidations.ALL_PAGES, 0), 1);
        assertThat(rig.read(GPU, IOVA)).isEqualTo(OLD);
    }

    @Test
    void whatMakesNoSenseIsRefusedAndWhatCameBeforeIsDone() {
        read();
        remap(guest);
        assertFails(Errno.EINVAL, "three words", () -> invalidate(IOVA, 1));
        assertRefused(Errno.EOPNOTSUPP, "unknown", invalidate(IOVA, 1, 0, IOVA + PAGE, 1, 2, IOVA + PAGE, 1, 0));
        assertThat(read()).containsExactly(NEW, OLD + PAGE, OLD + 2 * PAGE);
        for (var range : List.of(new long[] {IOVA + 1, 1}, new long[] {IOVA, 0}, new long[] {PAGE, -1}, new long[] {IOVA, 1L << 52},
                new long[] {-PAGE, 2})) {
            assertRefused(Errno.EINVAL, "no range", invalidate(IOVA + 2 * PAGE, 1, 0, range[0], range[1], 0));
        }
        assertDone(invalidate(-PAGE, 1, 0), 1);
        assertDone(invalidate(), 0);
    }

    private static void assertRefused(Errno errno, String why, GuestInvalidation result) {
        assertThat(result.done()).isEqualTo(1);
        assertThat(result.refused().map(IommuException::errno)).contains(errno);
        assertThat(result.refused().orElseThrow()).hasMessageContaining("invalidation 1 of a guest").hasMessageContaining(why);
    }
}
