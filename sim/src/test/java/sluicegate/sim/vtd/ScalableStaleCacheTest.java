package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidCacheInvalidateDescriptor;
import sluicegate.spec.vtd.PasidIotlbInvalidateDescriptor;
import sluicegate.spec.vtd.ScalableContextEntry;

/** What the caches of scalable mode keep until software invalidates it, at the granularity that it asks for. */
class ScalableStaleCacheTest {
    private static final long IOVA = 0x12_3456_7000L;
    private static final long NEAR = IOVA + 0x20_0000;
    private static final long HIGH = 0xffff_9000_0000_0000L;
    private static final int FIRST = 1;
    private static final int OTHER = 2;
    private static final int SECOND = 3;
    private static final int NESTED = 4;
    private static final int SELECTIVE = PasidIotlbInvalidateDescriptor.PASID_SELECTIVE;
    private final ScalableRig rig = new ScalableRig();

    @BeforeEach
    void start() {
        rig.start();
        rig.firstStage(FIRST, 5);
        rig.firstStage(OTHER, 5);
        rig.secondStage(SECOND, 6, 0);
        rig.nested(NESTED, 7, 0);
        rig.guestTables(7, Rig.RW);
        for (int index = 0; index < 2; index++) {
            long iova = index == 0 ? IOVA : NEAR;
            rig.first(5, iova, 1, page(1, index) | ScalableRig.USER);
            rig.rig.entry(6, iova, 1, page(1, index) | Rig.RW);
            rig.guest(7, iova, 1, 0x70_0000 + index * 0x1000 | ScalableRig.USER);
            rig.rig.entry(7, 0x70_0000 + index * 0x1000, 1, page(1, index) | Rig.RW);
        }
        rig.first(5, HIGH, 1, page(1, 2) | ScalableRig.USER);
        rig.request(FIRST, HIGH, RequestAccess.READ);
        for (int pasid = FIRST; pasid <= NESTED; pasid++) {
            assertThat(rig.request(pasid, IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
            assertThat(rig.request(pasid, NEAR, RequestAccess.READ)).isEqualTo(page(1, 1));
        }
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static long page(int generation, int index) {
        return 0x9_0000L + generation * 0x1_0000 + index * 0x1000;
    }

    /** Changes all leaves in memory without telling the unit. */
    private void changeTables() {
        for (int index = 0; index < 2; index++) {
            long iova = index == 0 ? IOVA : NEAR;
            rig.first(5, iova, 1, page(2, index) | ScalableRig.USER);
            rig.rig.entry(6, iova, 1, page(2, index) | Rig.RW);
            rig.rig.entry(7, 0x70_0000 + index * 0x1000, 1, page(2, index) | Rig.RW);
        }
        rig.first(5, HIGH, 1, page(2, 2) | ScalableRig.USER);
    }

    private void assertFresh(int pasid, boolean near, boolean far) {
        assertThat(rig.request(pasid, IOVA, RequestAccess.READ)).as("PASID %d", pasid).isEqualTo(page(near ? 2 : 1, 0));
        assertThat(rig.request(pasid, NEAR, RequestAccess.READ)).as("PASID %d, near", pasid).isEqualTo(page(far ? 2 : 1, 1));
    }

    private void submitPage(int did, int pasid, long address, int addressMask) {
        rig.submit(ScalableRig.pasidIotlb(PasidIotlbInvalidateDescriptor.PAGE, did, pasid),
                PasidIotlbInvalidateDescriptor.AM.set(address, addressMask));
    }

    @Test
    void pagesStayUntilTheyAreInvalidated() {
        changeTables();
        for (int pasid = FIRST; pasid <= NESTED; pasid++) {
            assertFresh(pasid, false, false);
        }
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0), 0);
        for (int pasid = FIRST; pasid <= NESTED; pasid++) {
            assertFresh(pasid, true, true);
        }
    }

    @Test
    void onePageOfAPasid() {
        changeTables();
        submitPage(5, FIRST, IOVA, 0);
        assertFresh(FIRST, true, false);
        assertFresh(OTHER, false, false);
        submitPage(7, NESTED, IOVA & -1L << 22, 10);
        assertFresh(NESTED, true, true);
        submitPage(5, FIRST, HIGH, 0);
        assertThat(rig.request(FIRST, HIGH, RequestAccess.READ)).isEqualTo(page(2, 2));
    }

    @Test
    void allPagesOfAPasid() {
        changeTables();
        rig.submit(ScalableRig.pasidIotlb(SELECTIVE, 5, OTHER), 0);
        assertFresh(OTHER, true, true);
        assertFresh(FIRST, false, false);
    }

    /** The G bit of processors' entries shares nothing between PASIDs, and keeps nothing (9.7). */
    @Test
    void globalPagesBelongToTheirPasidAsOthersDo() {
        rig.first(5, IOVA, 1, page(3, 0) | ScalableRig.USER | FirstStageEntry.G.mask());
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0), 0);
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).isEqualTo(page(3, 0));
        rig.first(5, IOVA, 1, page(2, 0) | ScalableRig.USER);
        assertThat(rig.request(OTHER, IOVA, RequestAccess.READ)).as("not found by another PASID").isEqualTo(page(2, 0));
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).isEqualTo(page(3, 0));
        rig.submit(ScalableRig.pasidIotlb(SELECTIVE, 5, FIRST), 0);
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).as("gone with its PASID").isEqualTo(page(2, 0));
    }

    @Test
    void aPasidOfAnotherDomainIsNoneOfThem() {
        changeTables();
        submitPage(6, FIRST, IOVA, 0);
        rig.submit(ScalableRig.pasidIotlb(SELECTIVE, 7, FIRST), 0);
        submitPage(6, SECOND, IOVA, 0);
        for (int pasid = FIRST; pasid <= NESTED; pasid++) {
            assertFresh(pasid, false, false);
        }
    }

    @Test
    void allPagesOfAPasidAreThoseOfItsSecondStageToo() {
        changeTables();
        rig.submit(ScalableRig.pasidIotlb(SELECTIVE, 6, SECOND), 0);
        assertFresh(SECOND, true, true);
        assertFresh(FIRST, false, false);
        assertFresh(NESTED, false, false);
    }

    @Test
    void aWholeDomainOfWhateverStages() {
        changeTables();
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.DOMAIN, 5), 0);
        assertFresh(FIRST, true, true);
        assertFresh(OTHER, true, true);
        assertFresh(SECOND, false, false);
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.DOMAIN, 6), 0);
        assertFresh(SECOND, true, true);
        assertFresh(NESTED, false, false);
    }

    @Test
    void secondStagePagesOfADomainTakeAllNestedOnesAlong() {
        changeTables();
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, 6), IOVA);
        assertFresh(SECOND, true, false);
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, 7), 0x70_0000);
        assertFresh(NESTED, true, true);
        assertFresh(FIRST, false, false);
    }

    @Test
    void pasidEntriesStayUntilTheyAreInvalidated() {
        rig.firstStage(FIRST, 8);
        rig.first(8, IOVA, 1, page(3, 0) | ScalableRig.USER);
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
        rig.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.PASID_SELECTIVE, 5, OTHER), 0);
        rig.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.PASID_SELECTIVE, 8, FIRST), 0);
        rig.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.DOMAIN, 8, 0), 0);
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.GLOBAL, 0, 0, 0), 0);
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).as("none of these was meant").isEqualTo(page(1, 0));
        rig.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.PASID_SELECTIVE, 5, FIRST), 0);
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).isEqualTo(page(3, 0));
    }

    @Test
    void pasidEntriesOfADomainAndAllOfThem() {
        for (int pasid : new int[] {FIRST, OTHER, SECOND}) {
            rig.memory.set64(ScalableRig.pasidAddress(pasid), 0);
        }
        rig.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.DOMAIN, 5, 0), 0);
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).isEqualTo(-FaultReason.PASID_ENTRY_NOT_PRESENT.code());
        assertThat(rig.request(OTHER, IOVA, RequestAccess.READ)).isEqualTo(-FaultReason.PASID_ENTRY_NOT_PRESENT.code());
        assertFresh(SECOND, false, false);
        rig.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.GLOBAL, 0, 0), 0);
        assertThat(rig.request(SECOND, IOVA, RequestAccess.READ)).isEqualTo(-FaultReason.PASID_ENTRY_NOT_PRESENT.code());
    }

    @Test
    void anInvalidatedPasidEntryLeavesItsPages() {
        changeTables();
        rig.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.GLOBAL, 0, 0), 0);
        assertFresh(FIRST, false, false);
        assertFresh(NESTED, false, false);
    }

    @Test
    void contextEntriesStayUntilTheyAreInvalidated() {
        rig.context(ScalableRig.SID, 0, ScalableContextEntry.RID_PASID.set(0, SECOND));
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).as("PASIDE is off now").isEqualTo(page(1, 0));
        rig.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.GLOBAL, 0, 0), 0);
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, 0, ScalableRig.SID + 1, 0), 0);
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, 0x42, ScalableRig.SID, 0), 0);
        assertThat(rig.request(FIRST, IOVA, RequestAccess.READ)).as("whatever the domain id")
                .isEqualTo(-FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE.code());
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
        rig.context(ScalableRig.SID, 0, ScalableContextEntry.RID_PASID.set(0, 0x100));
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DOMAIN, 0x42, 0, 0), 0);
        assertThat(rig.request(IOVA, RequestAccess.READ)).as("in scalable mode contexts have no domain").isNegative();
    }

    @Test
    void whatIsNotPresentIsNotKept() {
        assertThat(rig.request(0x30, IOVA, RequestAccess.READ)).isNegative();
        assertThat(rig.request(FIRST, IOVA + 0x1000, RequestAccess.READ)).isNegative();
        rig.firstStage(0x30, 5);
        rig.first(5, IOVA + 0x1000, 1, page(3, 0) | ScalableRig.USER);
        assertThat(rig.request(0x30, IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
        assertThat(rig.request(FIRST, IOVA + 0x1000, RequestAccess.READ)).isEqualTo(page(3, 0));
    }

    @Test
    void withCachingModeWhatIsNotPresentIsKeptExceptInTheFirstStage() {
        var features = ScalableRig.features();
        features.cachingMode = true;
        try (var caching = new ScalableRig(features)) {
            caching.start();
            caching.secondStage(SECOND, 6, 0);
            caching.firstStage(FIRST, 5);
            for (int pasid : new int[] {FIRST, SECOND, 0x30}) {
                assertThat(caching.request(pasid, IOVA, RequestAccess.READ)).isNegative();
            }
            caching.rig.entry(6, IOVA, 1, page(1, 0) | Rig.RW);
            caching.first(5, IOVA, 1, page(1, 0) | ScalableRig.USER);
            caching.firstStage(0x30, 5);
            assertThat(caching.request(FIRST, IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
            assertThat(caching.request(SECOND, IOVA, RequestAccess.READ)).isNegative();
            assertThat(caching.request(0x30, IOVA, RequestAccess.READ)).isNegative();
            caching.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, 6), IOVA);
            caching.submit(ScalableRig.pasidCache(PasidCacheInvalidateDescriptor.PASID_SELECTIVE, 0, 0x30), 0);
            assertThat(caching.request(SECOND, IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
            assertThat(caching.request(0x30, IOVA, RequestAccess.READ)).isEqualTo(page(1, 0));
        }
    }

    @Test
    void permissionsThatAreAddedToAFirstStageNeedNoInvalidation() {
        rig.first(5, IOVA + 0x1000, 1, page(1, 0) | ScalableRig.P | ScalableRig.US);
        assertThat(rig.request(FIRST, IOVA + 0x1000, RequestAccess.WRITE)).isNegative();
        assertThat(rig.request(FIRST, IOVA + 0x1000, RequestAccess.READ)).isEqualTo(page(1, 0));
        rig.first(5, IOVA + 0x1000, 1, page(1, 0) | ScalableRig.USER);
        assertThat(rig.request(FIRST, IOVA + 0x1000, RequestAccess.WRITE)).isEqualTo(page(1, 0));
    }

    @Test
    void aNewRootTableForgetsEverythingOnUnitsThatSaySo() {
        var plain = VtdCapabilities.of(ScalableRig.features().build(), 39);
        for (boolean forgets : new boolean[] {false, true}) {
            long cap = CapabilityRegister.ESRTPS.set(plain.cap(), forgets ? 1 : 0);
            try (var other = new ScalableRig(new VtdCapabilities(cap, plain.ecap(), 39))) {
                other.start();
                other.firstStage(0, 5);
                other.first(5, IOVA, 1, page(1, 0) | ScalableRig.USER);
                other.request(IOVA, RequestAccess.READ);
                other.memory.set64(ScalableRig.pasidAddress(0), 0);
                other.rig.command(GlobalCommandRegister.SRTP.mask());
                assertThat(other.unit.translate(ScalableRig.SID, Pasid.NONE, IOVA, RequestAccess.READ))
                        .isEqualTo(forgets ? -FaultReason.PASID_ENTRY_NOT_PRESENT.code() : page(1, 0));
            }
        }
    }

    @Test
    void lateFillsAreDropped() {
        var caches = TranslationCaches.create();
        long since = caches.epoch().current();
        var context = ScalableContext.of(1, 0);
        caches.configuration().invalidateEntries(9);
        caches.configuration().fill(0x28, context, since);
        assertThat(caches.configuration().context(0x28)).isNull();
        since = caches.epoch().current();
        caches.configuration().fill(0x28, context, since);
        assertThat(caches.configuration().context(0x28)).isSameAs(context);
        var entry = PasidContext.fault(FaultReason.PASID_ENTRY_NOT_PRESENT, false, 7);
        caches.iotlb().invalidateAll();
        caches.configuration().fill(0x28, entry, since);
        assertThat(caches.configuration().entry(0x28, 7)).isNull();
        caches.configuration().fill(0x28, entry, caches.epoch().current());
        assertThat(caches.configuration().entry(0x28, 7)).isSameAs(entry);
    }

    @Test
    void aSourceHasRoomForManyPasids() {
        var caches = TranslationCaches.create();
        caches.configuration().fill(0x28, ScalableContext.of(1 | ScalableContextEntry.PASIDE.mask(), 0), 0);
        for (int pasid = 1; pasid <= 1000; pasid++) {
            caches.configuration().fill(0x28, PasidContext.fault(FaultReason.PASID_ENTRY_NOT_PRESENT, false, pasid * 8), 0);
        }
        for (int pasid = 1; pasid <= 1000; pasid++) {
            assertThat(caches.configuration().find(0x28, pasid * 8).pasid).isEqualTo(pasid * 8);
        }
        assertThat(caches.configuration().find(0x28, 4)).isNull();
    }
}
