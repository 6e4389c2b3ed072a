package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Domain;
import sluicegate.api.Domain.Mapping;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.fake.FakeDomain;

/** {@code iommu_map}, {@code iommu_unmap}, {@code iommu_iova_to_phys}: rows of B.3 and the ledger. */
class MappingTest extends CoreFixture {
    private static final int RW = Prot.READ | Prot.WRITE;
    private Domain domain;
    private FakeDomain tables;

    @BeforeEach
    void attached() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        tables = hardware("00:02.0");
    }

    @Test
    void iommu_map_refusesWhatBreaksARule() {
        failing(() -> domain.map(0x800, 0, K4, RW), Errno.EINVAL);
        failing(() -> domain.map(0, 0x800, K4, RW), Errno.EINVAL);
        failing(() -> domain.map(0, 0, 0x1800, RW), Errno.EINVAL);
        failing(() -> domain.map(0, 0, 0, RW), Errno.EINVAL);
        failing(() -> domain.map(0, 0, K4, 0), Errno.EINVAL);
        failing(() -> domain.map(0, 0, K4, 1 << 20), Errno.EINVAL);
        failing(() -> domain.map(1L << 48, 0, K4, RW), Errno.EINVAL);
        failing(() -> domain.map((1L << 48) - K4, 0, 2 * K4, RW), Errno.EINVAL);
        failing(() -> domain.map(K4, -K4, 2 * K4, RW), Errno.EINVAL);
        failing(() -> core.domain("dmar0-identity").map(0, 0, K4, RW), Errno.EINVAL);
        assertThat(core.domain("dmar0-blocked").unmap(0, K4)).isZero();
        driver.pageSizes = 0;
        failing(() -> domain.map(0, 0, K4, RW), Errno.ENODEV);
        driver.pageSizes = 0x40201000L;
        assertThat(tables.pages).isEmpty();
    }

    @Test
    void iommu_iova_to_phys() {
        domain.map(0x10000, 0x50000, K4, RW);
        assertThat(domain.iovaToPhys(0x10abc)).hasValue(0x50abc);
        assertThat(domain.iovaToPhys(0x11000)).isEmpty();
        assertThat(core.domain("dmar0-identity").iovaToPhys(0x10abc)).hasValue(0x10abc);
        assertThat(core.domain("dmar0-blocked").iovaToPhys(0x10abc)).isEmpty();
    }

    @Test
    void largestPagesAreUsedWithOneCallForEachSize() {
        domain.map(M2 - K4, 3 * M2 - K4, K4 + M2 + M2 + K4, RW);
        assertThat(tables.pages).containsOnlyKeys(M2 - K4, M2, 2 * M2, 3 * M2);
        assertThat(tables.mapCalls).isEqualTo(3);
        assertThat(domain.iovaToPhys(2 * M2 + 5)).hasValue(4 * M2 + 5);
        assertThat(domain.iovaToPhys(0)).isEmpty();
        assertThat(domain.mappings()).containsExactly(new Mapping(M2 - K4, 3 * M2 - K4, 2 * M2 + 2 * K4, RW));
    }

    @Test
    void smallPagesThatCannotGrowAreMappedInOneCall() {
        domain.map(0, K4, 2 * M2, RW);
        assertThat(tables.pages).hasSize(1024);
        assertThat(tables.mapCalls).isEqualTo(1);
    }

    @Test
    void anOverlapIsRefusedAndTheOtherMappingNamed() {
        domain.map(0x10000, 0x50000, 4 * K4, RW);
        assertThat(failing(() -> domain.map(0xf000, 0, 2 * K4, RW), Errno.EEXIST))
                .hasMessageContaining("[0x10000, 0x13fff]").hasMessageContaining("0x50000");
        assertThat(tables.pages).hasSize(4);
    }

    /** The trap in kernel 7.0: a failed map reported success, and what was mapped stayed. */
    @Test
    void iommu_map_thatFailsHalfWayIsReportedAndUndone() {
        driver.pagesLeft.set(3);
        failing(() -> domain.map(M2 - 2 * K4, 0x40000000L + M2 - 2 * K4, 2 * K4 + M2 + 2 * K4, RW), Errno.ENOMEM);
        assertThat(tables.pages).isEmpty();
        assertThat(tables.stale).as("not invalidated").isEmpty();
        assertThat(domain.mappings()).isEmpty();
        driver.pagesLeft.set(1000);
        domain.map(M2, 0, M2, RW);
    }

    @Test
    void iommu_map_isUndoneIfItsSyncFails() {
        tables.onSyncMap = () -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(() -> domain.map(0, 0, 3 * K4, RW), Errno.ETIMEDOUT);
        assertThat(tables.pages).isEmpty();
        assertThat(domain.mappings()).isEmpty();
    }

    @Test
    void whatAFailedMapLeavesInTheHardwareIsNotMappedAnewEither() {
        driver.pagesLeft.set(1);
        tables.onSync = gather -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(() -> domain.map(0x10000, 0, 2 * K4, RW), Errno.ENOMEM);
        driver.pagesLeft.set(1000);
        failing(() -> domain.map(0x10000, 0, 2 * K4, RW), Errno.ETIMEDOUT);
        tables.onSync = gather -> { };
        domain.map(0x10000, 0, 2 * K4, RW);
        assertThat(domain.mappings()).hasSize(1);
    }

    @Test
    void iommu_unmap_stopsAtTheFirstHole() {
        domain.map(0x10000, 0, 2 * K4, RW);
        domain.map(0x12000, 0x9000, K4, RW);
        domain.map(0x14000, 0, K4, RW);
        assertThat(domain.unmap(0x11000, 0x10000)).isEqualTo(2 * K4);
        assertThat(domain.mappings()).containsExactly(new Mapping(0x10000, 0, K4, RW), new Mapping(0x14000, 0, K4, RW));
        assertThat(domain.unmap(0x11000, K4)).isZero();
        assertThat(domain.unmap(0x10800, K4)).isZero();
        assertThat(domain.unmap(0x10000, 0)).isZero();
        assertThat(domain.unmap(-K4, 2 * K4)).isZero();
        assertThat(tables.stale).isEmpty();
    }

    @Test
    void iommu_unmap_ofAPieceOfALargePageTakesAllOfIt() {
        domain.map(M2 - K4, 3 * M2 - K4, M2 + 2 * K4, RW);
        assertThat(domain.unmap(M2 + 5 * K4, K4)).isEqualTo(M2);
        assertThat(domain.mappings()).containsExactly(new Mapping(M2 - K4, 3 * M2 - K4, K4, RW),
                new Mapping(2 * M2, 4 * M2, K4, RW));
        assertThat(tables.pages).containsOnlyKeys(M2 - K4, 2 * M2);
    }

    @Test
    void anIovaIsNotReusedBeforeTheHardwareForgotIt() {
        domain.map(0x10000, 0, K4, RW);
        tables.onSync = gather -> {
            assertThat(tables.pages).as("cleared before invalidated").isEmpty();
            assertThat(domain.mappings()).as("in the ledger until invalidated").hasSize(1);
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(() -> domain.unmap(0x10000, K4), Errno.ETIMEDOUT);
        assertThat(domain.mappings()).as("not in the tables any more").isEmpty();
        tables.onSync = gather -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        };
        failing(() -> domain.map(0x10000, 0x9000, K4, RW), Errno.ETIMEDOUT);
        assertThat(tables.stale).isNotEmpty();
        tables.onSync = gather -> { };
        domain.map(0x10000, 0x9000, K4, RW);
        assertThat(domain.iovaToPhys(0x10000)).hasValue(0x9000);
    }

    @Test
    void ledgerAndPageTablesAgreeAfterRandomOperations() {
        var random = new Random(1);
        for (int i = 0; i < 5000; i++) {
            long iova = random.nextInt(8192) * K4;
            long size = random.nextInt(6) == 0 ? M2 * (1 + random.nextInt(3)) : K4 * (1 + random.nextInt(8));
            iova = size >= M2 && random.nextBoolean() ? iova & -M2 : iova;
            if (random.nextBoolean()) {
                driver.pagesLeft.set(random.nextInt(10) == 0 ? random.nextInt(6) : Integer.MAX_VALUE);
                try {
                    domain.map(iova, iova + (random.nextBoolean() ? 0x40000000L : 0x40001000L), size, RW);
                } catch (RuntimeException e) {
                    // overlap, or out of memory
                }
            } else {
                domain.unmap(iova, size);
            }
        }
        var ledger = new TreeMap<Long, Long>();
        domain.mappings().forEach(m -> {
            for (long offset = 0; offset < m.size(); offset += K4) {
                ledger.put(m.iova() + offset, m.address() + offset);
            }
        });
        var pages = new TreeMap<Long, Long>();
        tables.pages.forEach((iova, page) -> {
            for (long offset = 0; offset < page.size(); offset += K4) {
                pages.put(iova + offset, page.address() + offset);
            }
        });
        assertThat(ledger).isEqualTo(pages).hasSizeGreaterThan(1000);
        assertThat(tables.stale).isEmpty();
    }
}
