package sluicegate.hw.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import sluicegate.hw.common.rig.TestDevice;

/** What a device is told, and in which order: PASIDs before ATS before page requests, and back. */
class PciFeaturesTest {
    private static final PciCapabilities.Offer OFFER = new PciCapabilities.Offer(true, true, 32, false, false);
    private static final PciFeatures.Use ALL = new PciFeatures.Use(true, true, true);

    private final TestDevice nic = TestDevice.rich("nic", 16);

    @Test
    void whatIsWantedIsSwitchedOnInOrderAndOffInTheOther() {
        var features = PciFeatures.of(nic, OFFER);
        features.switchOn(new PciFeatures.Use(true, false, false));
        features.switchOn(ALL);
        assertThat(nic.config().switched).containsExactly("PASID on", "ATS on", "PRI reset", "PRI allocation 32", "PRI on");
        nic.config().switched.clear();
        features.stopAsking();
        features.stopPasids();
        assertThat(nic.config().switched).containsExactly("PRI off", "ATS off", "PASID off");
        assertThat(features.use()).isEqualTo(PciFeatures.Use.NOTHING);
    }

    @Test
    void whatAnEarlierDriverLeftOnIsGoneOnWithOrSwitchedOff() {
        PciFeatures.of(nic, OFFER).switchOn(new PciFeatures.Use(true, true, false));
        nic.config().switched.clear();
        var next = PciFeatures.of(nic, OFFER);
        next.adopt();
        assertThat(next.use()).isEqualTo(new PciFeatures.Use(true, true, false));
        assertThat(nic.config().switched).isEmpty();
        next.reset();
        assertThat(nic.config().switched).as("nothing that is off is touched").containsExactly("ATS off", "PASID off");
    }

    @Test
    void aDeviceAsksForNoMoreThanItIsOffered() {
        assertThat(PciCapabilities.of(nic, OFFER).pageRequestLimit()).as("of 64").isEqualTo(32);
        assertThat(PciCapabilities.of(nic, new PciCapabilities.Offer(true, true, 100, false, false)).pageRequestLimit()).isEqualTo(64);
        var without = PciCapabilities.of(nic, new PciCapabilities.Offer(false, true, 32, false, false));
        assertThat(without.hasAts()).isFalse();
        assertThat(without.hasPri()).as("no page requests without translations").isFalse();
        assertThat(without.pageRequestLimit()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void aDeviceThatIsNoPciFunctionHasNoneOfThem() {
        var features = PciFeatures.of(TestDevice.platform("ethernet", Map.of()), OFFER);
        features.reset();
        assertThat(features.hasAts() || features.hasPasid() || features.hasPri()).isFalse();
    }

    /** What a device may ask for with a PASID it is told with the PASIDs. */
    @Test
    void executePermissionIsForThoseWhoAreOfferedIt() {
        PciCapabilities.of(nic, new PciCapabilities.Offer(true, true, 32, true, false)).enablePasid();
        assertThat(nic.config().read16(TestDevice.PASID + 6)).isEqualTo(0b011);
        PciCapabilities.of(nic, OFFER).enablePasid();
        assertThat(nic.config().read16(TestDevice.PASID + 6)).isEqualTo(0b001);
    }
}
