package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.SecondStageEntry;

/** Accessed and dirty bits in both stages: which requests set them, and in which entries. */
class AccessedDirtyTest {
    private static final long IOVA = 0x12_3456_7000L;
    private static final int PASID = 0x77;
    private static final int DID = ScalableRig.DID;
    private static final long A = ScalableRig.A;
    private static final long D = ScalableRig.D;
    private static final long EA = FirstStageEntry.EA.mask();
    private static final long SA = SecondStageEntry.A.mask();
    private static final long SD = SecondStageEntry.D.mask();
    private ScalableRig rig = new ScalableRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private long flags(long entry) {
        return rig.memory.get64(entry) & (A | D | EA);
    }

    private long secondFlags(long entry) {
        return rig.memory.get64(entry) & (SA | SD);
    }

    @Test
    void aFirstStageReadMarksEveryEntryOnItsWay() {
        rig.start();
        rig.firstStage(PASID, DID);
        long leaf = rig.first(DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        long top = ScalableRig.top(DID) + (IOVA >>> 39) * 8;
        assertThat(rig.request(PASID, IOVA, RequestAccess.READ)).isEqualTo(0x7_1000);
        assertThat(flags(top)).isEqualTo(A);
        assertThat(flags(leaf)).isEqualTo(A);
    }

    @Test
    void aWriteMarksTheLeafDirtyEvenWhereAReadHasCachedIt() {
        rig.start();
        rig.firstStage(PASID, DID);
        long leaf = rig.first(DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        rig.request(PASID, IOVA, RequestAccess.READ);
        assertThat(flags(leaf)).isEqualTo(A);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE)).isEqualTo(0x7_1000);
        assertThat(flags(leaf)).isEqualTo(A | D);
        assertThat(flags(ScalableRig.top(DID) + (IOVA >>> 39) * 8)).as("dirty is for leaves").isEqualTo(A);
        rig.memory.set64(leaf, 0x7_1000 | ScalableRig.USER);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE)).isEqualTo(0x7_1000);
        assertThat(flags(leaf)).as("cached, until software invalidates it").isZero();
    }

    @Test
    void aRefusedWriteMarksNothingDirty() {
        rig.start();
        rig.firstStage(PASID, DID);
        long leaf = rig.first(DID, IOVA, 1, 0x7_1000 | ScalableRig.P | ScalableRig.US);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE)).isNegative();
        assertThat(flags(leaf)).isZero();
    }

    @Test
    void theExtendedAccessedFlagIsKeptWhereItIsAskedFor() {
        rig.start();
        rig.firstStage(PASID, DID, PasidEntry.EAFE.mask());
        long leaf = rig.first(DID, IOVA, 1, 0x7_1000 | ScalableRig.USER | A);
        rig.request(PASID, IOVA, RequestAccess.READ);
        assertThat(flags(leaf)).isEqualTo(A | EA);
    }

    @Test
    void secondStageFlagsAreKeptWhereTheyAreAskedFor() {
        rig.start();
        rig.secondStage(0, DID, PasidEntry.SSADE.mask());
        rig.secondStage(1, 6, 0);
        long kept = rig.rig.entry(DID, IOVA, 1, 0x7_1000 | Rig.RW);
        long ignored = rig.rig.entry(6, IOVA, 1, 0x7_2000 | Rig.RW);
        long top = Rig.top(DID) + (IOVA >>> 39) * 8;
        rig.request(IOVA, RequestAccess.READ);
        assertThat(secondFlags(kept)).isEqualTo(SA);
        assertThat(secondFlags(top)).isEqualTo(SA);
        assertThat(rig.request(IOVA, RequestAccess.WRITE)).isEqualTo(0x7_1000);
        assertThat(secondFlags(kept)).isEqualTo(SA | SD);
        assertThat(secondFlags(top)).isEqualTo(SA);
        assertThat(rig.request(1, IOVA, RequestAccess.WRITE)).isEqualTo(0x7_2000);
        assertThat(secondFlags(ignored)).isZero();
    }

    @Test
    void nestedRequestsMarkBothStages() {
        rig.start();
        rig.nested(PASID, DID, PasidEntry.SSADE.mask());
        long guestLeaf = rig.guest(DID, IOVA, 1, 0x66_6000 | ScalableRig.USER);
        long tablePage = rig.guestTables(DID, Rig.RW);
        long page = rig.rig.entry(DID, 0x66_6000, 1, 0x9_9000 | Rig.RW);
        assertThat(rig.request(PASID, IOVA, RequestAccess.READ)).isEqualTo(0x9_9000);
        assertThat(flags(guestLeaf)).isEqualTo(A);
        assertThat(secondFlags(tablePage)).as("the guest's table was written to mark it").isEqualTo(SA | SD);
        assertThat(secondFlags(page)).isEqualTo(SA);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE)).isEqualTo(0x9_9000);
        assertThat(flags(guestLeaf)).isEqualTo(A | D);
        assertThat(secondFlags(page)).isEqualTo(SA | SD);
    }

    @Test
    void aGuestsMarkedTablesNeedNotBeWritable() {
        rig.start();
        rig.nested(PASID, DID, 0);
        rig.guest(DID, IOVA, 1, 0x66_6000 | ScalableRig.USER | A);
        for (int page = 0; page < 3; page++) {
            long entry = ScalableRig.top(DID) + page * 0x1000L + (IOVA >>> 39 - 9 * page & 511) * 8;
            rig.memory.set64(entry, rig.memory.get64(entry) | A);
        }
        rig.guestTables(DID, Rig.R);
        rig.rig.entry(DID, 0x66_6000, 1, 0x9_9000 | Rig.RW);
        assertThat(rig.request(PASID, IOVA, RequestAccess.READ)).isEqualTo(0x9_9000);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE))
                .isEqualTo(-FaultReason.NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED.code());
    }

    @Test
    void aWalkThatDoesNotSnoopCannotMark() {
        rig.start();
        rig.firstStage(PASID, DID);
        rig.memory.set64(ScalableRig.pasidAddress(PASID) + 8, PasidEntry.DID.set(0, DID));
        long leaf = rig.first(DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        assertThat(rig.request(PASID, IOVA, RequestAccess.READ)).isEqualTo(-FaultReason.FIRST_STAGE_AD_NOT_SNOOPED.code());
        for (long table = ScalableRig.top(DID), shift = 39; shift >= 12; shift -= 9) {
            long entry = table + (IOVA >>> shift & 511) * 8;
            rig.memory.set64(entry, rig.memory.get64(entry) | A);
            table = FirstStageEntry.ADDR.inPlace(rig.memory.get64(entry));
        }
        assertThat(rig.request(PASID, IOVA, RequestAccess.READ)).as("nothing to mark").isEqualTo(0x7_1000);
        assertThat(flags(leaf)).isEqualTo(A);
        rig.secondStage(1, 6, PasidEntry.SSADE.mask());
        rig.memory.set64(ScalableRig.pasidAddress(1) + 8, PasidEntry.DID.set(0, 6));
        rig.rig.entry(6, IOVA, 1, 0x7_2000 | Rig.RW);
        assertThat(rig.request(1, IOVA, RequestAccess.READ)).isEqualTo(-FaultReason.SM_SECOND_STAGE_AD_NOT_SNOOPED.code());
    }

    @Test
    void unitsThatDoNotSaySnoop() {
        rig.close();
        rig = new ScalableRig(ScalableRig.without(ExtendedCapabilityRegister.SMPWCS));
        rig.start();
        rig.firstStage(PASID, DID);
        rig.memory.set64(ScalableRig.pasidAddress(PASID) + 8, PasidEntry.DID.set(0, DID));
        long leaf = rig.first(DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE)).isEqualTo(0x7_1000);
        assertThat(flags(leaf)).isEqualTo(A | D);
    }

    @Test
    void aDeviceTlbThatMayWriteMarksThePageDirtyAtOnce() {
        rig.start();
        rig.firstStage(PASID, DID);
        long leaf = rig.first(DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        rig.unit.engine().translationRequest(ScalableRig.SID, PASID, IOVA, true);
        assertThat(flags(leaf)).isEqualTo(A);
        rig.unit.engine().translationRequest(ScalableRig.SID, PASID, IOVA, false);
        assertThat(flags(leaf)).isEqualTo(A | D);
    }

    @Test
    void anEntryThatSoftwareChangesMeanwhileIsReadAgain() {
        rig.start();
        rig.firstStage(PASID, DID);
        rig.secondStage(1, 6, PasidEntry.SSADE.mask());
        long first = rig.first(DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        long second = rig.rig.entry(6, IOVA, 1, 0x7_2000 | Rig.RW);
        var all = VtdCapabilities.of(ScalableRig.features().build(), 39);
        for (boolean remapped : new boolean[] {false, true}) {
            rig.memory.set64(first, 0x7_1000 | ScalableRig.USER);
            rig.memory.set64(second, 0x7_2000 | Rig.RW);
            var memory = racing(Map.of(first, remapped ? 0x8_1000 | ScalableRig.USER : 0,
                    second, remapped ? 0x8_2000 | Rig.RW : 0));
            var unit = new ScalableTranslation(memory, all, TranslationCaches.create(), new FaultReporting(1, rig.rig.interrupts));
            unit.setRootTable(ScalableRig.ROOT);
            assertThat(unit.translate(ScalableRig.SID, PASID, IOVA, RequestAccess.WRITE))
                    .isEqualTo(remapped ? 0x8_1000 : -FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT.code());
            assertThat(unit.translate(ScalableRig.SID, 1, IOVA, RequestAccess.WRITE))
                    .isEqualTo(remapped ? 0x8_2000 : -FaultReason.SM_SECOND_STAGE_NOT_PERMITTED.code());
            assertThat(flags(first)).isEqualTo(remapped ? A | D : 0);
            assertThat(secondFlags(second)).isEqualTo(remapped ? SA | SD : 0);
        }
    }

    /** The rig's memory, in which software writes values to some places just before the unit marks them. */
    private PhysicalMemory racing(Map<Long, Long> writes) {
        var pending = new HashMap<>(writes);
        return (PhysicalMemory) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {PhysicalMemory.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("compareAndSet64") && pending.containsKey(arguments[0])) {
                        rig.memory.set64((long) arguments[0], pending.remove(arguments[0]));
                    }
                    return method.invoke(rig.memory, arguments);
                });
    }
}
