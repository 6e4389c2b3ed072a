package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.unit.UnitModel.Refusal;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.ProtectedHighMemoryBaseRegister;
import sluicegate.spec.vtd.ProtectedHighMemoryLimitRegister;
import sluicegate.spec.vtd.ProtectedLowMemoryBaseRegister;
import sluicegate.spec.vtd.ProtectedLowMemoryLimitRegister;
import sluicegate.spec.vtd.ProtectedMemoryEnableRegister;
import sluicegate.spec.vtd.TranslationType;

/** Memory that is kept from DMA by the protected memory registers, with translation and without. */
class ProtectedMemoryTest {
    private static final long MESSAGE = 0xfee0_0000L;
    private static final int FIRST = 1;

    private Rig rig = rig(true, true);

    private static Rig rig(boolean low, boolean high) {
        var features = new Rig.Features();
        features.deviceTlb = true;
        features.protectedLow = low;
        features.protectedHigh = high;
        return new Rig(VtdCapabilities.of(features.build(), 39));
    }

    @AfterEach
    void powerOff() {
        rig.close();
    }

    private void low(long base, long limit) {
        rig.write32(ProtectedLowMemoryBaseRegister.OFFSET, base);
        rig.write32(ProtectedLowMemoryLimitRegister.OFFSET, limit);
    }

    private void high(long base, long limit) {
        rig.write64(ProtectedHighMemoryBaseRegister.OFFSET, base);
        rig.write64(ProtectedHighMemoryLimitRegister.OFFSET, limit);
    }

    /** Sets EPM; PRS is there at once. */
    private void protect(boolean on) {
        rig.write32(ProtectedMemoryEnableRegister.OFFSET, on ? ProtectedMemoryEnableRegister.EPM.mask() : 0);
        assertThat(ProtectedMemoryEnableRegister.PRS.isSet(rig.read32(ProtectedMemoryEnableRegister.OFFSET))).isEqualTo(on);
    }

    private long read(long address) {
        return rig.request(address, RequestAccess.READ);
    }

    /** Software writes all ones to find out. */
    @Test
    void registersShowHowFineRegionsAre() {
        low(-1, -1);
        high(-1, -1);
        assertThat(rig.read32(ProtectedLowMemoryBaseRegister.OFFSET)).isEqualTo(0xffe0_0000);
        assertThat(rig.read32(ProtectedLowMemoryLimitRegister.OFFSET)).isEqualTo(0xffe0_0000);
        assertThat(rig.read64(ProtectedHighMemoryBaseRegister.OFFSET)).as("39 bits of physical addresses").isEqualTo(0x7f_ffe0_0000L);
        assertThat(rig.read64(ProtectedHighMemoryLimitRegister.OFFSET)).isEqualTo(0x7f_ffe0_0000L);
        rig.write32(ProtectedHighMemoryBaseRegister.OFFSET + 4, 0x12);
        assertThat(rig.read64(ProtectedHighMemoryBaseRegister.OFFSET)).isEqualTo(0x12_ffe0_0000L);
    }

    @Test
    void aRegionThatTheUnitLacksCannotBeSet() {
        rig.close();
        rig = rig(true, false);
        high(0, -1);
        assertThat(rig.read64(ProtectedHighMemoryLimitRegister.OFFSET)).isZero();
        low(0x20_0000, 0x20_0000);
        protect(true);
        assertThat(read(0)).as("there is no high region").isZero();
        assertThat(read(0x20_0000)).isEqualTo(TranslationEngine.PROTECTED);
    }

    @Test
    void withoutTranslationNothingReachesTheRegions() {
        low(0x40_0000, 0x60_0000);
        high(0x1_0000_0000L, 0x1_0020_0000L);
        assertThat(read(0x40_0000)).as("not enabled").isEqualTo(0x40_0000);
        protect(true);
        assertThat(read(0x3f_ffff)).isEqualTo(0x3f_ffff);
        assertThat(read(0x40_0000)).isEqualTo(TranslationEngine.PROTECTED);
        assertThat(read(0x7f_ffff)).as("the limit's missing bits are ones").isEqualTo(TranslationEngine.PROTECTED);
        assertThat(read(0x80_0000)).isEqualTo(0x80_0000);
        assertThat(read(0x1_003f_ffffL)).isEqualTo(TranslationEngine.PROTECTED);
        assertThat(read(0x1_0040_0000L)).isEqualTo(0x1_0040_0000L);
        assertThat(rig.hasRecord(0)).as("no fault is recorded").isFalse();
        assertThat(rig.unit.settle(TranslationEngine.PROTECTED)).isEqualTo(Refusal.FAULT);
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x40_0000, Access.READ))
                .isInstanceOfSatisfying(Translation.Fault.class, fault -> assertThat(fault.name()).isEqualTo("PROTECTED_MEMORY"));
        protect(false);
        assertThat(read(0x40_0000)).isEqualTo(0x40_0000);
    }

    @Test
    void aLimitBelowItsBaseLeavesNoRegion() {
        low(0x60_0000, 0x40_0000);
        high(0x60_0000, 0);
        protect(true);
        assertThat(read(0x60_0000)).isEqualTo(0x60_0000);
    }

    @Test
    void messagesAreNoDma() {
        low(0, -1);
        protect(true);
        assertThat(rig.request(MESSAGE, RequestAccess.WRITE)).isEqualTo(MESSAGE);
    }

    @Test
    void basesAndLimitsStayWhileTheyAreInForce() {
        low(0x40_0000, 0x40_0000);
        protect(true);
        low(0x80_0000, 0x80_0000);
        assertThat(rig.read32(ProtectedLowMemoryBaseRegister.OFFSET)).isEqualTo(0x40_0000);
        assertThat(read(0x80_0000)).isEqualTo(0x80_0000);
    }

    /** Tables, queue and status word are all in the region. */
    @Test
    void theUnitItselfReachesItsTablesAndItsQueue() {
        rig.start();
        rig.entry(Rig.DID, 0x1000, FIRST, 0x2_0000_0000L | Rig.RW);
        low(0, -1);
        protect(true);
        assertThat(read(0x1000)).isEqualTo(0x2_0000_0000L);
        rig.submitWait(7);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(7);
    }

    @Test
    void withTranslationWhatPassesThroughAndWhatTheDeviceTranslatedIsBlocked() {
        rig.start();
        low(0x40_0000, 0x40_0000);
        protect(true);
        rig.context(Rig.SID, Rig.DID, TranslationType.PASS_THROUGH.code(), 0);
        assertThat(read(0x40_0000)).isEqualTo(TranslationEngine.PROTECTED);
        assertThat(read(0x80_0000)).isEqualTo(0x80_0000);
        int other = Rig.SID + 8;
        rig.context(other, Rig.DID, TranslationType.DEVICE_TLB.code(), 0);
        assertThat(rig.unit.translated(other, Pasid.NONE, 0x40_0000, RequestAccess.READ)).isEqualTo(TranslationEngine.PROTECTED);
        assertThat(rig.unit.translated(other, Pasid.NONE, 0x80_0000, RequestAccess.READ)).isEqualTo(0x80_0000);
        rig.commandOff(GlobalCommandRegister.TE.mask());
        assertThat(read(0x40_0000)).isEqualTo(TranslationEngine.PROTECTED);
    }
}
