package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluicegate.api.Domain;
import sluicegate.api.Domain.DirtyRange;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;

/** Which pages devices have written to, whoever drives the unit meanwhile. */
@Timeout(60)
class DirtyTrackingTest extends CoreFixture {
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final long G1 = 0x40000000L;
    private static final String NIC = "00:02.0";

    private final FakeDriver next = new FakeDriver("next");
    private Domain domain;

    @BeforeEach
    void inUse() {
        machine.bus.put(machine.bus.pci(NIC), dmar0);
        driver.capabilities = Set.of(Capability.DIRTY_TRACKING);
        next.capabilities = driver.capabilities;
        boot();
        domain = core.allocateDomain(device(NIC), Set.of(AllocFlag.DIRTY_TRACKING));
        domain.attach(device(NIC));
        domain.map(0x10000, 0x5000, 4 * K4, RW);
        domain.map(0x20000, 0x9000, K4, Prot.READ);
        domain.map(M2, M2, M2, RW);
    }

    @AfterEach
    void theNextDriverIsContentToo() {
        core.close();
        assertThat(next.violations).isEmpty();
        assertThat(next.domainsAlive).hasValue(0);
    }

    private void policy(LeavePolicy policy, Duration patience) {
        core.setUnitSettings("dmar0", Optional.of(new UnitSettings(policy, patience, false)));
    }

    private FakeDomain nextHardware() {
        return next.attached("0000:" + NIC).orElseThrow();
    }

    private List<DirtyRange> taken() {
        return domain.readAndClearDirty(0, G1, K4);
    }

    private static DirtyRange range(long iova, long size) {
        return new DirtyRange(iova, size);
    }

    // ---- IOMMU_HWPT_SET_DIRTY_TRACKING, IOMMU_HWPT_GET_DIRTY_BITMAP

    @Test
    void whatADeviceWroteIsReportedOnceAndWhatIsOnlyLookedAtStays() {
        assertThat(domain.dirtyTracking()).isFalse();
        domain.setDirtyTracking(true);
        assertThat(domain.dirtyTracking()).isTrue();
        assertThat(taken()).isEmpty();
        hardware(NIC).write(0x10008);
        hardware(NIC).write(0x12000);
        assertThat(domain.readDirty(0, G1, K4)).containsExactly(range(0x10000, K4), range(0x12000, K4));
        assertThat(taken()).containsExactly(range(0x10000, K4), range(0x12000, K4));
        assertThat(taken()).isEmpty();
        hardware(NIC).write(0x11000);
        assertThat(domain.readAndClearDirty(0x12000, 2 * K4, K4)).as("elsewhere").isEmpty();
        assertThat(taken()).containsExactly(range(0x11000, K4));
    }

    @Test
    void switchingItOnForgetsWhatWasDirtyBefore() {
        domain.setDirtyTracking(true);
        hardware(NIC).write(0x10000);
        domain.setDirtyTracking(false);
        assertThat(hardware(NIC).tracking).isFalse();
        domain.setDirtyTracking(true);
        assertThat(taken()).isEmpty();
        hardware(NIC).write(0x10000);
        domain.setDirtyTracking(true);
        assertThat(taken()).as("switched on twice").isEmpty();
    }

    @Test
    void pagesAreReportedInTheSizeThatIsAskedForAndNeighboursTogether() {
        domain.setDirtyTracking(true);
        hardware(NIC).write(0x10000);
        hardware(NIC).write(0x11000);
        hardware(NIC).write(0x13000);
        assertThat(domain.readDirty(0, G1, K4)).containsExactly(range(0x10000, 2 * K4), range(0x13000, K4));
        assertThat(domain.readDirty(0, G1, 512)).containsExactly(range(0x10000, 2 * K4), range(0x13000, K4));
        assertThat(domain.readDirty(0, G1, 2 * K4)).containsExactly(range(0x10000, 4 * K4));
        assertThat(domain.readDirty(0, G1, 16 * K4)).containsExactly(range(0x10000, 16 * K4));
    }

    /** Hardware has one bit for all of the page, which the first read clears. */
    @Test
    void whatOfALargePageWasNotAskedForStaysDirty() {
        domain.setDirtyTracking(true);
        hardware(NIC).write(M2 + 0x5000);
        assertThat(domain.readAndClearDirty(M2, 2 * K4, K4)).containsExactly(range(M2, 2 * K4));
        assertThat(hardware(NIC).dirty).isEmpty();
        assertThat(domain.readAndClearDirty(M2, 2 * K4, K4)).isEmpty();
        assertThat(taken()).containsExactly(range(M2 + 2 * K4, M2 - 2 * K4));
        assertThat(taken()).isEmpty();
    }

    @Test
    void whatIsUnmappedIsForgotten() {
        domain.setDirtyTracking(true);
        hardware(NIC).write(0x10000);
        hardware(NIC).write(M2);
        domain.readAndClearDirty(M2, K4, K4);
        domain.unmap(0x10000, K4);
        domain.unmap(M2, M2);
        domain.map(0x10000, 0x5000, K4, RW);
        domain.map(M2, M2, M2, RW);
        assertThat(taken()).isEmpty();
    }

    @Test
    void iommufd_check_iova_range() {
        failing(() -> taken(), Errno.EINVAL); // off
        domain.setDirtyTracking(true);
        failing(() -> domain.readDirty(0x10000, 0, K4), Errno.EOVERFLOW);
        failing(() -> domain.readDirty(-K4, 2 * K4, K4), Errno.EOVERFLOW);
        failing(() -> domain.readDirty(0x10000, K4, 0), Errno.EINVAL);
        failing(() -> domain.readDirty(0x10000, 3 * K4, 3 * K4), Errno.EINVAL);
        failing(() -> domain.readDirty(0x10800, K4, 512), Errno.EINVAL);
        failing(() -> domain.readDirty(0x10000, 512, 512), Errno.EINVAL);
        failing(() -> domain.readDirty(0x11000, 2 * K4, 2 * K4), Errno.EINVAL);
        failing(() -> domain.readDirty(0x10000, K4, 2 * K4), Errno.EINVAL);
        assertThat(domain.readDirty(-K4, K4, K4)).as("the last page there is, and a hole").isEmpty();
    }

    @Test
    void onlyADomainThatWasAllocatedForItTracks() {
        var plain = domainFor(NIC);
        for (var without : List.of(plain, core.group(0).defaultDomain().orElseThrow(), core.domain("dmar0-identity"))) {
            assertThat(failing(() -> without.setDirtyTracking(true), Errno.EOPNOTSUPP)).hasMessageContainingAll(without.name(), "DIRTY_TRACKING");
            failing(() -> without.setDirtyTracking(false), Errno.EOPNOTSUPP);
            failing(() -> without.readDirty(0, K4, K4), Errno.EOPNOTSUPP);
            failing(() -> without.readAndClearDirty(0, K4, K4), Errno.EOPNOTSUPP);
        }
        driver.capabilities = Set.of();
        assertThat(failing(() -> core.allocateDomain(device(NIC), Set.of(AllocFlag.DIRTY_TRACKING)), Errno.EOPNOTSUPP))
                .hasMessageContainingAll("dmar0", "fake", NIC);
    }

    @Test
    void aDomainThatIsGoneTracksNothing() {
        domain.detach(device(NIC));
        domain.close();
        failing(() -> domain.setDirtyTracking(true), Errno.ENODEV);
    }

    @Test
    void aDriverThatFailsToSwitchLeavesItAsItWas() {
        driver.onCall = call -> {
            if (call.equals("setDirtyTracking")) {
                throw new IllegalStateException("a bug");
            }
        };
        failing(() -> domain.setDirtyTracking(true), Errno.EIO);
        assertThat(domain.dirtyTracking()).isFalse();
    }

    @Test
    void aReadThatFailsLosesNothing() {
        domain.setDirtyTracking(true);
        hardware(NIC).write(0x10000);
        driver.onCall = call -> {
            if (call.equals("readAndClearDirty")) {
                throw FakeDomain.error(Errno.ETIMEDOUT);
            }
        };
        failing(this::taken, Errno.ETIMEDOUT);
        driver.onCall = call -> { };
        assertThat(taken()).containsExactly(range(0x10000, K4));
    }

    // ---- another driver takes the unit

    @Test
    void whatWasWrittenBeforeABlockedUnitChangedItsDriverIsReportedOnceAndExactly() {
        domain.setDirtyTracking(true);
        hardware(NIC).write(0x10000);
        hardware(NIC).write(M2);
        assertThat(domain.readAndClearDirty(0x10000, K4, K4)).hasSize(1);
        hardware(NIC).write(0x12000);
        core.removeDriver(entry);
        core.addDriver(next.entry(0));
        assertThat(nextHardware().tracking).isTrue();
        nextHardware().write(0x13000);
        assertThat(domain.readDirty(0, G1, K4)).containsExactly(range(0x12000, 2 * K4), range(M2, M2));
        assertThat(taken()).containsExactly(range(0x12000, 2 * K4), range(M2, M2));
        assertThat(taken()).isEmpty();
    }

    @Test
    void nothingIsRememberedOverAChangeOfDriversWhereNothingIsTracked() {
        domain.setDirtyTracking(true);
        hardware(NIC).write(0x10000);
        domain.setDirtyTracking(false);
        core.removeDriver(entry);
        core.addDriver(next.entry(0));
        assertThat(nextHardware().tracking).isFalse();
        domain.setDirtyTracking(true);
        assertThat(taken()).isEmpty();
    }

    @Test
    void allThatCanBeWrittenCountsAsWrittenWhereHardwareWentOnTranslating() {
        policy(LeavePolicy.KEEP, Duration.ZERO);
        domain.setDirtyTracking(true);
        core.removeDriver(entry);
        core.addDriver(next.entry(0));
        assertThat(taken()).as("not what can only be read").containsExactly(range(0x10000, 4 * K4), range(M2, M2));
        assertThat(taken()).isEmpty();
        nextHardware().write(0x11000);
        assertThat(taken()).containsExactly(range(0x11000, K4));
    }

    @Test
    void aDriverThatCannotBlockADeviceOrReadItsNotesHidesNothing() {
        for (var broken : List.of("releaseDevice", "readAndClearDirty")) {
            domain.setDirtyTracking(true);
            driver.onCall = call -> {
                if (call.equals(broken)) {
                    throw new IllegalStateException("a bug");
                }
            };
            core.removeDriver(entry);
            driver.onCall = call -> { };
            core.addDriver(entry);
            assertThat(taken()).as(broken).containsExactly(range(0x10000, 4 * K4), range(M2, M2));
        }
    }

    @Test
    void whoAsksDuringAHandoverIsAnsweredByTheNextDriver() throws Exception {
        policy(LeavePolicy.BLOCK, Duration.ofSeconds(30));
        domain.setDirtyTracking(true);
        hardware(NIC).write(0x10000);
        core.removeDriver(entry);
        var result = new CompletableFuture<List<DirtyRange>>();
        var thread = new Thread(() -> result.complete(taken()));
        thread.start();
        Together.await(() -> thread.getState() == Thread.State.TIMED_WAITING || result.isDone());
        assertThat(result).isNotDone();
        core.addDriver(next.entry(0));
        assertThat(result.get()).containsExactly(range(0x10000, K4));
        thread.join();
    }

    @Test
    void aDriverThatCannotTrackGetsNoSuchDomainAndWhatWasWrittenWaitsForOneThatCan() {
        domain.setDirtyTracking(true);
        hardware(NIC).write(0x10000);
        next.capabilities = Set.of();
        core.removeDriver(entry);
        var other = next.entry(0);
        core.addDriver(other);
        assertThat(device(NIC).problem()).hasValueSatisfying(why -> assertThat(why).contains("tracks no dirty pages"));
        failing(this::taken, Errno.ENODEV);
        core.removeDriver(other);
        core.addDriver(entry);
        assertThat(taken()).containsExactly(range(0x10000, K4));
    }
}
