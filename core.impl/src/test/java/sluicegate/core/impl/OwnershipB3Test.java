package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluicegate.api.DeviceDriver;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.ReservedRegion.Type;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;

/** Who may own a group: the rows of the semantics reference, B.3, on ownership. */
class OwnershipB3Test extends CoreFixture {
    private static final String VMM = "vmm";
    private static final String OTHER = "other";

    private void bootPair() {
        machine.bus.put(machine.bus.pci("00:06.0").multi().pasids(8), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
        driver.maxPasids = 256;
        boot();
    }

    @Test
    void iommu_group_claim_dma_owner_blocksAllMembersUntilTheOwnerAttachesSomething() {
        bootPair();
        var group = core.group(0);
        group.claim(VMM);
        assertThat(group.owner()).contains(VMM);
        assertThat(group.users()).isEqualTo(1);
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.BLOCKED);

        var domain = domainFor("00:06.0");
        group.attach(domain);
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.UNMANAGED);
        group.detach();
        assertThat(hardware("00:06.1").type()).as("detached while owned").isEqualTo(DomainType.BLOCKED);
        assertThat(group.domain().name()).isEqualTo("dmar0-blocked");
        group.release(VMM);
        assertThat(group.domain()).isSameAs(group.defaultDomain().orElseThrow());
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.UNMANAGED);
        assertThat(group.owner()).isEmpty();
        assertThat(group.users()).isZero();
    }

    @Test
    void iommu_group_claim_dma_owner_errors() {
        bootPair();
        var group = core.group(0);
        failing(() -> group.claim(null), Errno.EINVAL);
        group.claim(VMM);
        assertThat(failing(() -> group.claim(VMM), Errno.EPERM)).hasMessageContaining("owned by vmm");
        failing(() -> group.claim(OTHER), Errno.EPERM);
        group.release(VMM);

        var domain = domainFor("00:06.0");
        group.attach(domain);
        assertThat(failing(() -> group.claim(VMM), Errno.EBUSY)).hasMessageContaining(domain.name());
        group.detach();
        domain.attach(device("00:06.0"), 5);
        assertThat(failing(() -> group.claim(VMM), Errno.EBUSY)).hasMessageContaining("PASID");
        domain.detach(device("00:06.0"), 5);
        group.claim(VMM);
        group.release(VMM);
    }

    @Test
    void iommu_device_claim_dma_owner_countsTheClaimsOfOneOwner() {
        bootPair();
        machine.bus.putUntranslated("00:08.0");
        var first = device("00:06.0");
        var second = device("00:06.1");
        failing(() -> device("00:08.0").claim(VMM), Errno.ENODEV);
        failing(() -> first.claim(null), Errno.EINVAL);
        first.claim(VMM);
        second.claim(VMM);
        assertThat(core.group(0).users()).isEqualTo(2);
        failing(() -> second.claim(OTHER), Errno.EPERM);
        failing(() -> core.group(0).claim(VMM), Errno.EPERM);

        failing(() -> first.release(OTHER), Errno.EPERM);
        first.release(VMM);
        assertThat(core.group(0).owner()).contains(VMM);
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        second.release(VMM);
        assertThat(core.group(0).owner()).isEmpty();
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.UNMANAGED);
        failing(() -> second.release(VMM), Errno.EINVAL);
        failing(() -> core.group(0).release(VMM), Errno.EINVAL);
    }

    @Test
    void iommu_group_release_dma_owner_endsAllClaimsOfItsOwner() {
        bootPair();
        device("00:06.0").claim(VMM);
        device("00:06.1").claim(VMM);
        failing(() -> core.group(0).release(OTHER), Errno.EPERM);
        core.group(0).attach(domainFor("00:06.0"));
        core.group(0).release(VMM);
        assertThat(core.group(0).users()).isZero();
        assertThat(core.group(0).domain()).isSameAs(core.group(0).defaultDomain().orElseThrow());
    }

    @Test
    void aGroupIsNotReleasedWhilePasidsAreAttached() {
        bootPair();
        var group = core.group(0);
        group.claim(VMM);
        var domain = domainFor("00:06.0");
        domain.attach(device("00:06.0"), 5);
        failing(() -> group.release(VMM), Errno.EBUSY);
        failing(() -> device("00:06.0").release(VMM), Errno.EBUSY);
        domain.detach(device("00:06.0"), 5);
        group.release(VMM);
    }

    @Test
    void iommu_device_use_default_domain_keepsOwnersOutAndOwnersKeepItOut() {
        bootPair();
        machine.bus.putUntranslated("00:08.0");
        var group = core.group(0);
        device("00:08.0").useDefaultDomain();
        device("00:06.0").useDefaultDomain();
        device("00:06.1").useDefaultDomain();
        assertThat(group.users()).isEqualTo(2);
        assertThat(group.owner()).isEmpty();
        assertThat(failing(() -> group.claim(VMM), Errno.EPERM)).hasMessageContaining("unbind");
        failing(() -> device("00:06.0").claim(VMM), Errno.EPERM);
        device("00:06.1").unuseDefaultDomain();

        group.attach(domainFor("00:06.0"));
        failing(() -> device("00:06.1").useDefaultDomain(), Errno.EBUSY);
        group.detach();
        var domain = domainFor("00:06.0");
        domain.attach(device("00:06.0"), 5);
        failing(() -> device("00:06.1").useDefaultDomain(), Errno.EBUSY);
        domain.detach(device("00:06.0"), 5);
        device("00:06.0").unuseDefaultDomain();
        failing(() -> device("00:06.0").unuseDefaultDomain(), Errno.EINVAL);

        group.claim(VMM);
        failing(() -> device("00:06.0").useDefaultDomain(), Errno.EBUSY);
        failing(() -> device("00:06.0").unuseDefaultDomain(), Errno.EINVAL);
        group.release(VMM);

        device("00:06.1").bind(DeviceDriver.named("nic"));
        assertThat(failing(() -> group.claim(VMM), Errno.EPERM)).hasMessageContaining("nic (0000:00:06.1)");
        device("00:06.1").unbind();
    }

    @Test
    void iommu_device_use_default_domain_isDeferredWhileTheGroupIsFinalised() {
        driver.onAttach = (context, part) -> {
            // First attach: the group is known and has no default domain yet.
            failing(() -> ((CoreGroup) core.group(0)).ownership().useDefault((CoreDevice) device("00:02.0")), Errno.EPROBE_DEFER);
            failing(() -> core.group(0).claim(VMM), Errno.EBUSY);
            driver.onAttach = (again, other) -> { };
        };
        machine.bus.put("00:02.0", dmar0);
        boot();
        device("00:02.0").useDefaultDomain();
        device("00:02.0").unuseDefaultDomain();
    }

    @Test
    void iommu_group_claim_dma_owner_refusesWhereFirmwareRequiresDirectMappings() {
        driver.reserved = device -> device.name().endsWith("06.1")
                ? List.of(new ReservedRegion(0x7000, 0x1000, Prot.READ | Prot.WRITE, Type.DIRECT)) : List.of();
        bootPair();
        assertThat(failing(() -> core.group(0).claim(VMM), Errno.EINVAL)).hasMessageContaining("1:1")
                .hasMessageContaining("0000:00:06.1");
        assertThat(core.group(0).owner()).isEmpty();
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.UNMANAGED);
        device("00:06.0").useDefaultDomain();
        device("00:06.0").unuseDefaultDomain();
    }

    @Test
    void iommu_group_claim_dma_owner_thatCannotBlockAMemberLeavesTheGroupAsItWas() {
        bootPair();
        driver.onAttach = (context, part) -> {
            if (part.type() == DomainType.BLOCKED && context.name().endsWith("06.1")) {
                throw FakeDomain.error(Errno.EBUSY);
            }
        };
        failing(() -> core.group(0).claim(VMM), Errno.EBUSY);
        assertThat(core.group(0).owner()).isEmpty();
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.UNMANAGED);
        assertThat(core.group(0).domain()).isSameAs(core.group(0).defaultDomain().orElseThrow());
    }

    @Test
    void whatJoinsAClaimedGroupIsBlockedToo() {
        bootPair();
        core.group(0).claim(VMM);
        machine.bus.put(machine.bus.pci("00:06.2").multi(), dmar0);
        assertThat(hardware("00:06.2").type()).isEqualTo(DomainType.BLOCKED);
        core.group(0).release(VMM);
        assertThat(hardware("00:06.2")).isSameAs(hardware("00:06.0"));
    }

    @Test
    void whatFirmwareForbidsToBlockCannotJoinAClaimedGroup() {
        driver.reserved = device -> device.name().endsWith("06.2")
                ? List.of(new ReservedRegion(0x7000, 0x1000, Prot.READ | Prot.WRITE, Type.DIRECT)) : List.of();
        bootPair();
        core.group(0).claim(VMM);
        machine.bus.put(machine.bus.pci("00:06.2").multi(), dmar0);
        assertThat(device("00:06.2").problem()).hasValueSatisfying(p -> assertThat(p).contains("1:1"));
        assertThat(device("00:06.2").group()).isEmpty();
    }

    @Test
    void ownershipOutlivesTheUnitsDriverAndEndsWithTheGroup() {
        bootPair();
        core.group(0).claim(VMM);
        core.removeDriver(entry);
        failing(() -> core.group(0).claim(OTHER), Errno.EPERM);
        var next = new FakeDriver("next");
        core.addDriver(next.entry(0));
        assertThat(next.attached("0000:00:06.0").orElseThrow().type()).isEqualTo(DomainType.BLOCKED);
        assertThat(core.group(0).owner()).contains(VMM);
        var group = core.group(0);
        var member = device("00:06.0");
        List.copyOf(machine.bus.devices()).forEach(machine.bus::remove);
        assertThat(group.owner()).isEmpty();
        failing(() -> group.claim(VMM), Errno.ENODEV);
        failing(() -> member.claim(VMM), Errno.ENODEV);
        core.removeUnit(dmar0);
        assertThat(next.violations).isEmpty();
    }

    @Test
    void aGroupCanBeReleasedWhileItsUnitHasNoDriver() {
        bootPair();
        core.group(0).claim(VMM);
        core.removeDriver(entry);
        core.group(0).release(VMM);
        var next = new FakeDriver("next");
        core.addDriver(next.entry(0));
        assertThat(next.attached("0000:00:06.0").orElseThrow().type()).isEqualTo(DomainType.UNMANAGED);
        core.removeUnit(dmar0);
    }
}
