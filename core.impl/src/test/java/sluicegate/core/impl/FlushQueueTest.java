package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Domain;
import sluicegate.api.Domain.Mapping;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.fake.FakeDomain;

/** Unmapping in DMA-FQ domains: invalidation may wait, but nothing is reused before it. */
class FlushQueueTest extends CoreFixture {
    private static final int RW = Prot.READ | Prot.WRITE;
    private final List<Runnable> timers = new ArrayList<>();
    private final AtomicInteger flushes = new AtomicInteger();
    private Domain domain;
    private FakeDomain tables;

    /** A core whose timer goes off when the test says so. */
    @Override
    protected IommuCore newCore() {
        return new IommuCore(new FlushTimer() {
            @Override
            void start(Runnable flush) {
                timers.add(flush);
            }
        });
    }

    @BeforeEach
    void lazily() {
        driver.capabilities = java.util.Set.of(Capability.DEFERRED_FLUSH);
        core.setDefaultDomainType(DomainType.DMA_FQ);
        machine.bus.put("00:02.0", dmar0);
        boot();
        domain = core.group(0).domain();
        tables = hardware("00:02.0");
        tables.onSync = gather -> flushes.incrementAndGet();
    }

    private void timerGoesOff() {
        var due = List.copyOf(timers);
        timers.clear();
        due.forEach(Runnable::run);
    }

    @Test
    void unmappingManyRangesIsOneInvalidation() {
        for (int i = 0; i < 10; i++) {
            domain.map(0x10000 + i * 2 * K4, 0x5000, K4, RW);
        }
        for (int i = 0; i < 10; i++) {
            assertThat(domain.unmap(0x10000 + i * 2 * K4, K4)).isEqualTo(K4);
        }
        assertThat(domain.type()).isEqualTo(DomainType.DMA_FQ);
        assertThat(domain.mappings()).isEmpty();
        assertThat(tables.pages).as("cleared from the tables at once").isEmpty();
        assertThat(tables.stale).as("remembered by the hardware").hasSize(10);
        assertThat(flushes).hasValue(0);
        assertThat(timers).hasSize(1);

        timerGoesOff();
        assertThat(tables.stale).isEmpty();
        assertThat(flushes).hasValue(1);
        timerGoesOff();
        assertThat(flushes).hasValue(1);
        domain.map(0x10000, 0x5000, K4, RW);
        domain.unmap(0x10000, K4);
        assertThat(timers).as("the next one starts the clock again").hasSize(1);
    }

    @Test
    void aRangeThatTheHardwareMayRememberIsNotMappedAnewBeforeAFlush() {
        domain.map(0x10000, 0x5000, 4 * K4, RW);
        domain.unmap(0x10000, 4 * K4);
        domain.map(0x20000, 0x5000, K4, RW);
        assertThat(flushes).as("another range need not wait").hasValue(0);
        domain.map(0x13000, 0x9000, K4, RW); // the fake driver complains if the hardware still remembers
        assertThat(flushes).hasValue(1);
        assertThat(domain.mappings()).containsExactly(new Mapping(0x13000, 0x9000, K4, RW), new Mapping(0x20000, 0x5000, K4, RW));
    }

    @Test
    void aFullQueueIsFlushedAtOnce() {
        for (int i = 0; i < Quarantine.CAPACITY; i++) {
            domain.map(i * K4, 0x5000, K4, RW);
        }
        for (int i = 0; i < Quarantine.CAPACITY - 1; i++) {
            domain.unmap(i * K4, K4);
        }
        assertThat(flushes).hasValue(0);
        domain.unmap((Quarantine.CAPACITY - 1) * K4, K4);
        assertThat(flushes).hasValue(1);
        assertThat(tables.stale).isEmpty();
    }

    @Test
    void aFlushThatFailsIsTriedAgain() {
        domain.map(0x10000, 0x5000, K4, RW);
        domain.unmap(0x10000, K4);
        tables.onSync = gather -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(this::timerGoesOff, Errno.ETIMEDOUT);
        failing(() -> domain.map(0x10000, 0x5000, K4, RW), Errno.ETIMEDOUT);
        domain.map(0x20000, 0x5000, K4, RW);
        domain.unmap(0x20000, K4);
        tables.onSync = gather -> { };
        timerGoesOff();
        assertThat(tables.stale).isEmpty();
        domain.map(0x10000, 0x5000, K4, RW);
    }

    @Test
    void whatWaitsIsFlushedBeforeTheDriversPartIsFreed() {
        domain.map(0x10000, 0x5000, K4, RW);
        domain.unmap(0x10000, K4);
        core.removeDriver(entry);
        assertThat(flushes).hasValue(1);
        timerGoesOff();
        core.addDriver(entry);
        domain.map(0x10000, 0x9000, K4, RW);
        assertThat(domain.iovaToPhys(0x10000)).hasValue(0x9000);
        assertThat(domain.type()).isEqualTo(DomainType.DMA_FQ);
    }

    @Test
    void strictDomainsFlushAtOnce() {
        var strict = domainFor("00:02.0");
        strict.attach(device("00:02.0"));
        hardware("00:02.0").onSync = gather -> flushes.incrementAndGet();
        strict.map(0x10000, 0x5000, K4, RW);
        strict.unmap(0x10000, K4);
        assertThat(flushes).hasValue(1);
        assertThat(timers).isEmpty();
    }

    @Test
    void theRealTimerFlushesBySelf() throws InterruptedException {
        try (var timer = new FlushTimer()) {
            var done = new java.util.concurrent.CountDownLatch(2);
            timer.start(() -> {
                done.countDown();
                throw FakeDomain.error(Errno.ETIMEDOUT);
            });
            timer.start(done::countDown);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
