package sluicegate.judge.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.vtd.FirstStageEntry;

/** Which flags hardware leaves in entries of the first stage (VT-d 3.6.2), whoever has made it. */
class FirstStageMarksTest {
    private static final long IOVA = 0x6000_0000L;
    private static final long PAGE = 4096;

    private Board board;

    @AfterEach
    void powerOff() {
        if (board != null) {
            board.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"VTD_SCALABLE", "QEMU_VTD_FIRST_STAGE"})
    void everyEntryOnTheWayIsAccessedAndThePageDirtyOnceItIsWritten(Kind kind) {
        board = new Board(kind).bind();
        var device = board.device();
        long memory = board.numbered(4 * PAGE, PAGE);
        try (var domain = board.core.allocateDomain(device, Set.of())) {
            domain.map(IOVA, memory, 2 * PAGE, Prot.READ | Prot.WRITE);
            domain.map(IOVA + 2 * PAGE, memory + 2 * PAGE, PAGE, Prot.READ);
            domain.attach(device);
            for (int page = 0; page < 3; page++) {
                clear(IOVA + page * PAGE);
            }
            assertThat(marks(IOVA)).containsExactly("-", "-", "-", "-");
            assertThat(board.read(IOVA)).isEqualTo((byte) 1);
            assertThat(marks(IOVA)).containsExactly("A", "A", "A", "A");
            assertThat(marks(IOVA + PAGE)).as("another page").containsExactly("A", "A", "A", "-");
            assertThat(board.write(IOVA + PAGE, 9)).isEqualTo(DmaStatus.OK);
            assertThat(marks(IOVA + PAGE)).containsExactly("A", "A", "A", "AD");
            if (!kind.qemu) {
                // QEMU 10 does not mark a page that is in its IOTLB.
                assertThat(board.write(IOVA, 9)).isEqualTo(DmaStatus.OK);
                assertThat(marks(IOVA)).as("the page is cached by then").containsExactly("A", "A", "A", "AD");
            }
            assertThat(board.write(IOVA + 2 * PAGE, 9)).isNotEqualTo(DmaStatus.OK);
            assertThat(marks(IOVA + 2 * PAGE)).as("what is refused leaves the page clean").last().isNotEqualTo("AD");
            assertThat(board.read(IOVA + 2 * PAGE)).isEqualTo((byte) 3);
            assertThat(marks(IOVA + 2 * PAGE)).last().isEqualTo("A");
            domain.detach(device);
        }
    }

    /** A driver that does not look at flags sets them all itself. Nothing of the entries is cached yet. */
    private void clear(long iova) {
        for (var step : entries(iova)) {
            board.machine.memory().set64(step.address(), FirstStageEntry.D.clear(FirstStageEntry.A.clear(step.words().get(0))));
        }
    }

    private List<WalkStep> entries(long iova) {
        return board.device().walk(Pasid.NONE, iova).stream().filter(step -> step.entry().startsWith("first-stage")).toList();
    }

    private List<String> marks(long iova) {
        return entries(iova).stream().map(step -> step.words().get(0)).map(word -> !FirstStageEntry.A.isSet(word) ? "-"
                : FirstStageEntry.D.isSet(word) ? "AD" : "A").toList();
    }
}
