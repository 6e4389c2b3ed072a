package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static sluicegate.judge.pasid.Accelerators.FIRST;
import static sluicegate.judge.pasid.Accelerators.PAGE;
import static sluicegate.judge.pasid.Accelerators.PAIR;
import static sluicegate.judge.pasid.Accelerators.RW;
import static sluicegate.judge.pasid.Accelerators.SECOND;
import static sluicegate.judge.pasid.Accelerators.await;
import static sluicegate.judge.pasid.Accelerators.failing;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.types.Errno;

/** Attaching PASIDs: the scenarios of the semantics reference, A1, and the errno of each misuse, B.3. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class PasidAttachA1Test {
    private static final long IOVA = 0x4000_0000L;

    private final PasidKind kind;
    private final Accelerators rig;
    private final Device device;

    PasidAttachA1Test(PasidKind kind) {
        this.kind = kind;
        rig = new Accelerators(kind);
        device = rig.device(FIRST);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Domain mapping(int number) {
        var domain = rig.domain();
        domain.map(IOVA, rig.page(number), PAGE, RW);
        return domain;
    }

    @Test
    void a1_1_withoutPasidsAtTheDeviceNothingIsAttachedAndNothingRecorded() {
        var without = rig.device("0000:00:05.0");
        var domain = rig.core.allocateDomain(without, Set.of());
        failing(() -> domain.attach(without, 5), Errno.EOPNOTSUPP);
        assertThat(without.attachment(5)).isEmpty();
        assertThat(domain.attached()).isEmpty();
        var identity = rig.core.domain(device.unit().orElseThrow().name() + "-identity");
        if (kind.anyDomain) {
            long page = rig.page(0x77);
            var attachment = identity.attach(device, 5);
            assertThat(rig.read(device, 5, page)).as("PASIDs can be passed through here").isEqualTo(0x77);
            attachment.detach();
        } else {
            failing(() -> identity.attach(device, 5), Errno.EOPNOTSUPP);
        }
        assertThat(device.attachment(5)).isEmpty();
        failing(() -> rig.core.allocatePasid(without), Errno.EOPNOTSUPP);
    }

    @Test
    void a1_2_aDeviceWithoutAGroupHasNoPasids() {
        var domain = rig.domain();
        rig.machine.buses().forEach(rig.core::removeBus);
        failing(() -> domain.attach(device, 5), Errno.ENODEV);
    }

    @Test
    void a1_3_aPasidThatIsInUseStaysWithItsDomain() {
        var first = mapping(1);
        var attachment = first.attach(device, 5);
        failing(() -> mapping(2).attach(device, 5), Errno.EBUSY);
        failing(() -> first.attach(device, 5), Errno.EBUSY);
        assertThat(rig.read(device, 5, IOVA)).isEqualTo(1);
        assertThat(device.attachment(5)).contains(attachment);
    }

    @Test
    void a1_3_pasidsThatNobodyCanHaveAreRefused() {
        var domain = rig.domain();
        for (int pasid : new int[] {0, -5, 1 << 16, 1 << 20}) {
            failing(() -> domain.attach(device, pasid), Errno.EINVAL);
        }
        domain.attach(device, (1 << 16) - 1).detach();
        failing(() -> domain.detach(device, 5), Errno.EINVAL);
        failing(() -> domain.replace(device, 5), Errno.EINVAL);
        device.prepareReset();
        failing(() -> domain.attach(device, 5), Errno.EBUSY);
        device.resetDone();
        domain.attach(device, 5);
        failing(() -> device.group().orElseThrow().claim("vm"), Errno.EBUSY);
        failing(domain::close, Errno.EBUSY);
    }

    @Test
    void a1_4_anAttachThatTheDriverRefusesLeavesThePasidFree() {
        var domain = mapping(1);
        if (kind.anyDomain) {
            rig.failAttachOf(FIRST); // nothing else makes it refuse
        }
        var other = kind == PasidKind.AMDVI
                ? rig.core.allocateDomain(device, Set.of()) // host tables, which no PASID can have
                : rig.core.allocateDomain(device, Set.of(AllocFlag.NEST_PARENT));
        assertThat(catchThrowable(() -> other.attach(device, 5))).isNotNull();
        assertThat(device.attachment(5)).isEmpty();
        assertThat(other.attached()).isEmpty();
        other.close();
        rig.failAttachOf("");
        domain.attach(device, 5);
        assertThat(rig.read(device, 5, IOVA)).isEqualTo(1);
    }

    @Test
    void a1_5_whoFindsADomainFindsOneThatTheHardwareUses() throws InterruptedException {
        var domain = mapping(1);
        var over = new AtomicBoolean();
        var wrong = new ArrayList<String>();
        var reader = new Thread(() -> {
            while (!over.get()) {
                var found = device.attachment(5);
                if (found.isPresent() && rig.read(device, 5, IOVA) != 1 && found.get().current()) {
                    wrong.add(found.get().toString());
                }
            }
        });
        reader.start();
        for (int i = 0; i < 300; i++) {
            domain.attach(device, 5).detach();
        }
        over.set(true);
        reader.join();
        assertThat(wrong).isEmpty();
    }

    @Test
    void a1_6_whoLooksWaitsForNoAttach() throws InterruptedException {
        mapping(1).attach(device, 5);
        var locked = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        var attaching = new Thread(() -> holdGroup(locked, release));
        attaching.start();
        assertThat(locked.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(device.attachment(5)).isPresent();
        assertThat(device.attachment(6)).isEmpty();
        release.countDown();
        attaching.join();
    }

    /** Attaches a domain of which the driver waits in the middle: the group's mutex is held. */
    private void holdGroup(CountDownLatch locked, CountDownLatch release) {
        rig.inTheMiddleOfAnAttach(() -> {
            locked.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        mapping(2).attach(device, 6);
    }

    @Test
    void a1_7_detachingBlocksThePasidAndThenFreesIt() {
        var first = mapping(1);
        var attachment = first.attach(device, 5);
        assertThat(rig.read(device, 5, IOVA)).isEqualTo(1);
        attachment.detach();
        assertThat(rig.read(device, 5, IOVA)).as("blocked, in whatever the device has cached").isNegative();
        assertThat(attachment.current()).isFalse();
        failing(attachment::detach, Errno.EINVAL);
        mapping(2).attach(device, 5);
        assertThat(rig.read(device, 5, IOVA)).isEqualTo(2);
        first.close();
    }

    @Test
    void a1_8_allMembersOfAGroupGetThePasidOrNone() {
        var members = PAIR.stream().map(rig::device).toList();
        assertThat(members.get(0).group()).isEqualTo(members.get(1).group());
        var domain = mapping(1);
        domain.attach(members.get(0), 5);
        for (var member : members) {
            assertThat(rig.read(member, 5, IOVA)).as(member.name()).isEqualTo(1);
            assertThat(member.attachment(5)).isPresent();
        }
        domain.detach(members.get(1), 5);
        for (var member : members) {
            assertThat(rig.read(member, 5, IOVA)).as(member.name()).isNegative();
        }
        rig.failAttachOf(members.get(1).name());
        failing(() -> domain.attach(members.get(0), 5), Errno.ENOSPC);
        for (var member : members) {
            assertThat(rig.read(member, 5, IOVA)).as("rolled back: %s", member.name()).isNegative();
            assertThat(member.attachment(5)).isEmpty();
        }
        assertThat(domain.attached()).isEmpty();
    }

    @Test
    void aPasidIsMovedFromOneDomainToAnotherOrStays() {
        var first = mapping(1);
        var second = mapping(2);
        var attachment = first.attach(device, 5);
        assertThat(rig.read(device, 5, IOVA)).isEqualTo(1);
        if (kind.replaces) {
            var replaced = second.replace(device, 5);
            assertThat(rig.read(device, 5, IOVA)).isEqualTo(2);
            assertThat(attachment.current()).isFalse();
            assertThat(device.attachment(5)).contains(replaced);
            first.close();
        } else {
            failing(() -> second.replace(device, 5), Errno.EOPNOTSUPP);
            assertThat(rig.read(device, 5, IOVA)).isEqualTo(1);
            assertThat(device.attachment(5)).contains(attachment);
            second.close();
        }
    }

    @Test
    void globalPasidsAreTheLowestThatAreFreeAndRunOut() {
        assertThat(rig.core.allocatePasid(device)).isEqualTo(1);
        assertThat(rig.core.allocatePasid(rig.device(SECOND))).isEqualTo(2);
        rig.core.freePasid(1);
        failing(() -> rig.core.freePasid(1), Errno.EINVAL);
        assertThat(rig.core.allocatePasid(device)).isEqualTo(1);
        var all = new ArrayList<Integer>(List.of(1, 2));
        while (all.size() < (1 << 16) - 1) {
            all.add(rig.core.allocatePasid(device));
        }
        failing(() -> rig.core.allocatePasid(device), Errno.ENOSPC);
    }

    @Test
    void pasidsOutliveTheUnitsDriver() {
        var attachment = mapping(1).attach(device, 5);
        rig.core.removeDriver(rig.driver);
        assertThat(rig.read(device, 5, IOVA)).isNegative();
        rig.core.addDriver(rig.newDriver());
        await(() -> device.state() == Device.State.READY);
        assertThat(rig.read(device, 5, IOVA)).isEqualTo(1);
        attachment.detach();
        assertThat(rig.read(device, 5, IOVA)).isNegative();
    }
}
