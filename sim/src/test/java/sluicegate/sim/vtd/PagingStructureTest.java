package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Translation;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.PasidIotlbInvalidateDescriptor;

/**
 * The paging-structure cache (VT-d 6.2.5): the unit knows where tables of small pages are until software says that it has
 * changed more than leaves.
 */
class PagingStructureTest {
    private static final long IOVA = 0x12_3456_7000L;
    /** Served by the same table of small pages, and another one. */
    private static final long NEXT = IOVA + 0x1000;
    private static final long FAR = IOVA + 0x40_0000;
    private static final long OLD = 0x9_0000;
    private static final long NEW = 0xa_0000;
    /** A table of small pages that takes the place of those that there were. */
    private static final long OTHER_TABLE = 0x1f_0000;
    private static final int PASID = 3;
    private static final int DID = 7;

    private final ScalableRig rig = new ScalableRig();

    @BeforeEach
    void start() {
        rig.start();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** Maps three pages, and uses one of each table. */
    private void map(int kind) {
        if (kind == PasidContext.SECOND_STAGE) {
            rig.secondStage(PASID, DID, 0);
        } else if (kind == PasidContext.FIRST_STAGE) {
            rig.firstStage(PASID, DID);
        } else {
            rig.nested(PASID, DID, 0);
            rig.guestTables(DID, Rig.RW);
            for (int page = 0; page < 3; page++) {
                rig.rig.entry(DID, OLD + 0x1000 * page, 1, OLD + 0x1000 * page | Rig.RW);
                rig.rig.entry(DID, NEW + 0x1000 * page, 1, NEW + 0x1000 * page | Rig.RW);
            }
        }
        set(kind, IOVA, 1, OLD);
        set(kind, NEXT, 1, OLD + 0x1000);
        set(kind, FAR, 1, OLD + 0x2000);
        assertThat(request(IOVA)).isEqualTo(OLD);
        assertThat(request(FAR)).isEqualTo(OLD + 0x2000);
    }

    private void set(int kind, long iova, int level, long address) {
        switch (kind) {
            case 1 -> rig.first(DID, iova, level, address == 0 ? 0 : address | ScalableRig.USER);
            case 2 -> rig.rig.entry(DID, iova, level, address == 0 ? 0 : address | Rig.RW);
            // To mark a guest's entry takes a walk from the top.
            default -> rig.guest(DID, iova, level, address == 0 ? 0 : address | ScalableRig.USER | ScalableRig.A);
        }
    }

    /** Another table serves the first two pages. */
    private void replaceTable(int kind) {
        long flags = kind == PasidContext.SECOND_STAGE ? Rig.RW : ScalableRig.USER;
        rig.memory.set64(OTHER_TABLE + (IOVA >>> 12 & 511) * 8, NEW | flags);
        rig.memory.set64(OTHER_TABLE + (NEXT >>> 12 & 511) * 8, NEW + 0x1000 | flags);
        set(kind, IOVA, 2, OTHER_TABLE);
    }

    private long request(long iova) {
        return rig.request(PASID, iova, RequestAccess.READ);
    }

    private void invalidatePage(int kind, long iova, boolean leavesOnly) {
        if (kind == PasidContext.SECOND_STAGE) {
            rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, DID),
                    IotlbInvalidateDescriptor.IH.set(iova, leavesOnly ? 1 : 0));
        } else {
            rig.submit(ScalableRig.pasidIotlb(PasidIotlbInvalidateDescriptor.PAGE, DID, PASID),
                    PasidIotlbInvalidateDescriptor.IH.set(iova, leavesOnly ? 1 : 0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aTableCountsUntilAnInvalidationThatIsNotOfLeavesAlone(int kind) {
        map(kind);
        replaceTable(kind);
        assertThat(request(NEXT)).as("no page of it is in the IOTLB, but its table is known").isEqualTo(OLD + 0x1000);
        invalidatePage(kind, IOVA, true);
        assertThat(request(IOVA)).as("leaves alone have changed, says software").isEqualTo(OLD);
        invalidatePage(kind, NEXT, true);
        invalidatePage(kind, FAR, false);
        assertThat(request(NEXT)).as("another table").isEqualTo(OLD + 0x1000);
        invalidatePage(kind, IOVA, false);
        assertThat(request(IOVA)).isEqualTo(NEW);
        assertThat(request(NEXT)).as("a page that was not named").isEqualTo(OLD + 0x1000);
        invalidatePage(kind, NEXT, true);
        assertThat(request(NEXT)).isEqualTo(NEW + 0x1000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aTableThatIsTakenOutIsStillUsed(int kind) {
        map(kind);
        set(kind, IOVA, 2, 0);
        assertThat(request(NEXT)).isEqualTo(OLD + 0x1000);
        var page = rig.unit.probe(ScalableRig.SID, PASID, NEXT + 0x123, Access.READ);
        assertThat(((Translation.Mapped) page).address()).isEqualTo(OLD + 0x1123);
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.DOMAIN, DID), 0);
        assertThat(request(NEXT)).isNegative();
    }

    @ParameterizedTest
    @CsvSource({"1, iotlb", "1, domain", "1, pasid", "2, iotlb", "2, domain", "3, iotlb", "3, domain", "3, pasid", "1, page",
        "3, page"})
    void widerInvalidationsTakeTables(int kind, String what) {
        map(kind);
        set(kind, IOVA, 2, 0);
        switch (what) {
            case "iotlb" -> rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0), 0);
            case "domain" -> rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.DOMAIN, DID), 0);
            case "pasid" -> rig.submit(ScalableRig.pasidIotlb(PasidIotlbInvalidateDescriptor.PASID_SELECTIVE, DID, PASID), 0);
            // A page of the second stage may be one of the first stage's tables, whatever the hint says.
            default -> rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, DID),
                    IotlbInvalidateDescriptor.IH.set(0x5000, 1));
        }
        assertThat(request(NEXT)).isNegative();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void otherDomainsAndPasidsAreNoneOfIt(int kind) {
        map(kind);
        set(kind, IOVA, 2, 0);
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.DOMAIN, DID + 1), 0);
        rig.submit(ScalableRig.pasidIotlb(PasidIotlbInvalidateDescriptor.PASID_SELECTIVE, DID, PASID + 1), 0);
        rig.submit(ScalableRig.pasidCache(3, 0, 0), 0);
        assertThat(request(NEXT)).isEqualTo(OLD + 0x1000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void permissionsMayBeAddedWithoutAnInvalidation(int kind) {
        map(kind);
        set(kind, NEXT, 1, 0);
        assertThat(request(NEXT)).isNegative();
        set(kind, NEXT, 1, NEW);
        assertThat(request(NEXT)).as("not present is never cached").isEqualTo(NEW);
    }

    @Test
    void aTableThatForbidsWritingDoesSoFromTheCache() {
        rig.firstStage(PASID, DID);
        set(1, IOVA, 1, OLD);
        long upper = ScalableRig.top(DID);
        rig.memory.set64(upper, rig.memory.get64(upper) & ~ScalableRig.RW);
        assertThat(request(IOVA)).isEqualTo(OLD);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE)).isNegative();
        rig.memory.set64(upper, rig.memory.get64(upper) | ScalableRig.RW);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE)).as("as a processor does").isEqualTo(OLD);
    }

    @Test
    void flagsAreSetInLeavesThatAreFoundThisWay() {
        map(PasidContext.FIRST_STAGE);
        long leaf = rig.first(DID, NEXT, 1, OLD + 0x1000 | ScalableRig.USER);
        assertThat(rig.request(PASID, NEXT, RequestAccess.WRITE)).isEqualTo(OLD + 0x1000);
        assertThat(rig.memory.get64(leaf) & (ScalableRig.A | ScalableRig.D)).isEqualTo(ScalableRig.A | ScalableRig.D);
    }

    @Test
    void legacyModeHasThemToo() {
        try (var legacy = new Rig()) {
            legacy.start();
            legacy.entry(Rig.DID, IOVA, 1, OLD | Rig.RW);
            legacy.entry(Rig.DID, NEXT, 1, OLD + 0x1000 | Rig.RW);
            assertThat(legacy.request(IOVA, RequestAccess.READ)).isEqualTo(OLD);
            legacy.entry(Rig.DID, IOVA, 2, 0);
            assertThat(legacy.request(NEXT, RequestAccess.READ)).isEqualTo(OLD + 0x1000);
            legacy.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), IotlbInvalidateDescriptor.IH.set(NEXT, 1));
            assertThat(legacy.request(NEXT, RequestAccess.READ)).isEqualTo(OLD + 0x1000);
            legacy.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), NEXT);
            assertThat(legacy.request(NEXT, RequestAccess.READ)).isNegative();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theHintOfRegistersCounts(boolean leavesOnly) {
        var features = new Rig.Features();
        features.queue = false;
        try (var legacy = new Rig(features.build())) {
            legacy.start();
            legacy.entry(Rig.DID, IOVA, 1, OLD | Rig.RW);
            assertThat(legacy.request(IOVA, RequestAccess.READ)).isEqualTo(OLD);
            legacy.entry(Rig.DID, IOVA, 2, 0);
            int at = ExtendedCapabilityRegister.invalidateAddressOffset(legacy.read64(ExtendedCapabilityRegister.OFFSET));
            legacy.write64(at, IOVA | (leavesOnly ? 1 << 6 : 0));
            legacy.write64(at + 8, IotlbInvalidateRegister.DID.set(IotlbInvalidateRegister.IVT.mask()
                    | IotlbInvalidateRegister.IIRG.set(0, IotlbInvalidateRegister.PAGE), Rig.DID));
            assertThat(legacy.request(IOVA, RequestAccess.READ) == OLD).isEqualTo(leavesOnly);
        }
    }

    /** A walk finds a table in one cache and keeps a page in another: neither may come back once software has had both forgotten. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aDeviceThatDoesNotStopBringsNoReplacedTableBack(int kind) throws Exception {
        map(kind);
        long flags = kind == PasidContext.SECOND_STAGE ? Rig.RW : ScalableRig.USER;
        rig.memory.set64(OTHER_TABLE + 0x1000 + (IOVA >>> 12 & 511) * 8, OLD | flags);
        replaceTable(kind);
        var stop = new AtomicBoolean();
        var device = new Thread(() -> {
            while (!stop.get()) {
                request(IOVA);
            }
        });
        device.start();
        try {
            for (int round = 0; round < 5_000; round++) {
                boolean old = (round & 1) == 0;
                set(kind, IOVA, 2, old ? OTHER_TABLE + 0x1000 : OTHER_TABLE);
                rig.submit(kind == PasidContext.SECOND_STAGE ? Rig.iotlbInvalidate(IotlbInvalidateDescriptor.DOMAIN, DID)
                        : ScalableRig.pasidIotlb(PasidIotlbInvalidateDescriptor.PASID_SELECTIVE, DID, PASID), 0);
                assertThat(request(IOVA)).as("round %d", round).isEqualTo(old ? OLD : NEW);
            }
        } finally {
            stop.set(true);
            device.join(10_000);
        }
    }
}
