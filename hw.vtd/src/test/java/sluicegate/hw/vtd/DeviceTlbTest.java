package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.Rig.RW;
import static sluicegate.hw.vtd.ScalableAttachTest.assertFails;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.TranslationType;

/** ATS, PRI and PASIDs at the device: when they are switched, and who is told what. */
class DeviceTlbTest {
    private static final int GPU = 0x0118;

    private static TestDevice gpu(VtdUnit unit) {
        return Rig.probed(unit, new TestDevice("gpu", 0x030000).withTlb(16), GPU);
    }

    private static Rig full() {
        return Rig.scalable().ecap(ExtendedCapabilityRegister.PRS, 1).ecap(ExtendedCapabilityRegister.PDS, 1);
    }

    /** What the device's context entry lets it do. */
    private static String allowed(Rig rig, VtdUnit unit, TestDevice device) {
        long low = rig.memory().get64(unit.walk(device, Pasid.NONE, 0).get(2).address());
        return (ScalableContextEntry.PASIDE.isSet(low) ? "PASID " : "") + (ScalableContextEntry.DTE.isSet(low) ? "ATS " : "")
                + (ScalableContextEntry.PRE.isSet(low) ? "PRI" : "");
    }

    @Test
    void theUnitAllowsWhatTheDeviceAsksForBeforeAndAfterItAsksAndPasidsComeFirst() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var order = new ArrayList<String>();
            gpu.config().onWrite(offset -> order.add(switch (offset) {
                case TestDevice.ATS + 6 -> "ATS " + gpu.atsEnabled() + ", unit: " + allowed(rig, unit, gpu);
                case TestDevice.PASID + 6 -> "PASID " + gpu.pasidEnabled() + ", unit: " + allowed(rig, unit, gpu);
                case TestDevice.PRI + 4 -> "PRI " + gpu.config().read16(offset) + ", unit: " + allowed(rig, unit, gpu);
                default -> "allocation " + gpu.config().read32(TestDevice.PRI + 12);
            }));
            var served = unit.domainAllocPaging(gpu, Set.of(AllocFlag.FAULTS));
            served.attachDev(gpu, Optional.empty());
            assertThat(order).containsExactly("PASID true, unit: PASID ATS PRI", "ATS true, unit: PASID ATS PRI",
                    "PRI 2, unit: PASID ATS PRI", "allocation 32", "PRI 1, unit: PASID ATS PRI");
            order.clear();
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(order).as("nobody serves page requests any more").containsExactly("PRI 0, unit: PASID ATS PRI");
            assertThat(allowed(rig, unit, gpu)).isEqualTo("PASID ATS ");
            order.clear();
            unit.blockedDomain().attachDev(gpu, Optional.empty());
            assertThat(order).containsExactly("ATS false, unit: PASID ATS ", "PASID false, unit: PASID ATS ");
            assertThat(allowed(rig, unit, gpu)).isEmpty();
            assertThat(rig.told).contains("flush 0118 -1 0+0");
        }
    }

    @Test
    void whatAnEarlierDriverLeftOnIsOffUntilADomainIsAttached() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = new TestDevice("gpu", 0x030000).withTlb(16);
            gpu.config().write16(TestDevice.ATS + 6, 0x8000);
            gpu.config().write16(TestDevice.PRI + 4, 1);
            gpu.config().write16(TestDevice.PASID + 6, 1);
            Rig.probed(unit, gpu, GPU);
            assertThat(gpu.atsEnabled()).isFalse();
            assertThat(gpu.priEnabled()).isFalse();
            assertThat(gpu.pasidEnabled()).isFalse();
        }
    }

    @Test
    void aDeviceGetsTranslationsOfWhateverStageItsDomainHas() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            assertThat(unit.capable(gpu, Capability.PCI_ATS_SUPPORTED)).isTrue();
            for (var flags : Set.of(Set.<AllocFlag>of(), Set.of(AllocFlag.NEST_PARENT))) {
                var domain = unit.domainAllocPaging(gpu, flags);
                domain.attachDev(gpu, Optional.empty());
                assertThat(gpu.atsEnabled()).isTrue();
                Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
                var answer = rig.model().translationRequest(GPU, Pasid.NONE, 0x1000, false);
                assertThat(answer.status()).isEqualTo(DmaStatus.OK);
                assertThat(answer.address()).isEqualTo(0x20_0000);
            }
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled()).as("there is nothing to translate").isFalse();
        }
    }

    @Test
    void noDeviceMayAskWhereTheUnitOrItsPlaceDoesNotAllowIt() {
        try (var rig = full()) {
            var unit = rig.start();
            var plain = Rig.device(unit, "plain", GPU);
            Rig.domain(unit, plain).attachDev(plain, Optional.empty());
            assertThat(allowed(rig, unit, plain)).isEmpty();
        }
        try (var rig = full().ecap(ExtendedCapabilityRegister.DT, 0)) {
            var unit = rig.start();
            var gpu = gpu(unit);
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled()).isFalse();
            assertThat(allowed(rig, unit, gpu)).isEqualTo("PASID ");
        }
        try (var rig = full()) {
            var unit = rig.start();
            var first = Rig.device(unit, "first", GPU);
            var shares = gpu(unit);
            Rig.domain(unit, shares).attachDev(shares, Optional.empty());
            assertThat(first.atsEnabled() || shares.atsEnabled()).as("nobody could tell the two apart").isFalse();
            assertFails(Errno.EOPNOTSUPP, "no PASIDs", () -> Rig.domain(unit, shares).setDevPasid(shares, 1, Optional.empty()));
        }
    }

    @Test
    void devicesAreToldWhatWasUnmappedByPasid() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var requests = Rig.domain(unit, gpu);
            var process = Rig.domain(unit, gpu);
            requests.attachDev(gpu, Optional.empty());
            process.setDevPasid(gpu, 7, Optional.empty());
            Rig.map(requests, 0x1000, 0x20_0000, 1, RW);
            Rig.map(process, 0x1000, 0x20_0000, 4, RW);
            rig.told.clear();
            Rig.unmap(requests, 0x1000, 1);
            Rig.unmap(process, 0x1000, 4);
            assertThat(rig.told).as("ranges are powers of two").containsExactly("flush 0118 -1 1000+1000", "flush 0118 7 0+8000");
            rig.told.clear();
            unit.blockedDomain().setDevPasid(gpu, 7, Optional.of(process));
            assertThat(rig.told).containsExactly("flush 0118 7 0+0");
        }
    }

    @Test
    void aDeviceThatKeepsItsTlbForgetsItWhenTheDomainChanges() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            rig.told.clear();
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(rig.told).containsExactly("flush 0118 -1 0+0");
            assertThat(gpu.atsEnabled()).isTrue();
        }
    }

    /** In legacy mode hardware has such a device's TLB in use by itself (SATC, 8.8), and it is not software's to invalidate. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeviceThatNeedsItsTlbHasItByItselfInLegacyMode(boolean legacy) {
        var all = full().property("atc-required", "0x0010, 0x0118");
        try (var rig = legacy ? all.legacyOnly() : all) {
            var unit = rig.start();
            var gpu = gpu(unit);
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled()).isEqualTo(!legacy);
            assertThat(unit.capable(gpu, Capability.PCI_ATS_SUPPORTED)).isEqualTo(!legacy);
            var other = Rig.probed(unit, new TestDevice("other", 0x030000).withTlb(16), 0x0128);
            Rig.domain(unit, other).attachDev(other, Optional.empty());
            assertThat(other.atsEnabled()).isTrue();
        }
    }

    /** Legacy mode has translation requests too (context entry, TT 01b), but neither PASIDs nor page requests. */
    @Test
    void inLegacyModeADeviceMayAskForTranslationsAndForNothingElse() {
        try (var rig = full().legacyOnly()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var order = new ArrayList<String>();
            gpu.config().onWrite(offset -> order.add((gpu.atsEnabled() ? "ATS on, " : "ATS off, ") + type(rig, unit, gpu)));
            var domain = Rig.domain(unit, gpu);
            Rig.map(domain, 0x1000, 0x20_0000, 4, RW);
            domain.attachDev(gpu, Optional.empty());
            assertThat(order).containsExactly("ATS on, DEVICE_TLB");
            assertThat(gpu.pasidEnabled() || gpu.priEnabled()).isFalse();
            assertThat(rig.model().translationRequest(GPU, Pasid.NONE, 0x1000, false).address()).isEqualTo(0x20_0000);
            rig.told.clear();
            Rig.unmap(domain, 0x1000, 4);
            assertThat(rig.told).containsExactly("flush 0118 -1 0+8000");
            rig.told.clear();
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(rig.told).as("another domain").containsExactly("flush 0118 -1 0+0");
            order.clear();
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            assertThat(order).as("nothing is translated").containsExactly("ATS off, DEVICE_TLB");
            assertThat(type(rig, unit, gpu)).isEqualTo("PASS_THROUGH");
            var second = unit.domainAllocPaging(gpu, Set.of());
            second.attachDev(gpu, Optional.empty());
            order.clear();
            unit.blockedDomain().attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled()).isFalse();
            assertThat(rig.read(GPU, 0x1000)).isNegative();
        }
        try (var rig = new Rig().ecap(ExtendedCapabilityRegister.DT, 1).ecap(ExtendedCapabilityRegister.QI, 0)) {
            var unit = rig.start();
            var gpu = gpu(unit);
            Rig.domain(unit, gpu).attachDev(gpu, Optional.empty());
            assertThat(gpu.atsEnabled()).as("without a queue nobody could make it forget").isFalse();
            assertThat(type(rig, unit, gpu)).isEqualTo("UNTRANSLATED");
        }
    }

    private static String type(Rig rig, VtdUnit unit, TestDevice device) {
        long low = rig.memory().get64(unit.walk(device, Pasid.NONE, 0).get(2).address());
        return TranslationType.of(ContextEntry.TT.get(low)).orElseThrow().name();
    }

    @Test
    void aChangeOfTheParentEmptiesTheTlbsOfAGuestsDevices() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var parent = Rig.parent(unit, gpu);
            parent.mapPages(0, 0, 2 << 20, 32, RW);
            Rig.map(parent, 0x4000_0000, 0x30_0000, 1, RW);
            rig.nested(unit, gpu, parent, rig.guestTable().top()).attachDev(gpu, Optional.empty());
            rig.told.clear();
            Rig.unmap(parent, 0x4000_0000, 1);
            assertThat(rig.told).containsExactly("flush 0118 -1 0+0");
        }
    }

    @Test
    void devicesAreToldWhatAGuestHasChanged() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var nested = rig.nested(unit, gpu, Rig.parent(unit, gpu), rig.guestTable().top());
            nested.attachDev(gpu, Optional.empty());
            rig.told.clear();
            var changes = List.of(0x5000L, 1L, GuestInvalidations.LEAF, 0L, GuestInvalidations.ALL_PAGES, 0L);
            assertThat(nested.invalidateGuest(changes, Map.of()).done()).isEqualTo(2);
            assertThat(rig.told).containsExactly("flush 0118 -1 5000+1000", "flush 0118 -1 0+0");
        }
    }

    @Test
    void aDeviceThatDoesNotAnswerIsAnErrorOfTheUnmapAndNothingIsReused() {
        try (var rig = full()) {
            var unit = rig.start();
            var gpu = gpu(unit);
            var domain = Rig.domain(unit, gpu);
            domain.attachDev(gpu, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            rig.model().invalidationQueue().silence(GPU, true);
            assertFails(Errno.ETIMEDOUT, "does not answer", () -> Rig.unmap(domain, 0x1000, 1));
            rig.model().invalidationQueue().silence(GPU, false);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            Rig.unmap(domain, 0x1000, 1);
        }
    }
}
