package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.Group;
import sluicegate.api.Unit;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.DomainType;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakeMachine;

/** Units, drivers and devices that come and go; the scenarios of the mailing-list threads have classes of their own. */
class ProbingTest extends CoreFixture {

    @Test
    void devicesAreProbedInOrderWhateverOrderTheBusHasThem() {
        machine.bus.put("00:05.0", dmar0);
        machine.bus.put("00:02.0", dmar0);
        machine.bus.putUntranslated("00:03.0");
        boot();

        assertThat(device("00:02.0").group().map(Group::id)).contains(0);
        assertThat(device("00:05.0").group().map(Group::id)).contains(1);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
        assertThat(core.groups()).extracting(g -> g.domain().type()).containsOnly(DomainType.DMA);
        assertThat(driver.log).containsSubsequence("finalize 0000:00:02.0", "finalize 0000:00:05.0");
    }

    @Test
    void aDeviceWaitsForAUnitThatIsNotPublishedYet() {
        machine.bus.put("00:02.0", dmar0);
        core.addDriver(entry);
        core.addBus(machine.bus);
        assertThat(device("00:02.0").unit()).isEmpty();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.DEFERRED);
        core.addUnit(dmar0);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void theBestDriverIsPickedAndOneThatSaysNotMineLetsTheNextTry() {
        var best = new FakeDriver("best");
        best.onProbe = context -> {
            throw new IommuException(Errno.ENODEV, "scalable mode only");
        };
        core.addDriver(entry);
        core.addDriver(best.entry(10));
        core.addUnit(dmar0);
        assertThat(core.drivers()).extracting(d -> d.name()).containsExactly("best", "fake");
        assertThat(core.unit("dmar0").driver().map(d -> d.name())).contains("fake");
        assertThat(core.drivers().get(1).units()).containsExactly("dmar0");
    }

    @Test
    void aDriverThatFailsLeavesTheUnitFailedUntilAnotherArrives() {
        var broken = new FakeDriver("broken");
        broken.onProbe = context -> {
            throw new IllegalStateException("a bug");
        };
        machine.bus.put("00:02.0", dmar0);
        core.addBus(machine.bus);
        core.addUnit(dmar0);
        core.addDriver(broken.entry(10));
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.FAILED);
        assertThat(core.unit("dmar0").problem()).hasValueSatisfying(p -> assertThat(p).contains("broken").contains("a bug"));
        core.addDriver(entry);
        assertThat(core.unit("dmar0").state()).isEqualTo(Unit.State.BOUND);
        assertThat(core.unit("dmar0").problem()).isEmpty();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void aDeviceThatItsDriverRefusesFailsAloneAndLeavesNoGroup() {
        driver.onProbeDevice = device -> {
            if (device.name().endsWith("02.0")) {
                throw new IommuException(Errno.EIO, "it does not answer");
            }
        };
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.FAILED);
        assertThat(device("00:02.0").problem()).contains("it does not answer");
        assertThat(core.groups()).hasSize(1);
    }

    @Test
    void aFirstAttachThatFailsReleasesTheDeviceAndItsGroup() {
        driver.onAttach = (device, domain) -> {
            throw new IommuException(Errno.ENOSPC, "no domain id");
        };
        machine.bus.put("00:02.0", dmar0);
        boot();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.FAILED);
        assertThat(core.groups()).isEmpty();
        assertThat(driver.log).contains("release 0000:00:02.0");
    }

    @Test
    void namesThatAreTakenGetANumber() {
        var second = new FakeMachine("n");
        core.addUnit(dmar0);
        core.addUnit(second.unit("dmar0"));
        core.addUnit(second.unit("dmar0"));
        assertThat(core.units()).extracting(Unit::name).containsExactly("dmar0", "dmar0.1", "dmar0.2");
    }

    @Test
    void aUnitThatIsWithdrawnLetsItsDriverLeave() {
        machine.bus.put("00:02.0", dmar0);
        boot();
        var unit = core.unit("dmar0");
        var domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        core.removeUnit(dmar0);

        assertThat(unit.state()).isEqualTo(Unit.State.GONE);
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.DEFERRED);
        assertThat(device("00:02.0").group()).isEmpty();
        assertThat(core.groups()).isEmpty();
        assertThat(core.domains()).isEmpty();
        failing(() -> domain.map(0x1000, 0x1000, K4, 3), Errno.ENODEV);
        assertThat(driver.log).contains("leave dmar0 BLOCK");
    }

    @Test
    void acsIsAskedForBeforeGroupsAreMade() {
        machine.bus.put(machine.bus.pci("00:06.0").multi().acs(0x1d), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi().acs(0x1d), dmar0);
        boot();
        assertThat(core.groups()).hasSize(2);
    }

    @Test
    void aShortNameIsEnoughIfItIsUnique() {
        machine.bus.put("0000:00:02.0", dmar0);
        machine.bus.put("0001:00:02.0", dmar0);
        boot();
        assertThat(device("0001:00:02.0").name()).isEqualTo("0001:00:02.0");
        assertThat(failing(() -> device("00:02.0"), Errno.EINVAL)).hasMessageContaining("0001:00:02.0");
        failing(() -> device("00:09.0"), Errno.ENODEV);
    }

    @Test
    void aDriverThatCanDeferInvalidationMayDemandDmaFq() {
        driver.demand = device -> Optional.of(DomainType.DMA_FQ);
        machine.bus.put("00:02.0", dmar0);
        boot();
        assertThat(device("00:02.0").problem()).hasValueSatisfying(p -> assertThat(p).contains("DMA-FQ if it can defer"));

        core.removeDriver(entry);
        driver.capabilities = java.util.Set.of(Capability.DEFERRED_FLUSH);
        core.addDriver(entry);
        assertThat(core.group(0).defaultDomain()).hasValueSatisfying(d -> assertThat(d.type()).isEqualTo(DomainType.DMA_FQ));
    }

    @Test
    void aGroupHasTheNameThatItsDriverGivesIt() {
        driver.grouping = (device, groups) -> {
            var group = groups.genericDeviceGroup(device);
            if (device.name().endsWith("02.0")) {
                group.setName("slot 2");
            }
            return group;
        };
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
        assertThat(core.group(0).name()).contains("slot 2");
        assertThat(core.group(1).name()).isEmpty();
    }
}
