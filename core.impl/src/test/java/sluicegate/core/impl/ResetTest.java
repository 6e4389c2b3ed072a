package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;

/** A device is blocked while it is reset ({@code pci_dev_reset_iommu_prepare} and {@code _done}, B.3 and B.7). */
class ResetTest extends CoreFixture {

    private void bootPair() {
        driver.maxPasids = 256;
        machine.bus.put(machine.bus.pci("00:06.0").multi().pasids(8), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi().pasids(8), dmar0);
        boot();
    }

    private boolean pasid(String device) {
        return driver.bound.get("dmar0").pasid("0000:" + device, 5).isPresent();
    }

    @Test
    void pci_dev_reset_iommu_prepare_blocksOneMemberAndItsPasidsAndRecordsNothing() {
        bootPair();
        var domain = domainFor("00:06.0");
        core.group(0).attach(domain);
        var tables = hardware("00:06.0");
        var shared = domainFor("00:06.0");
        shared.attach(device("00:06.0"), 5);

        device("00:06.0").prepareReset();
        assertThat(device("00:06.0").inReset()).isTrue();
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        assertThat(pasid("00:06.0")).isFalse();
        assertThat(hardware("00:06.1")).as("the other member goes on").isSameAs(tables);
        assertThat(pasid("00:06.1")).isTrue();
        assertThat(core.group(0).domain()).isSameAs(domain);
        assertThat(device("00:06.0").translate(-1, 0x1000, false).toString()).contains("reset");
        failing(domain::close, Errno.EBUSY);

        device("00:06.0").resetDone();
        assertThat(device("00:06.0").inReset()).isFalse();
        assertThat(hardware("00:06.0")).isSameAs(tables);
        assertThat(pasid("00:06.0")).isTrue();
        shared.detach(device("00:06.0"), 5);
    }

    @Test
    void theDomainSwitchComesBeforeThatOfPasids() {
        bootPair();
        domainFor("00:06.0").attach(device("00:06.0"), 5);
        var order = new ArrayList<String>();
        driver.onAttach = (device, part) -> order.add(part.type() + " " + device("00:06.0").inReset());
        device("00:06.0").prepareReset();
        assertThat(order).containsExactly("BLOCKED false", "BLOCKED true");
        device("00:06.0").resetDone();
        driver.onAttach = (device, part) -> { };
    }

    @Test
    void iommu_attach_device_isRefusedMeanwhile() {
        bootPair();
        var domain = domainFor("00:06.0");
        device("00:06.1").prepareReset();
        assertThat(failing(() -> core.group(0).attach(domain), Errno.EBUSY)).hasMessageContaining("0000:00:06.1");
        failing(() -> domain.attach(device("00:06.0"), 5), Errno.EBUSY);
        failing(() -> core.group(0).claim("vmm"), Errno.EBUSY);
        failing(() -> core.group(0).setDefaultType(Optional.of(DomainType.IDENTITY)), Errno.EBUSY);
        assertThat(core.group(0).owner()).isEmpty();
        device("00:06.1").resetDone();
        core.group(0).attach(domain);
    }

    @Test
    void resetsNestAndThoseOfSeveralMembersOverlap() {
        bootPair();
        device("00:06.0").prepareReset();
        device("00:06.1").prepareReset();
        device("00:06.0").prepareReset();
        device("00:06.0").resetDone();
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        device("00:06.1").resetDone();
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.UNMANAGED);
        failing(() -> core.group(0).attach(domainFor("00:06.0")), Errno.EBUSY);
        device("00:06.0").resetDone();
        assertThat(hardware("00:06.0")).isSameAs(hardware("00:06.1"));
        device("00:06.0").resetDone();
        assertThat(hardware("00:06.0")).isSameAs(hardware("00:06.1"));
    }

    @Test
    void aDetachMeanwhileTakesEffectWhenTheResetIsDone() {
        bootPair();
        var byDefault = hardware("00:06.1");
        var domain = domainFor("00:06.0");
        var shared = domainFor("00:06.0");
        core.group(0).attach(domain);
        shared.attach(device("00:06.0"), 5);
        device("00:06.0").prepareReset();
        core.group(0).detach();
        shared.detach(device("00:06.0"), 5);
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        assertThat(hardware("00:06.1")).isSameAs(byDefault);
        domain.close();
        device("00:06.0").resetDone();
        assertThat(hardware("00:06.0")).isSameAs(byDefault);
        assertThat(pasid("00:06.0")).isFalse();
    }

    @Test
    void pci_dev_reset_iommu_prepare_passesUpWhatBlockingFailsWith() {
        bootPair();
        var byDefault = hardware("00:06.0");
        driver.onAttach = (device, part) -> {
            throw FakeDomain.error(Errno.ENOMEM);
        };
        failing(() -> device("00:06.0").prepareReset(), Errno.ENOMEM);
        assertThat(device("00:06.0").inReset()).isFalse();
        driver.onAttach = (device, part) -> { };
        assertThat(hardware("00:06.0")).isSameAs(byDefault);
        core.group(0).attach(domainFor("00:06.0"));
    }

    @Test
    void aDeviceThatCannotBeAttachedAfterItsResetStaysBlocked() {
        bootPair();
        device("00:06.0").prepareReset();
        driver.onAttach = (device, part) -> {
            if (part.type() != DomainType.BLOCKED) {
                throw FakeDomain.error(Errno.EIO);
            }
        };
        device("00:06.0").resetDone();
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        assertThat(device("00:06.0").problem()).hasValueSatisfying(p -> assertThat(p).startsWith("Blocked"));
        driver.onAttach = (device, part) -> { };
    }

    @Test
    void whatNoIommuServesCanBeResetToo() {
        bootPair();
        machine.bus.putUntranslated("00:08.0");
        device("00:08.0").prepareReset();
        device("00:08.0").resetDone();
        assertThat(device("00:08.0").inReset()).isFalse();
    }

    @Test
    void aResetOutlivesTheUnitsDriverAndTheNextOneLeavesTheDeviceBlocked() {
        bootPair();
        var shared = domainFor("00:06.0");
        shared.attach(device("00:06.0"), 5);
        device("00:06.0").prepareReset();
        core.removeDriver(entry);
        var next = new FakeDriver("next");
        next.maxPasids = 256;
        core.addDriver(next.entry(0));
        assertThat(next.attached("0000:00:06.0").orElseThrow().type()).isEqualTo(DomainType.BLOCKED);
        assertThat(next.attached("0000:00:06.1").orElseThrow().type()).isEqualTo(DomainType.UNMANAGED);
        assertThat(next.bound.get("dmar0").pasid("0000:00:06.0", 5)).isEmpty();
        device("00:06.0").resetDone();
        assertThat(next.attached("0000:00:06.0")).isEqualTo(next.attached("0000:00:06.1"));
        assertThat(next.bound.get("dmar0").pasid("0000:00:06.0", 5)).isPresent();
        shared.detach(device("00:06.0"), 5);
        core.removeUnit(dmar0);
        assertThat(next.violations).isEmpty();
    }

    /** Until the group's domains have their parts there is nothing to attach a device to; that comes with them. */
    @Test
    void aResetThatIsDoneWhileTheNextDriverProbesBlocksNothing() {
        bootPair();
        domainFor("00:06.0").attach(device("00:06.0"), 5);
        device("00:06.0").prepareReset();
        core.removeDriver(entry);
        var next = new FakeDriver("next");
        next.maxPasids = 256;
        next.onProbeDevice = context -> {
            if (context.name().endsWith("06.1")) {
                device("00:06.0").resetDone();
                assertThat(device("00:06.0").problem().orElse("")).doesNotContain("Blocked");
                assertThat(next.attached("0000:00:06.0").orElseThrow().type()).isEqualTo(DomainType.BLOCKED);
            }
        };
        var order = new ArrayList<String>();
        next.onAttach = (context, part) -> order.add(context.name() + " " + part.type());
        core.addDriver(next.entry(0));
        assertThat(order).as("the default domain, then the PASID").containsExactly("0000:00:06.0 UNMANAGED", "0000:00:06.1 UNMANAGED",
                "0000:00:06.0 UNMANAGED", "0000:00:06.1 UNMANAGED");
        assertThat(device("00:06.0").problem()).isEmpty();
        assertThat(next.attached("0000:00:06.0")).isEqualTo(next.attached("0000:00:06.1"));
        assertThat(next.bound.get("dmar0").pasid("0000:00:06.0", 5)).isPresent();
        assertThat(next.violations).isEmpty();
    }

    @Test
    void aDeviceThatIsRemovedInItsResetComesBackWithoutOne() {
        bootPair();
        device("00:06.0").prepareReset();
        var gone = machine.bus.devices().stream().filter(device -> device.name().endsWith("06.0")).findFirst().orElseThrow();
        var handle = device("00:06.0");
        machine.bus.remove(gone);
        handle.resetDone();
        core.group(0).attach(domainFor("00:06.1"));
        machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
        assertThat(hardware("00:06.0")).isSameAs(hardware("00:06.1"));
    }
}
