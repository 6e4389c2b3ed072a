package sluicegate.judge.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Domain.DirtyRange;
import sluicegate.api.Unit;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.UnitSettings;

/** Where hardware notes to which pages devices write, none is missed, also while drivers come and go. */
@DisplayName("Of pages that a device writes to, a domain")
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"VTD_SCALABLE", "SMMUV3_FULL", "AMDVI_FULL"})
class DirtyPagesTest {
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final long IOVA = 0x6000_0000L;
    private static final long LARGE = 0x20_0000;
    private static final int PAGES = 16;

    private final Kind kind;
    private Board board;
    private Device device;
    private Domain domain;
    private long page;
    private long memory;

    DirtyPagesTest(Kind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void track() {
        board = new Board(kind).bind();
        device = board.device();
        assertThat(device.capable(Capability.DIRTY_TRACKING)).isTrue();
        domain = board.core.allocateDomain(device, Set.of(AllocFlag.DIRTY_TRACKING));
        page = Long.lowestOneBit(domain.pageSizes());
        memory = board.numbered(PAGES * page, page);
        for (int i = 0; i < PAGES; i++) {
            domain.map(iova(i), memory + i * page, page, RW); // one by one, so that none is larger
        }
        domain.attach(device);
        board.write(iova(0), 1);
        domain.setDirtyTracking(true);
    }

    @AfterEach
    void powerOff() {
        domain.detach(device);
        domain.close();
        board.close();
    }

    private long iova(int number) {
        return IOVA + number * page;
    }

    private void write(long at) {
        assertThat(board.write(at, 99)).as("%x", at).isEqualTo(DmaStatus.OK);
    }

    private List<DirtyRange> taken() {
        return domain.readAndClearDirty(0, 1L << 38, page);
    }

    private DirtyRange pages(int first, int count) {
        return new DirtyRange(iova(first), count * page);
    }

    private void policy(LeavePolicy policy, Duration patience) {
        board.core.setDefaultUnitSettings(new UnitSettings(policy, patience, false));
    }

    @Test
    @DisplayName("reports each once, those that were read not at all, and those that are written again once more")
    void reportsWhatWasWritten() {
        assertThat(taken()).as("written before it was tracked").isEmpty();
        write(iova(1));
        write(iova(2) + 8);
        board.read(iova(5));
        write(iova(7));
        assertThat(domain.readDirty(0, 1L << 38, page)).containsExactly(pages(1, 2), pages(7, 1));
        assertThat(domain.readAndClearDirty(iova(2), page, page)).containsExactly(pages(2, 1));
        assertThat(taken()).containsExactly(pages(1, 1), pages(7, 1));
        assertThat(taken()).isEmpty();
        write(iova(7));
        assertThat(taken()).as("whatever hardware has cached").containsExactly(pages(7, 1));
        domain.unmap(iova(7), page);
        domain.map(iova(7), memory, page, RW);
        write(iova(8));
        domain.setDirtyTracking(true);
        assertThat(taken()).isEmpty();
        domain.setDirtyTracking(false);
        write(iova(9));
        domain.setDirtyTracking(true);
        assertThat(taken()).as("written while it was not tracked").isEmpty();
    }

    @Test
    @DisplayName("reports a large one as a whole, part by part if it is asked so")
    void reportsLargePages() {
        long large = board.numbered(2 * LARGE, LARGE);
        long at = 2 * IOVA;
        domain.map(at, large, LARGE, RW);
        domain.map(at + LARGE, large + LARGE, LARGE, RW);
        write(at + LARGE + 12345);
        assertThat(domain.readDirty(at, 2 * LARGE, page)).containsExactly(new DirtyRange(at + LARGE, LARGE));
        assertThat(domain.readAndClearDirty(at, LARGE + page, page)).containsExactly(new DirtyRange(at + LARGE, page));
        assertThat(taken()).containsExactly(new DirtyRange(at + LARGE + page, LARGE - page));
        assertThat(taken()).isEmpty();
        write(at);
        assertThat(taken()).containsExactly(new DirtyRange(at, LARGE));
    }

    @Test
    @DisplayName("reports exactly those that were written before its driver left and after the next one came, if the unit was blocked between")
    void isExactAfterABlockedUnitChangedItsDriver() {
        write(iova(1));
        write(iova(3));
        assertThat(domain.readAndClearDirty(iova(3), page, page)).containsExactly(pages(3, 1));
        for (int i = 0; i < 2; i++) {
            board.unbind();
            assertThat(board.write(iova(5), 1)).isNotEqualTo(DmaStatus.OK);
            board.bind();
        }
        write(iova(8));
        assertThat(taken()).containsExactly(pages(1, 1), pages(8, 1));
        assertThat(taken()).isEmpty();
    }

    @Test
    @DisplayName("reports also those that were written while the unit translated without a driver")
    void missesNoneOfAUnitThatNobodyDrives() {
        domain.map(iova(PAGES), memory, page, Prot.READ);
        policy(LeavePolicy.KEEP, Duration.ZERO);
        board.unbind();
        assertThat(board.unit().state()).isEqualTo(Unit.State.HELD);
        write(iova(5));
        board.bind();
        assertThat(taken()).as("all that could be written").containsExactly(pages(0, PAGES));
        write(iova(6));
        assertThat(taken()).as("and from then on exactly").containsExactly(pages(6, 1));
    }

    /** What a migration does: whoever copies each page that is reported has in the end what the device has written. */
    @Test
    @DisplayName("misses none that is written while drivers come and go, with and without translation going on")
    void aCopyOfWhatIsReportedIsComplete() throws Exception {
        policy(LeavePolicy.BLOCK, Duration.ofSeconds(20));
        var copy = new int[PAGES];
        var over = new AtomicBoolean();
        var written = new AtomicInteger();
        for (int i = 0; i < PAGES; i++) {
            copy[i] = contents(i);
        }
        var dma = device.busDevice().dma();
        var writing = CompletableFuture.runAsync(() -> {
            for (int n = 1; !over.get(); n++) {
                var data = new byte[] {(byte) n, (byte) (n >>> 8), (byte) (n >>> 16), 0};
                if (dma.write(Pasid.NONE, iova(n * 7 % PAGES), data, 0, data.length) == DmaStatus.OK) {
                    written.incrementAndGet();
                }
            }
        });
        var copying = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                copyReported(copy);
            }
        });
        var name = board.unit().driver().orElseThrow().name();
        for (int i = 0; i < 4; i++) {
            int before = written.get();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (written.get() - before < 200 && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(written.get()).as("writes").isGreaterThan(before);
            board.unit().swap(name, i % 2 == 0 ? LeavePolicy.KEEP : LeavePolicy.BLOCK);
        }
        over.set(true);
        writing.get(10, TimeUnit.SECONDS);
        copying.get(10, TimeUnit.SECONDS);
        copyReported(copy);
        for (int i = 0; i < PAGES; i++) {
            assertThat(copy[i]).as("page %d of the copy", i).isEqualTo(contents(i));
        }
    }

    private void copyReported(int[] copy) {
        for (var range : domain.readAndClearDirty(IOVA, PAGES * page, page)) {
            for (long at = range.iova(); at < range.iova() + range.size(); at += page) {
                int number = (int) ((at - IOVA) / page);
                copy[number] = contents(number);
            }
        }
    }

    private int contents(int number) {
        return (int) board.machine.memory().get64(memory + number * page);
    }
}
