package sluicegate.judge.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Unit;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.UnitSettings;

@DisplayName("A driver")
@ParameterizedClass(name = "{0}")
@EnumSource
class DriverConformanceTest {
    private static final int RW = Prot.READ | Prot.WRITE;
    /** In the range that every device can name, and no firmware reserves. */
    private static final long IOVA = 0x6000_0000L;

    private final Kind kind;
    private Board board;
    private Device device;
    private long page;
    private long arenaAtRest;

    DriverConformanceTest(Kind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void boot() {
        board = new Board(kind).bind();
        device = board.device();
        try (var domain = domain()) {
            page = Long.lowestOneBit(domain.pageSizes());
        }
        arenaAtRest = board.arenaBytes();
    }

    @AfterEach
    void powerOff() {
        // There is none where a QEMU is missing, for which the test is skipped.
        if (board != null) {
            board.close();
        }
    }

    private Domain domain() {
        return board.core.allocateDomain(device, Set.of());
    }

    private void assertGivenBack() {
        assertThat(board.arenaBytes()).as("bytes of tables and queues").isEqualTo(arenaAtRest);
    }

    private void assertReads(long iova, int expected) {
        assertThat(board.read(iova)).as("%x", iova).isEqualTo((byte) expected);
    }

    private void assertRefused(long iova) {
        assertThat(board.read(iova)).as("%x", iova).isNull();
    }

    @Test
    @DisplayName("maps pages of each size, and what was unmapped is reached no more")
    void mapsEachSize() {
        try (var domain = domain()) {
            domain.attach(device);
            for (long sizes = domain.pageSizes() & (64L << 20) - 1; sizes != 0; sizes &= sizes - 1) {
                long size = Long.lowestOneBit(sizes);
                long memory = board.numbered(size, size);
                board.machine.memory().write(memory + size - 1, new byte[] {77}, 0, 1);
                long iova = IOVA & -size;
                domain.map(iova, memory, size, RW);
                assertReads(iova, 1);
                assertReads(iova + size - 1, 77);
                assertThat(board.write(iova + size / 2, 99)).isEqualTo(DmaStatus.OK);
                assertThat(board.memory(memory + size / 2)).isEqualTo((byte) 99);
                assertThat(domain.iovaToPhys(iova + 5)).hasValue(memory + 5);
                assertRefused(iova + size);
                assertThat(domain.unmap(iova, size)).isEqualTo(size);
                assertRefused(iova);
                assertRefused(iova + size - 1);
                assertThat(domain.iovaToPhys(iova + 5)).isEmpty();
                board.machine.free(memory);
            }
            domain.detach(device);
        }
        assertGivenBack();
    }

    @Test
    @DisplayName("unmaps a part, and maps other memory in its place, without a stale translation")
    void unmapsAPart() {
        long memory = board.numbered(8 * page, page);
        try (var domain = domain()) {
            domain.attach(device);
            for (int i = 0; i < 8; i++) {
                // One by one: there may be hardware with pages of that size, which go as a whole.
                domain.map(IOVA + i * page, memory + i * page, page, RW);
                assertReads(IOVA + i * page, i + 1);
            }
            assertThat(domain.unmap(IOVA + 3 * page, 2 * page)).isEqualTo(2 * page);
            for (int i = 0; i < 8; i++) {
                assertThat(board.read(IOVA + i * page)).as("page %d", i).isEqualTo(i == 3 || i == 4 ? null : (byte) (i + 1));
            }
            domain.map(IOVA + 3 * page, memory + 7 * page, page, RW);
            assertReads(IOVA + 3 * page, 8);
            domain.detach(device);
        }
        assertGivenBack();
    }

    @Test
    @DisplayName("lets a device do to a page what its permissions say")
    void heedsPermissions() {
        long memory = board.numbered(2 * page, page);
        try (var domain = domain()) {
            domain.attach(device);
            domain.map(IOVA, memory, page, Prot.READ);
            domain.map(IOVA + page, memory + page, page, RW);
            assertReads(IOVA, 1);
            assertThat(board.write(IOVA, 50)).isNotEqualTo(DmaStatus.OK);
            assertThat(board.memory(memory)).isEqualTo((byte) 1);
            assertThat(board.write(IOVA + page, 50)).isEqualTo(DmaStatus.OK);
            assertThat(board.memory(memory + page)).isEqualTo((byte) 50);
            domain.detach(device);
        }
    }

    @Test
    @DisplayName("reaches the ends of the range of addresses that it says there is, and nothing behind them")
    void reachesTheEnds() {
        long memory = board.numbered(2 * page, page);
        try (var domain = domain()) {
            domain.attach(device);
            long first = Math.max(domain.apertureStart(), 0);
            long last = domain.apertureEnd() + 1 - page;
            domain.map(first, memory, page, RW);
            assertReads(first, 1);
            if (!kind.qemu || last >>> 28 == 0) {
                domain.map(last, memory + page, page, RW);
                assertReads(last, 2);
                assertRefused(last + page);
                assertRefused(-page);
            }
            domain.detach(device);
        }
        assertGivenBack();
    }

    @Test
    @DisplayName("moves a device from domain to domain: it reaches the one that it is in")
    void attaches() {
        long memory = board.numbered(2 * page, page);
        try (var first = domain(); var second = domain()) {
            first.map(IOVA, memory, page, RW);
            second.map(IOVA, memory + page, page, RW);
            assertRefused(IOVA);
            for (int i = 0; i < 3; i++) {
                first.attach(device);
                assertReads(IOVA, 1);
                first.detach(device);
                assertRefused(IOVA);
                second.attach(device);
                assertReads(IOVA, 2);
                second.detach(device);
            }
            assertRefused(IOVA);
        }
        assertGivenBack();
    }

    @Test
    @DisplayName("lets everything through in the identity domain, and nothing in the blocked one")
    void hasItsOwnDomains() {
        long memory = board.numbered(2 * page, page);
        long after = kind.forgetsIdentity() ? memory : memory + page;
        var blocked = board.own("blocked");
        for (int i = 0; i < 2; i++) {
            board.own("identity").attach(device);
            assertReads(memory, 1);
            board.own("identity").detach(device);
            assertRefused(after);
            blocked.attach(device);
            assertRefused(after);
            assertRefused(IOVA);
            blocked.detach(device);
        }
        assertGivenBack();
    }

    @Test
    @DisplayName("needs no memory to block a device or to let it go, whatever it was attached to")
    void blocksWithoutMemory() {
        long memory = board.numbered(page, page);
        try (var domain = domain()) {
            domain.map(IOVA, memory, page, RW);
            domain.attach(device);
            assertReads(IOVA, 1);
            board.arena().failAlways();
            device.prepareReset();
            assertRefused(IOVA);
            device.resetDone();
            assertReads(IOVA, 1);
            domain.detach(device);
            assertRefused(IOVA);
            board.own("blocked").attach(device);
            assertRefused(IOVA);
            board.own("blocked").detach(device);
            board.arena().failNever();
        }
        board.own("identity").attach(device);
        board.arena().failAlways();
        board.own("identity").detach(device);
        assertRefused(memory);
        if (!kind.qemu) {
            device.busDevice().bus().remove(device.busDevice());
        }
        board.unbind();
    }

    @Test
    @DisplayName("reports what a device was refused: who, where, and what it wanted")
    void reportsFaults() {
        Assumptions.assumeTrue(kind.recordsFaults());
        long memory = board.numbered(page, page);
        try (var domain = domain()) {
            domain.attach(device);
            domain.map(IOVA, memory, page, Prot.READ);
            board.takeFaults();
            assertRefused(IOVA + 4 * page);
            assertThat(board.awaitFaults()).singleElement().satisfies(fault -> {
                assertThat(fault.device()).hasValue(device.name());
                assertThat(fault.unit()).isEqualTo(board.unit().name());
                assertThat(fault.iova() & -page).isEqualTo(IOVA + 4 * page);
                assertThat(fault.access()).isEqualTo(Access.READ);
                assertThat(fault.reason()).isNotBlank();
            });
            board.write(IOVA + 5 * page, 1);
            assertThat(board.awaitFaults()).singleElement().satisfies(fault -> {
                assertThat(fault.iova() & -page).isEqualTo(IOVA + 5 * page);
                assertThat(fault.access()).isEqualTo(Access.WRITE);
            });
            assertReads(IOVA, 1);
            assertThat(board.takeFaults()).isEmpty();
            domain.detach(device);
        }
    }

    @Test
    @DisplayName("keeps a device from memory while it is reset, and gives it back what it had")
    void resets() {
        long memory = board.numbered(2 * page, page);
        try (var domain = domain()) {
            domain.attach(device);
            domain.map(IOVA, memory, page, RW);
            assertReads(IOVA, 1);
            device.prepareReset();
            assertRefused(IOVA);
            domain.map(IOVA + page, memory + page, page, RW);
            domain.unmap(IOVA, page);
            device.resetDone();
            assertRefused(IOVA);
            assertReads(IOVA + page, 2);
            domain.detach(device);
        }
        assertGivenBack();
    }

    @Test
    @DisplayName("leaves its unit blocked, and the next one goes on where it left")
    void isSwapped() {
        long memory = board.numbered(2 * page, page);
        try (var domain = domain()) {
            domain.map(IOVA, memory, page, RW);
            domain.attach(device);
            assertReads(IOVA, 1);
            for (int i = 0; i < 3; i++) {
                board.unbind();
                assertThat(board.unit().state()).isEqualTo(Unit.State.HELD);
                assertRefused(IOVA);
                assertRefused(memory);
                board.bind();
                assertReads(IOVA, 1);
                domain.map(IOVA + page, memory + page, page, RW);
                assertReads(IOVA + page, 2);
                domain.unmap(IOVA + page, page);
            }
            domain.detach(device);
        }
        assertGivenBack();
    }

    @Test
    @DisplayName("takes over in place what the one before left translating, if it says that it does")
    void isSwappedInPlace() {
        Assumptions.assumeTrue(kind.driver.get().adopts());
        board.core.setDefaultUnitSettings(new UnitSettings(LeavePolicy.KEEP, Duration.ZERO, false));
        long memory = board.numbered(2 * page, page);
        try (var domain = domain()) {
            domain.map(IOVA, memory, page, RW);
            domain.attach(device);
            long attached = board.arenaBytes();
            for (int i = 0; i < 3; i++) {
                assertReads(IOVA, 1);
                board.unbind();
                assertThat(board.unit().state()).isEqualTo(Unit.State.HELD);
                assertReads(IOVA, 1);
                // A device that asks for the page waits for the next driver to answer.
                var refused = CompletableFuture.supplyAsync(() -> Optional.ofNullable(board.read(IOVA + page)));
                board.bind();
                assertThat(refused).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(Optional.empty());
                assertReads(IOVA, 1);
                assertRefused(IOVA + page);
                domain.map(IOVA + page, memory + page, page, RW);
                assertReads(IOVA + page, 2);
                domain.unmap(IOVA + page, page);
                assertRefused(IOVA + page);
                assertThat(board.arenaBytes()).as("bytes of tables and queues").isEqualTo(attached);
            }
            domain.detach(device);
            assertRefused(IOVA);
        }
        assertGivenBack();
    }

    @Test
    @DisplayName("gives each PASID of a device a domain of its own")
    void attachesPasids() {
        Assumptions.assumeTrue(kind.hasPasids());
        long memory = board.numbered(3 * page, page);
        try (var plain = domain(); var seven = pasidDomain(); var eight = pasidDomain()) {
            plain.map(IOVA, memory, page, RW);
            seven.map(IOVA, memory + page, page, RW);
            eight.map(IOVA, memory + 2 * page, page, RW);
            seven.attach(device, 7);
            assertThat(board.read(7, IOVA)).isEqualTo((byte) 2);
            assertThat(board.read(8, IOVA)).isNull();
            assertRefused(IOVA);
            eight.attach(device, 4000);
            assertThat(board.read(4000, IOVA)).isEqualTo((byte) 3);
            seven.unmap(IOVA, page);
            assertThat(board.read(7, IOVA)).isNull();
            seven.map(IOVA, memory, page, RW);
            assertThat(board.read(7, IOVA)).isEqualTo((byte) 1);
            board.unbind();
            board.bind();
            assertThat(board.read(7, IOVA)).isEqualTo((byte) 1);
            assertThat(board.read(4000, IOVA)).isEqualTo((byte) 3);
            seven.detach(device, 7);
            assertThat(board.read(7, IOVA)).isNull();
            assertThat(board.read(4000, IOVA)).isEqualTo((byte) 3);
            eight.detach(device, 4000);
            assertThat(board.read(4000, IOVA)).isNull();
        }
    }

    private Domain pasidDomain() {
        return board.core.allocateDomain(device, Set.of(AllocFlag.PASID));
    }

    @Test
    @DisplayName("fails with ENOMEM where memory is missing, whichever allocation it is; nothing leaks, nothing passes")
    void survivesWithoutMemory() {
        for (int n = 0; n < 400; n++) {
            board.close();
            board = new Board(kind).bind(n);
            device = board.device();
            if (board.unit().state() != Unit.State.BOUND) {
                assertThat(board.unit().problem()).as("allocation %d", n).hasValueSatisfying(problem ->
                        assertThat(problem).contains("as the test says"));
                assertThat(board.arenaBytes()).as("left by a start that failed at allocation %d", n).isZero();
            } else if (liveOnLittle(n)) {
                assertThat(n).as("allocations that failed, one after the other").isPositive();
                return;
            }
        }
        throw new AssertionError("no end of allocations");
    }

    @Test
    @DisplayName("never lets go of a unit that was left blocked, even if it can't start for want of memory")
    void keepsAHeldUnitBlocked() {
        long memory = board.numbered(page, page);
        board.unbind();
        long fence = board.arenaBytes();
        for (int n = 0; n < 12; n++) {
            board.bind(n);
            assertThat(board.read(memory)).as("after allocation %d failed, unit %s", n, board.unit().state()).isNull();
            board.unbind();
            assertRefused(memory);
            assertThat(board.arenaBytes()).as("held by nobody after allocation %d failed", n).isEqualTo(fence);
        }
    }

    @Test
    @DisplayName("takes over in place what it has left translating, and gives back what it left")
    void takesOverInPlace() {
        Assumptions.assumeTrue(kind.driver.get().adopts());
        long memory = board.numbered(page, page);
        try (var domain = domain()) {
            domain.map(IOVA, memory, page, RW);
            domain.attach(device);
            long translating = board.arenaBytes();
            for (int i = 0; i < 3; i++) {
                board.unit().swap(board.unit().driver().orElseThrow().name(), LeavePolicy.KEEP);
                assertReads(IOVA, 1);
                assertThat(board.arenaBytes()).as("after swap %d", i).isEqualTo(translating);
            }
            domain.unmap(IOVA, page);
            assertRefused(IOVA);
            domain.detach(device);
        }
        assertGivenBack();
    }

    /** Whether nothing failed. */
    private boolean liveOnLittle(int n) {
        boolean done = false;
        long memory = board.numbered(2 * page, page);
        try (var domain = domain()) {
            domain.map(IOVA, memory, 2 * page, RW);
            domain.attach(device);
            assertReads(IOVA + page, 2);
            if (!kind.qemu) {
                // Further tables, and where tables grow, more levels.
                long far = (domain.apertureEnd() >>> 1) + 1;
                domain.map(far, memory, 2 * page, RW);
                assertReads(far, 1);
            }
            domain.detach(device);
            if (kind.hasPasids()) {
                usePasid(memory);
            }
            done = true;
        } catch (IommuException e) {
            assertThat(e.errno()).as(e.getMessage()).isEqualTo(Errno.ENOMEM);
        }
        assertThat(board.read(IOVA)).as("after allocation %d failed", n).isNull();
        assertThat(board.read(memory)).as("after allocation %d failed", n).isNull();
        return done && device.state() == Device.State.READY;
    }

    private void usePasid(long memory) {
        try (var domain = pasidDomain()) {
            domain.map(IOVA, memory, page, RW);
            domain.attach(device, 4000);
            assertThat(board.read(4000, IOVA)).isEqualTo((byte) 1);
            domain.detach(device, 4000);
        }
    }

    @Test
    @DisplayName("refuses what makes no sense, and keeps a domain that is in use")
    void refusesNonsense() {
        try (var domain = domain()) {
            domain.attach(device);
            assertErrno(Errno.EBUSY, domain::close);
            assertErrno(Errno.EINVAL, () -> domain.map(IOVA, page / 2, page, RW));
            assertErrno(Errno.EINVAL, () -> domain.map(domain.apertureEnd() + 1, 0, page, RW));
            domain.detach(device);
        }
        assertGivenBack();
    }

    private static void assertErrno(Errno errno, Runnable call) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(call::run)
                .satisfies(e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }
}
