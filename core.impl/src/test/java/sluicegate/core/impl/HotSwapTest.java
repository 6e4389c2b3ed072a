package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluicegate.api.Domain;
import sluicegate.api.Unit;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakePci;

/** Drivers are replaced while devices and applications go on. */
@Timeout(60)
class HotSwapTest extends CoreFixture {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final FakeDriver next = new FakeDriver("next");
    private FakePci nic;
    private Domain domain;

    @BeforeEach
    void inUse() {
        nic = machine.bus.pci("00:02.0");
        machine.bus.put(nic, dmar0);
        boot();
        domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        domain.map(0x10000, 0x5000, K4, Prot.WRITE);
    }

    @AfterEach
    void theNextDriverIsContentToo() {
        core.close();
        assertThat(next.violations).isEmpty();
        assertThat(next.domainsAlive).hasValue(0);
    }

    private void settings(LeavePolicy policy, Duration patience, boolean greedy) {
        core.setUnitSettings("dmar0", Optional.of(new UnitSettings(policy, patience, greedy)));
    }

    private static <T> CompletableFuture<T> elsewhere(Callable<T> call) {
        var result = new CompletableFuture<T>();
        var thread = new Thread(() -> {
            try {
                result.complete(call.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        Together.await(() -> result.isDone() || thread.getState() == Thread.State.TIMED_WAITING);
        return result;
    }

    // ---- leaving and arriving

    @Test
    void aDriverThatKeepsTheUnitTranslatingIsNotAskedToBlockAnything() {
        settings(LeavePolicy.KEEP, Duration.ZERO, false);
        driver.log.clear();
        core.removeDriver(entry);
        assertThat(driver.log).containsExactly("drain 0000:00:02.0 -", "leave dmar0 KEEP");
        core.addDriver(next.entry(0));
        assertThat(next.log.get(0)).isEqualTo("probe dmar0 held");
        assertThat(next.log.get(next.log.size() - 1)).isEqualTo("adopted dmar0");
        assertThat(next.attached("0000:00:02.0").orElseThrow().pages).containsOnlyKeys(0x10000L);
    }

    @Test
    void whatWasUnmappedLazilyIsForgottenBeforeHardwareIsLeftToItself() {
        settings(LeavePolicy.KEEP, Duration.ZERO, false);
        driver.capabilities = Set.of(Capability.DEFERRED_FLUSH);
        domain.detach(device("00:02.0"));
        core.group(0).setDefaultType(Optional.of(DomainType.DMA_FQ));
        var tables = hardware("00:02.0");
        var lazy = core.group(0).defaultDomain().orElseThrow();
        lazy.map(0x20000, 0x6000, K4, Prot.READ);
        lazy.unmap(0x20000, K4);
        assertThat(tables.stale).isNotEmpty();
        core.removeDriver(entry);
        assertThat(tables.stale).isEmpty();
    }

    @Test
    void aDriverThatCannotTakeOverThisUnitInPlaceSaysWhy() {
        next.obstacle = Optional.of("translates in another mode");
        core.addDriver(next.entry(10));
        assertThat(failing(() -> core.unit("dmar0").swap("next", LeavePolicy.KEEP), Errno.EOPNOTSUPP))
                .hasMessageContainingAll("next", "dmar0 in place: the unit translates in another mode", "blocked");
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).as("nothing has happened").isEqualTo("fake");
        assertThat(next.log).isEmpty();
        settings(LeavePolicy.KEEP, Duration.ZERO, false);
        core.removeDriver(entry);
        assertThat(next.log.get(0)).as("not held").isEqualTo("probe dmar0");
    }

    @Test
    void aDriverThatCannotTakeOverInPlaceIsNotToldOfAHeldUnit() {
        next.adopts = false;
        core.addDriver(next.entry(10));
        assertThat(failing(() -> core.unit("dmar0").swap("next", LeavePolicy.KEEP), Errno.EOPNOTSUPP)).hasMessageContaining("blocked");
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).isEqualTo("fake");
        settings(LeavePolicy.KEEP, Duration.ZERO, false);
        core.removeDriver(entry);
        assertThat(next.log.get(0)).isEqualTo("probe dmar0");
        assertThat(next.attached("0000:00:02.0").orElseThrow().pages).containsOnlyKeys(0x10000L);
    }

    @Test
    void aUnitThatWasBlockedIsNotHandedOverAsHeld() {
        core.removeDriver(entry);
        core.addDriver(next.entry(0));
        assertThat(next.log.get(0)).isEqualTo("probe dmar0");
        assertThat(next.log).doesNotContain("adopted dmar0");
    }

    // ---- waiting callers

    @Test
    void aMapThatMeetsAChangeOfDriversIsDoneByTheNextOneAndOnlyOnce() throws Exception {
        settings(LeavePolicy.BLOCK, LONG, false);
        core.removeDriver(entry);
        var mapped = elsewhere(() -> {
            domain.map(0x20000, 0x6000, K4, Prot.READ);
            return true;
        });
        var unmapped = elsewhere(() -> domain.unmap(0x10000, K4));
        var allocated = elsewhere(() -> domainFor("00:02.0"));
        assertThat(mapped).isNotDone();
        assertThat(unmapped).isNotDone();
        assertThat(allocated).isNotDone();
        core.addDriver(next.entry(0));
        assertThat(mapped.get()).isTrue();
        assertThat(unmapped.get()).isEqualTo(K4);
        allocated.get().close();
        assertThat(next.attached("0000:00:02.0").orElseThrow().pages).containsOnlyKeys(0x20000L);
        assertThat(domain.mappings()).hasSize(1);
    }

    @Test
    void whoWaitsInVainIsToldToTryAgainAndWhoComesLaterThatNobodyIsThere() {
        settings(LeavePolicy.BLOCK, Duration.ofMillis(50), false);
        core.removeDriver(entry);
        assertThat(failing(() -> domain.map(0x20000, 0x6000, K4, Prot.READ), Errno.EAGAIN)).hasMessageContaining("dmar0");
        failing(() -> domain.map(0x20000, 0x6000, K4, Prot.READ), Errno.ENODEV);
        assertThat(domain.mappings()).hasSize(1);
    }

    @Test
    void whoWaitsForAUnitThatIsSwitchedOffIsToldAtOnce() {
        settings(LeavePolicy.BLOCK, LONG, false);
        core.removeDriver(entry);
        var mapped = elsewhere(() -> {
            domain.map(0x20000, 0x6000, K4, Prot.READ);
            return true;
        });
        core.removeUnit(dmar0);
        assertThat(mapped).failsWithin(Duration.ofSeconds(10)).withThrowableThat().havingCause()
                .isInstanceOfSatisfying(IommuException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
    }

    @Test
    void aThreadCanBeInterruptedWhileItWaits() throws Exception {
        settings(LeavePolicy.BLOCK, LONG, false);
        core.removeDriver(entry);
        var result = new CompletableFuture<IommuException>();
        var thread = new Thread(() -> result.complete(failing(() -> domain.unmap(0x10000, K4), Errno.EINTR)));
        thread.start();
        Together.await(() -> thread.getState() == Thread.State.TIMED_WAITING);
        thread.interrupt();
        assertThat(result.get()).hasMessageContaining("nothing was done");
        thread.join();
    }

    @Test
    void whoBeganDuringAHandoverAndFailedAfterItTriesAgain() {
        var handover = new Handover("dmar0");
        handover.begin(LONG);
        long seen = handover.seen();
        handover.end();
        assertThat(handover.await(seen)).isTrue();
        assertThat(handover.await(handover.seen())).as("nothing has changed, so it would fail again").isFalse();
    }

    @Test
    void aDetachWaitsWhereHardwareGoesOnTranslating() throws Exception {
        settings(LeavePolicy.KEEP, LONG, false);
        core.removeDriver(entry);
        var detached = elsewhere(() -> {
            domain.detach(device("00:02.0"));
            return true;
        });
        assertThat(detached).as("nobody can tell hardware yet").isNotDone();
        core.addDriver(next.entry(0));
        detached.get();
        domain.close();
        assertThat(next.attached("0000:00:02.0").orElseThrow().pages).isEmpty();
    }

    /** Hardware goes by the old tables until then: a page that is mapped would not be found, and one that is unmapped still be reached. */
    @Test
    void whatIsAskedWhileTheNextDriverTakesOverWaitsUntilHardwareGoesByItsTables() throws Exception {
        settings(LeavePolicy.KEEP, LONG, false);
        core.addDriver(next.entry(0));
        var calls = new ArrayList<CompletableFuture<?>>();
        next.onCall = operation -> {
            if (operation.equals("adopted")) {
                calls.add(elsewhere(() -> {
                    domain.map(0x20000, 0x6000, K4, Prot.READ);
                    return true;
                }));
                calls.add(elsewhere(() -> domain.unmap(0x10000, K4)));
                calls.add(elsewhere(() -> {
                    core.group(0).claim(this);
                    return true;
                }));
                assertThat(calls).noneMatch(CompletableFuture::isDone);
            }
        };
        core.unit("dmar0").swap("next", LeavePolicy.KEEP);
        for (var call : calls) {
            call.handle((done, failed) -> true).get();
        }
        assertThat(calls).hasSize(3);
        assertThat(domain.mappings()).hasSize(1);
        assertThat(next.attached("0000:00:02.0").orElseThrow().pages).containsOnlyKeys(0x20000L);
    }

    /** Two threads map and unmap, and check that each call did what it said; drivers change all the time. */
    @Test
    void nothingIsLostOrDoneTwiceWhileDriversChange() throws Exception {
        settings(LeavePolicy.KEEP, LONG, false);
        core.addDriver(next.entry(0));
        var over = new AtomicBoolean();
        var unexpected = new ConcurrentLinkedQueue<Throwable>();
        var tasks = new ArrayList<Callable<Void>>();
        tasks.add(() -> {
            try {
                for (int i = 0; i < 400; i++) {
                    core.unit("dmar0").swap(i % 2 == 0 ? "next" : "fake", i % 3 == 0 ? LeavePolicy.BLOCK : LeavePolicy.KEEP);
                }
            } finally {
                over.set(true);
            }
            return null;
        });
        for (int t = 1; t <= 2; t++) {
            long iova = 0x100000L * t;
            tasks.add(() -> {
                try {
                    while (!over.get()) {
                        domain.map(iova, 0x5000, 2 * K4, Prot.READ);
                        assertThat(domain.iovaToPhys(iova + K4)).hasValue(0x5000 + K4);
                        assertThat(domain.unmap(iova, 2 * K4)).isEqualTo(2 * K4);
                    }
                } catch (Throwable e) {
                    unexpected.add(e);
                    over.set(true);
                }
                return null;
            });
        }
        Together.run(tasks);
        assertThat(unexpected).isEmpty();
        assertThat(domain.mappings()).hasSize(1);
        assertThat(hardware("00:02.0").pages).containsOnlyKeys(0x10000L);
        Invariants.hold(core);
    }

    // ---- choosing

    @Test
    void aBetterDriverThatArrivesLaterDoesNotTakeOverByItself() {
        core.addDriver(next.entry(10));
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).isEqualTo("fake");
        core.unit("dmar0").swap("next", LeavePolicy.KEEP);
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).isEqualTo("next");
        assertThat(driver.log).contains("leave dmar0 KEEP");
    }

    @Test
    void atAGreedyUnitItDoes() {
        settings(LeavePolicy.KEEP, Duration.ZERO, true);
        core.addDriver(next.entry(10));
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).isEqualTo("next");
        core.addDriver(new FakeDriver("worse").entry(-1));
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).isEqualTo("next");
    }

    @Test
    void aNewerVersionOfTheSameBundleTakesOverAndWhenItGoesTheOlderOneHasItsTurnAgain() {
        core.removeDriver(entry);
        var old = version(driver, "fake", "1.9.0");
        core.addDriver(old);
        var another = version(new FakeDriver("fake"), "another.bundle", "2.0.0");
        core.addDriver(another);
        var update = new FakeDriver("fake");
        assertThat(core.unit("dmar0").driver().orElseThrow().version()).as("of another bundle").isEqualTo("1.9.0");
        var newer = version(update, "fake", "1.10.0.beta");
        core.addDriver(newer);
        assertThat(core.unit("dmar0").driver().orElseThrow().version()).isEqualTo("1.10.0.beta");
        assertThat(update.attached("0000:00:02.0").orElseThrow().pages).containsOnlyKeys(0x10000L);
        core.addDriver(version(new FakeDriver("fake"), "fake", "1.2"));
        assertThat(core.unit("dmar0").driver().orElseThrow().version()).as("older").isEqualTo("1.10.0.beta");
        core.removeDriver(another);
        core.removeDriver(newer);
        assertThat(core.unit("dmar0").driver().orElseThrow().version()).isEqualTo("1.9.0");
    }

    @Test
    void ofTwoVersionsThatAreThereTheNewerOneGetsAUnitThatComesWhicheverCameFirst() {
        core.removeDriver(entry);
        core.removeUnit(dmar0);
        core.addDriver(version(driver, "fake", "1.0.0"));
        core.addDriver(version(new FakeDriver("fake"), "fake", "1.0.1"));
        core.addUnit(dmar0);
        assertThat(core.unit("dmar0").driver().orElseThrow().version()).isEqualTo("1.0.1");
    }

    private static DriverEntry version(FakeDriver driver, String bundle, String version) {
        var entry = driver.entry(0);
        return new DriverEntry(driver, entry.name(), bundle, version, 0, entry.order(), entry.compatible());
    }

    @Test
    void onlyADriverOfThisHardwareCanBeChosen() {
        core.addDriver(new FakeDriver("alien").entry(0, "other,iommu"));
        failing(() -> core.unit("dmar0").swap("nobody", LeavePolicy.BLOCK), Errno.ENOENT);
        assertThat(failing(() -> core.unit("dmar0").swap("alien", LeavePolicy.BLOCK), Errno.EINVAL)).hasMessageContaining("fake,iommu");
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.BOUND);
    }

    // ---- failing

    @Test
    void whoeverFailsToTakeTheUnitLeavesItToTheOneThatHadIt() {
        next.onProbe = context -> {
            throw FakeDomain.error(Errno.EIO);
        };
        core.addDriver(next.entry(10));
        assertThat(failing(() -> core.unit("dmar0").swap("next", LeavePolicy.BLOCK), Errno.EIO)).hasMessageContaining("fake has it now");
        assertThat(hardware("00:02.0").pages).containsOnlyKeys(0x10000L);
    }

    @Test
    void functionsAreSilencedWhenADriverFailsOverTablesThatWereLeftTranslating() {
        settings(LeavePolicy.KEEP, Duration.ZERO, false);
        var whileItFailed = new ArrayList<Boolean>();
        next.onProbe = context -> {
            throw new IllegalStateException("no idea");
        };
        var third = new FakeDriver("third");
        third.onProbe = context -> whileItFailed.addAll(List.of(nic.mayMaster(), context.held()));
        core.removeDriver(entry);
        assertThat(nic.mayMaster()).isTrue();
        core.addDriver(next.entry(0));
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.FAILED);
        assertThat(nic.mayMaster()).isFalse();
        core.addDriver(third.entry(0));
        assertThat(whileItFailed).as("silent, and a unit to be set up anew").containsExactly(false, false);
        assertThat(nic.mayMaster()).isTrue();
    }

    @Test
    void functionsAreSilencedWhenADriverFailsToLeave() {
        driver.onCall = operation -> {
            if (operation.equals("leave")) {
                throw FakeDomain.error(Errno.EIO);
            }
        };
        core.removeDriver(entry);
        assertThat(nic.mayMaster()).isFalse();
        core.addDriver(next.entry(0));
        assertThat(nic.mayMaster()).isTrue();
    }

    @Test
    void aFunctionThatDoesNotAnswerKeepsNoDriverFromLeaving() {
        driver.onCall = operation -> {
            if (operation.equals("leave")) {
                throw FakeDomain.error(Errno.EIO);
            }
        };
        nic.loseConfig();
        core.removeDriver(entry);
        assertThat(core.unit("dmar0").driver()).isEmpty();
        core.addDriver(next.entry(0));
        assertThat(next.attached("0000:00:02.0").orElseThrow().pages).containsOnlyKeys(0x10000L);
    }

    @Test
    void aDriverThatFailsWhenItHasTakenOverLosesTheUnitToTheNext() {
        settings(LeavePolicy.KEEP, Duration.ZERO, false);
        next.onCall = operation -> {
            if (operation.equals("adopted")) {
                throw FakeDomain.error(Errno.EIO);
            }
        };
        core.addDriver(next.entry(0));
        failing(() -> core.unit("dmar0").swap("next", LeavePolicy.KEEP), Errno.EIO);
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).isEqualTo("fake");
        assertThat(next.log).contains("leave dmar0 BLOCK");
        assertThat(hardware("00:02.0").pages).containsOnlyKeys(0x10000L);
    }

    @Test
    void aDriverThatNeverReturnsIsGivenUp() {
        var never = new CountDownLatch(1);
        var interrupted = new CompletableFuture<Boolean>();
        var e = failing(() -> DriverCall.make("Probing dmar0", Duration.ofMillis(20), () -> {
            try {
                never.await();
            } catch (InterruptedException stop) {
                interrupted.complete(true);
            }
            return true;
        }), Errno.ETIMEDOUT);
        assertThat(e).hasMessageContaining("Probing dmar0");
        assertThat(interrupted).succeedsWithin(Duration.ofSeconds(10));
    }
}
