package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.dma.DmaDirection;
import sluicegate.api.dma.DmaMapper;
import sluicegate.api.dma.ScatterList;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.core.impl.fake.FakeDomain;

/** When IOVAs of drivers' buffers are used again, and what becomes of them when something fails. */
class DmaFlushTest extends CoreFixture {
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;
    private final List<Runnable> timers = new ArrayList<>();
    private DmaMapper dma;
    private FakeDomain tables;

    /** A core whose timer goes off when the test says so. */
    @Override
    protected IommuCore newCore() {
        return new IommuCore(new FlushTimer() {
            @Override
            void start(Runnable flush, long millis) {
                timers.add(flush);
            }
        });
    }

    private void boot(DomainType type) {
        driver.capabilities = Set.of(Capability.DEFERRED_FLUSH);
        core.setDefaultDomainType(type);
        machine.bus.put("00:02.0", dmar0);
        boot();
        dma = core.dmaMapper(device("00:02.0"));
        tables = hardware("00:02.0");
    }

    private void timerGoesOff() {
        var due = List.copyOf(timers);
        timers.clear();
        due.forEach(Runnable::run);
    }

    private List<Long> map(int count) {
        var iovas = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            iovas.add(dma.mapSingle(0x5000, K4, BOTH, 0));
        }
        return iovas;
    }

    private void unmap(List<Long> iovas) {
        iovas.forEach(iova -> dma.unmapSingle(iova, K4, BOTH, 0));
    }

    @Test
    void anIovaIsGivenOutAgainOnlyAfterAFlushThatBeganAfterItWasUnmapped() {
        boot(DomainType.DMA_FQ);
        var first = map(100);
        unmap(first);
        var second = map(100);
        assertThat(second).doesNotContainAnyElementsOf(first);
        assertThat(timers).hasSize(1);
        timerGoesOff();
        unmap(second);
        var third = map(100);
        assertThat(new HashSet<>(third)).as("flushed").isEqualTo(new HashSet<>(first));
        assertThat(third).as("unmapped after the flush").doesNotContainAnyElementsOf(second);
    }

    @Test
    void aFlushThatFailsLetsNothingBeUsedAgain() {
        boot(DomainType.DMA_FQ);
        var first = map(10);
        unmap(first);
        tables.onSync = gather -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(this::timerGoesOff, Errno.ETIMEDOUT);
        assertThat(map(10)).doesNotContainAnyElementsOf(first);
        tables.onSync = gather -> { };
        unmap(map(1));
        timerGoesOff();
        assertThat(map(11)).containsAll(first);
    }

    @Test
    void aFullQueueIsFlushedByWhoFillsIt() {
        boot(DomainType.DMA_FQ);
        var first = map(Quarantine.CAPACITY);
        unmap(first);
        assertThat(new HashSet<>(map(Quarantine.CAPACITY))).isEqualTo(new HashSet<>(first));
    }

    @Test
    void strictlyTheIovaGoesLastAndNotIfTheHardwareDidNotForget() {
        boot(DomainType.DMA);
        long iova = dma.mapSingle(0x5000, K4, BOTH, 0);
        tables.onSync = gather -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(() -> dma.unmapSingle(iova, K4, BOTH, 0), Errno.ETIMEDOUT);
        tables.onSync = gather -> { };
        assertThat(dma.mapSingle(0x5000, K4, BOTH, 0)).isNotEqualTo(iova);
        assertThat(dma.mapSingle(0x5000, K4, BOTH, 0)).as("that map flushed").isEqualTo(iova);
    }

    @Test
    void whatWaitsComesBackWhenTheUnitsDriverLeaves() {
        boot(DomainType.DMA_FQ);
        var first = map(10);
        unmap(first);
        core.removeDriver(entry);
        core.addDriver(entry);
        assertThat(new HashSet<>(map(10))).isEqualTo(new HashSet<>(first));
    }

    @Test
    void memoryOfACoherentBufferIsNobodysUntilTheHardwareHasForgottenIt() {
        boot(DomainType.DMA_FQ);
        var ring = dma.allocateCoherent(K4);
        dma.freeCoherent(ring);
        assertThat(machine.allocated).as("the device may still write there").contains(ring.address());
        failing(() -> dma.freeCoherent(ring), Errno.EINVAL);
        tables.onSync = gather -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(this::timerGoesOff, Errno.ETIMEDOUT);
        assertThat(machine.allocated).contains(ring.address());
        tables.onSync = gather -> { };
        unmap(map(1));
        timerGoesOff();
        assertThat(machine.allocated).doesNotContain(ring.address());
    }

    @Test
    void strictlyItIsFreeAtOnceUnlessTheHardwareDidNotForget() {
        boot(DomainType.DMA);
        var first = dma.allocateCoherent(K4);
        var second = dma.allocateCoherent(K4);
        dma.freeCoherent(first);
        assertThat(machine.allocated).containsExactly(second.address());
        tables.onSync = gather -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(() -> dma.freeCoherent(second), Errno.ETIMEDOUT);
        assertThat(machine.allocated).containsExactly(second.address());
        tables.onSync = gather -> { };
        map(1);
        assertThat(machine.allocated).as("that map flushed").isEmpty();
    }

    @Test
    void aMappingThatFailsGivesItsIovaBack() {
        boot(DomainType.DMA);
        driver.pagesLeft.set(3);
        var list = new ScatterList(8);
        for (int i = 0; i < 8; i++) {
            list.add(0x10000 + 2 * i * K4, K4);
        }
        failing(() -> dma.mapScatterList(list, BOTH, 0), Errno.ENOMEM);
        assertThat(device("00:02.0").domain().orElseThrow().mappings()).isEmpty();
        assertThat(tables.pages).isEmpty();
        driver.pagesLeft.set(Integer.MAX_VALUE);
        assertThat(dma.mapScatterList(list, BOTH, 0)).isEqualTo(1);
        assertThat(list.iova(0)).as("the highest range still").isEqualTo(0xffff_8000L);
    }

    @Test
    void whatAnApplicationMappedIsLeftAlone() {
        boot(DomainType.DMA);
        var domain = core.group(0).domain();
        domain.map(0xffff_f000L, 0x9000, K4, Prot.READ);
        assertThat(dma.mapSingle(0x5000, K4, BOTH, 0)).isEqualTo(0xffff_e000L);
        domain.map(0xffff_d000L, 0x9000, K4, Prot.READ);
        failing(() -> dma.mapSingle(0x5000, K4, BOTH, 0), Errno.EEXIST);
        assertThat(dma.mapSingle(0x5000, K4, BOTH, 0)).as("the next attempt goes around it").isEqualTo(0xffff_c000L);
    }

    @Test
    void regionsThatTheFirmwareReservesAreCarvedOut() {
        driver.reserved = device -> List.of(new ReservedRegion(0xffff_0000L, 0x8000, 0, ReservedRegion.Type.RESERVED),
                new ReservedRegion(0xffff_a000L, 0x1000, Prot.READ | Prot.WRITE, ReservedRegion.Type.DIRECT));
        boot(DomainType.DMA);
        var iovas = map(20);
        assertThat(iovas).contains(0xffff_f000L, 0xffff_b000L, 0xffff_9000L, 0xffff_8000L, 0xfffe_f000L).doesNotContain(0xffff_a000L)
                .noneMatch(iova -> iova >= 0xffff_0000L && iova < 0xffff_8000L);
    }

    @Test
    void pagesOf16K() {
        driver.pageSizes = 1 << 14;
        boot(DomainType.DMA);
        long iova = dma.mapSingle(0x13000, 0x2000, BOTH, 0);
        assertThat(iova).isEqualTo(0xffff_b000L);
        assertThat(tables.pages).hasSize(2);
        dma.unmapSingle(iova, 0x2000, BOTH, 0);
        assertThat(tables.pages).isEmpty();
        core.removeDriver(entry);
        driver.pageSizes = 1 << 12;
        core.addDriver(entry);
        assertThat(failing(() -> dma.mapSingle(0x13000, 0x2000, BOTH, 0), Errno.EFAULT)).hasMessageContaining("laid out");
    }
}
