package sluicegate.hw.common.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.types.Prot;

/** Which pages a device has written to, as every driver that can tell tells it. */
public abstract class DirtyTrackingContract {
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final long PAGE = 4096;
    private static final long LARGE = 2L << 20;
    private static final long END = 1L << 30;

    /**
     * A unit that tracks, as its driver shows it, and a device behind it.
     *
     * @param read has the device read from an address
     * @param write has it write
     * @param end ends all of it
     */
    public record Subject(IommuOps unit, TestDevice device, LongConsumer read, LongConsumer write, Runnable end) implements AutoCloseable {
        @Override
        public void close() {
            end.run();
        }
    }

    protected abstract Subject subject();

    /** Whether hardware tracks a domain that was allocated for it even while nobody asks. */
    protected boolean tracksAlways() {
        return false;
    }

    /** What is dirty, as address and size in hexadecimal digits. */
    public static List<String> dirty(DriverDomain domain, long iova, long size, boolean clear) {
        var pages = new ArrayList<String>();
        domain.readAndClearDirty(iova, size, clear, (start, length) -> pages.add(Long.toHexString(start) + "+" + Long.toHexString(length)));
        return pages;
    }

    /** As the core does: what is dirty by then is cleared. */
    private static void track(DriverDomain domain) {
        dirty(domain, 0, END, true);
        domain.setDirtyTracking(true);
    }

    private static DriverDomain domain(Subject subject) {
        return subject.unit().domainAllocPaging(subject.device(), Set.of(AllocFlag.DIRTY_TRACKING));
    }

    private static void map(DriverDomain domain, long iova, long address, long pageSize, long count) {
        assertThat(domain.mapPages(iova, address, pageSize, count, RW)).isEqualTo(count * pageSize);
        domain.iotlbSyncMap(iova, count * pageSize);
    }

    @Test
    public void pagesThatADeviceWroteAreDirtyUntilTheyAreCleared() {
        try (var subject = subject()) {
            var domain = domain(subject);
            domain.attachDev(subject.device(), Optional.empty());
            map(domain, 0x1000, 0x20_0000, PAGE, 4);
            map(domain, 0x40_0000, 0x40_0000, LARGE, 1);
            track(domain);
            subject.write().accept(0x1000);
            subject.write().accept(0x3000);
            subject.read().accept(0x2000);
            subject.write().accept(0x40_2000);
            assertThat(dirty(domain, 0, END, false)).containsExactly("1000+1000", "3000+1000", "400000+200000");
            assertThat(dirty(domain, 0x2000, 0x2000, true)).containsExactly("3000+1000");
            assertThat(dirty(domain, 0, END, true)).containsExactly("1000+1000", "400000+200000");
            assertThat(dirty(domain, 0, END, false)).isEmpty();
            subject.write().accept(0x3000);
            assertThat(dirty(domain, 0, END, false)).as("no stale translation hides the write").containsExactly("3000+1000");
        }
    }

    @Test
    public void whatWasWrittenBeforeTrackingIsSwitchedOnIsNotDirty() {
        try (var subject = subject()) {
            var domain = domain(subject);
            domain.attachDev(subject.device(), Optional.empty());
            map(domain, 0x1000, 0x20_0000, PAGE, 2);
            subject.write().accept(0x1000);
            assertThat(dirty(domain, 0, END, false).isEmpty()).as("nothing is dirty yet").isEqualTo(!tracksAlways());
            track(domain);
            assertThat(dirty(domain, 0, END, false)).isEmpty();
            subject.write().accept(0x1000);
            domain.setDirtyTracking(false);
            subject.write().accept(0x2000);
            assertThat(dirty(domain, 0x2000, PAGE, false).isEmpty()).as("no longer tracked").isEqualTo(!tracksAlways());
            track(domain);
            assertThat(dirty(domain, 0, END, false)).as("what was dirty before is forgotten").isEmpty();
        }
    }

    @Test
    public void aDeviceThatComesLaterIsTrackedToo() {
        try (var subject = subject()) {
            var domain = domain(subject);
            track(domain);
            map(domain, 0x1000, 0x20_0000, PAGE, 1);
            domain.attachDev(subject.device(), Optional.empty());
            subject.write().accept(0x1000);
            assertThat(dirty(domain, 0x1000, PAGE, true)).containsExactly("1000+1000");
        }
    }
}
