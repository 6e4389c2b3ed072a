package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.InvalidateIotlbPagesCommand;
import sluicegate.spec.amdvi.PrefetchIommuPagesCommand;

/** Invalidations of every kind create no objects, with pages in the IOTLB that they remove. */
class NoAllocationTest {
    private static final long IOVA = 0x4000_0000L;
    private static final int NESTED = 0x30;
    private final Rig rig = new Rig().start();

    @AfterEach
    void close() {
        rig.close();
    }

    private static void assertNothingIsAllocated(String what, Runnable round) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int rounds = 20_000;
        long allocated = 0;
        for (int attempt = 0; attempt < 3; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < rounds; i++) {
                round.run();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated).as("bytes in %d rounds of %s", rounds, what).isLessThan(rounds);
    }

    @Test
    void pagesOfHostTables() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        assertNothingIsAllocated("a page, a range and everything", () -> {
            rig.read(IOVA);
            rig.invalidatePages(Rig.DOMAIN, IOVA, false);
            rig.read(IOVA);
            rig.invalidatePages(Rig.DOMAIN, IOVA | 0x7000, true);
            rig.read(IOVA);
            rig.invalidateDomain(Rig.DOMAIN);
        });
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.HAD.mask(), 0);
        rig.invalidateEntry(Rig.DEVICE);
        assertNothingIsAllocated("a page with accessed and dirty bits", () -> {
            rig.write(IOVA);
            rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        });
        assertThat(rig.done()).isTrue();
    }

    @Test
    void pagesOfGuestTables() {
        rig.guest(NESTED, 7, 4, 0);
        rig.hostOfGuestTables(7, Rig.RW);
        rig.entry(7, Rig.gcr3(7), 1, Rig.gcr3(7) | Rig.PR | Rig.RW);
        rig.entry(7, 0x70_0000, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.guestEntry(7, 5, IOVA, 1, 0x70_0000 | Rig.USER);
        assertThat(rig.unit.translate(NESTED, 5, IOVA, RequestAccess.READ)).isEqualTo(0x70_0000);
        assertNothingIsAllocated("pages of a PASID and pages under them", () -> {
            rig.unit.translate(NESTED, 5, IOVA, RequestAccess.READ);
            rig.invalidatePages(7, 5, IOVA, false);
            rig.unit.translate(NESTED, 5, IOVA, RequestAccess.READ);
            rig.invalidatePages(7, 5, InvalidateIommuPagesCommand.ALL_PAGES, true);
            rig.unit.translate(NESTED, 5, IOVA, RequestAccess.READ);
            rig.invalidatePages(7, 0x70_0000, false);
        });
        assertThat(rig.done()).isTrue();
    }

    @Test
    void everythingElse() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        long device = InvalidateIotlbPagesCommand.DEVICEID.set(Rig.command(CommandCode.INVALIDATE_IOTLB_PAGES), Rig.DEVICE);
        long prefetch = PrefetchIommuPagesCommand.DEVICEID.set(Rig.command(CommandCode.PREFETCH_IOMMU_PAGES), Rig.DEVICE);
        rig.unit.translate(Rig.DEVICE, Pasid.NONE, IOVA, RequestAccess.READ);
        assertNothingIsAllocated("a device's cache, a prefetch and a completion wait", () -> {
            rig.submit(device, IOVA | 0x7000 | InvalidateIotlbPagesCommand.S.mask());
            rig.submit(prefetch, IOVA | PrefetchIommuPagesCommand.INVAL.mask());
            rig.completionWait();
        });
        assertNothingIsAllocated("an entry and all there is", () -> {
            rig.invalidateEntry(Rig.DEVICE);
            rig.invalidateAll();
        });
        assertThat(rig.done()).isTrue();
        assertThat(rig.events()).isEmpty();
    }
}
