package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.ReservedRegion.Type;
import sluicegate.core.impl.fake.FakeDomain;

/** Attaching and detaching: the rows of the semantics reference, B.3, and default domains, B.6. */
class AttachTest extends CoreFixture {
    private static final ReservedRegion MSI = new ReservedRegion(0xfee00000L, 0x100000, 0, Type.MSI);

    private void bootTwo() {
        machine.bus.put("00:02.0", dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
    }

    private void bootPair() {
        machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
        boot();
    }

    @Test
    void attachAndDetachMoveTheHardwareBetweenTheDomainAndTheDefaultOne() {
        bootTwo();
        var byDefault = hardware("00:02.0");
        var domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        assertThat(hardware("00:02.0")).isNotSameAs(byDefault);
        assertThat(device("00:02.0").domain()).contains(domain);
        assertThat(names(domain.attached())).containsExactly("0000:00:02.0");
        domain.detach(device("00:02.0"));
        assertThat(hardware("00:02.0")).isSameAs(byDefault);
        assertThat(domain.attached()).isEmpty();
        domain.close();
        assertThat(core.domains()).doesNotContain(domain);
        failing(() -> domain.attach(device("00:02.0")), Errno.ENODEV);
    }

    @Test
    void iommu_attach_device() {
        bootPair();
        machine.bus.put("00:02.0", dmar0);
        machine.bus.putUntranslated("00:08.0");
        var domain = domainFor("00:02.0");
        failing(() -> domain.attach(device("00:08.0")), Errno.ENODEV);
        failing(() -> domain.attach(device("00:06.0")), Errno.EINVAL);
        domain.attach(device("00:02.0"));
        failing(() -> domainFor("00:02.0").attach(device("00:02.0")), Errno.EBUSY);
        failing(() -> domain.attach(device("00:02.0")), Errno.EBUSY);
        failing(domain::close, Errno.EBUSY);
        failing(() -> device("00:02.0").group().orElseThrow().defaultDomain().orElseThrow().close(), Errno.EBUSY);
    }

    @Test
    void iommu_attach_group_takesAllMembersOrNone() {
        bootPair();
        var domain = domainFor("00:06.0");
        var before = List.of(hardware("00:06.0"), hardware("00:06.1"));
        driver.onAttach = (device, part) -> {
            if (device.name().endsWith("06.1") && part != before.get(1)) {
                throw FakeDomain.error(Errno.ENOSPC);
            }
        };
        failing(() -> core.group(0).attach(domain), Errno.ENOSPC);
        assertThat(List.of(hardware("00:06.0"), hardware("00:06.1"))).isEqualTo(before);
        assertThat(core.group(0).domain()).isSameAs(core.group(0).defaultDomain().orElseThrow());
        assertThat(domain.attached()).isEmpty();

        driver.onAttach = (device, part) -> { };
        core.group(0).attach(domain);
        assertThat(names(domain.attached())).containsExactly("0000:00:06.0", "0000:00:06.1");
        assertThat(hardware("00:06.0")).isSameAs(hardware("00:06.1")).isNotSameAs(before.get(0));
    }

    @Test
    void iommu_attach_group_errors() {
        var dmar1 = machine.unit("dmar1");
        machine.bus.put("01:00.0", dmar1);
        core.addUnit(dmar1);
        bootPair();
        var group = device("00:06.0").group().orElseThrow();
        var domain = domainFor("00:06.0");
        failing(() -> group.attach(domainFor("01:00.0")), Errno.EINVAL);
        device("00:06.1").prepareReset();
        failing(() -> group.attach(domain), Errno.EBUSY);
        device("00:06.1").resetDone();
        group.attach(domain);
        failing(() -> group.attach(domainFor("00:06.0")), Errno.EBUSY);
        failing(() -> group.attach(domain), Errno.EBUSY);
        group.detach();
        List.copyOf(machine.bus.devices()).forEach(machine.bus::remove);
        failing(() -> group.attach(domain), Errno.ENODEV);
    }

    @Test
    void aRollBackThatFailsBlocksTheDevice() {
        bootPair();
        var domain = domainFor("00:06.0");
        var byDefault = hardware("00:06.0");
        driver.onAttach = (device, part) -> {
            if (device.name().endsWith("06.1") && part.type().paging() || part == byDefault) {
                throw FakeDomain.error(Errno.EIO);
            }
        };
        assertThat(failing(() -> core.group(0).attach(domain), Errno.ENODEV)).hasMessageContaining("as the test says");
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        assertThat(device("00:06.0").problem()).hasValueSatisfying(p -> assertThat(p).startsWith("Blocked"));
    }

    @Test
    void theMemberThatFailedGoesBackToo() {
        bootPair();
        var byDefault = hardware("00:06.0");
        driver.onAttach = (device, part) -> {
            if (device.name().endsWith("06.1") && part != byDefault) {
                driver.bound.get("dmar0").misplace(device.name(), part);
                throw FakeDomain.error(Errno.EIO);
            }
        };
        failing(() -> core.group(0).attach(domainFor("00:06.0")), Errno.ENODEV);
        assertThat(List.of(hardware("00:06.0"), hardware("00:06.1"))).containsOnly(byDefault);
        driver.violations.clear(); // the core could not know where the driver had put it
    }

    @Test
    void anErrorThatAttachingMayNotHaveCountsAsEnodev() {
        bootTwo();
        for (var allowed : List.of(Errno.EINVAL, Errno.ENOMEM, Errno.ENOSPC, Errno.EBUSY, Errno.ENODEV)) {
            driver.onAttach = (device, part) -> {
                if (part != hardware("00:03.0")) {
                    throw FakeDomain.error(allowed);
                }
            };
            failing(() -> domainFor("00:02.0").attach(device("00:02.0")), allowed);
        }
        driver.onAttach = (device, part) -> {
            throw new IllegalStateException("a bug");
        };
        failing(() -> domainFor("00:02.0").attach(device("00:02.0")), Errno.ENODEV);
        driver.onAttach = (device, part) -> { };
    }

    /** {@code IOMMU_SET_DOMAIN_MUST_SUCCEED}: the others are not left behind in a domain that may be freed next. */
    @Test
    void aDetachGoesOnOverMembersThatFailAndBlocksThem() {
        bootPair();
        var byDefault = hardware("00:06.1");
        var domain = domainFor("00:06.0");
        core.group(0).attach(domain);
        driver.onAttach = (device, part) -> {
            if (device.name().endsWith("06.0") && part.type().paging()) {
                throw FakeDomain.error(Errno.ENOMEM);
            }
        };
        core.group(0).detach();
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.BLOCKED);
        assertThat(hardware("00:06.1")).isSameAs(byDefault);
        assertThat(core.group(0).domain()).isSameAs(core.group(0).defaultDomain().orElseThrow());
        assertThat(device("00:06.0").problem()).hasValueSatisfying(p -> assertThat(p).startsWith("Blocked"));
        domain.close();

        driver.onAttach = (device, part) -> { };
        var another = domainFor("00:06.0");
        core.group(0).attach(another);
        assertThat(hardware("00:06.0")).isSameAs(hardware("00:06.1"));
        assertThat(device("00:06.0").problem()).as("once it is attached again").isEmpty();
        core.group(0).detach();
    }

    /** The kernel warns and does nothing. */
    @Test
    void iommu_detach_device_errors() {
        bootPair();
        machine.bus.put("00:02.0", dmar0);
        var domain = domainFor("00:02.0");
        failing(() -> domain.detach(device("00:02.0")), Errno.EINVAL);
        var shared = domainFor("00:06.0");
        device("00:06.0").group().orElseThrow().attach(shared);
        failing(() -> shared.detach(device("00:06.0")), Errno.EINVAL);
        assertThat(device("00:06.0").domain()).contains(shared);
        device("00:06.0").group().orElseThrow().detach();
    }

    @Test
    void iommu_detach_device_blocksWhatTheDefaultDomainDoesNotTake() {
        bootTwo();
        var domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        driver.onAttach = (device, part) -> {
            if (part.type().paging()) {
                throw FakeDomain.error(Errno.ENOMEM);
            }
        };
        domain.detach(device("00:02.0"));
        assertThat(hardware("00:02.0").type()).isEqualTo(DomainType.BLOCKED);
        domain.close();
    }

    @Test
    void iommu_attach_device_refusesADomainOfAnotherUnitOrGroup() {
        var dmar1 = machine.unit("dmar1");
        machine.bus.put("01:00.0", dmar1);
        core.addUnit(dmar1);
        bootTwo();
        failing(() -> domainFor("01:00.0").attach(device("00:02.0")), Errno.EINVAL);
        var others = device("00:03.0").domain().orElseThrow();
        failing(() -> others.attach(device("00:02.0")), Errno.EINVAL);
    }

    @Test
    void iommu_attach_device_refusesTheBlockedDomainWhereFirmwareRequiresDirectMappings() {
        driver.reserved = device -> device.name().endsWith("02.0")
                ? List.of(new ReservedRegion(0x7000, 0x1000, Prot.READ | Prot.WRITE, Type.DIRECT)) : List.of();
        bootTwo();
        var blocked = core.domain("dmar0-blocked");
        assertThat(failing(() -> blocked.attach(device("00:02.0")), Errno.EINVAL)).hasMessageContaining("1:1");
        blocked.attach(device("00:03.0"));
        assertThat(hardware("00:03.0").type()).isEqualTo(DomainType.BLOCKED);
        core.domain("dmar0-identity").attach(device("00:03.0"));
        assertThat(hardware("00:03.0").type()).isEqualTo(DomainType.IDENTITY);
        assertThat(core.domain("dmar0-identity").iovaToPhys(0x1234)).hasValue(0x1234);
        assertThat(blocked.iovaToPhys(0x1234)).isEmpty();
    }

    @Test
    void reservedRegionsAndMappingsKeepApart() {
        driver.reserved = device -> List.of(MSI);
        bootTwo();
        var early = domainFor("00:02.0");
        early.map(0xfee00000L, 0x1000, K4, Prot.READ);
        assertThat(failing(() -> early.attach(device("00:02.0")), Errno.EADDRINUSE)).hasMessageContaining("[0xfee00000, 0xfeefffff]");
        var domain = domainFor("00:02.0");
        domain.attach(device("00:02.0"));
        assertThat(failing(() -> domain.map(0xfedff000L, 0x1000, 2 * K4, Prot.READ), Errno.EADDRINUSE)).hasMessageContaining("msi");
        domain.map(0xfedff000L, 0x1000, K4, Prot.READ);
        domain.detach(device("00:02.0"));
        domain.map(0xfee00000L, 0x1000, K4, Prot.READ);
    }

    @Test
    void directRegionsAreMappedBeforeTheFirstAttach() {
        driver.reserved = device -> List.of(MSI, new ReservedRegion(0x7800, 0x1000, Prot.READ | Prot.WRITE, Type.DIRECT_RELAXABLE),
                new ReservedRegion(0x8000, 0x2000, Prot.READ, Type.DIRECT));
        driver.onAttach = (device, part) -> {
            if (part.type().paging()) {
                assertThat(part.iovaToPhys(0x7000)).isEqualTo(0x7000);
                assertThat(part.iovaToPhys(0x9fff)).isEqualTo(0x9fff);
            }
        };
        machine.bus.put("00:02.0", dmar0);
        boot();
        assertThat(device("00:02.0").problem()).isEmpty();
        assertThat(device("00:02.0").domain().orElseThrow().mappings()).containsExactly(
                new Domain.Mapping(0x7000, 0x7000, 0x2000, Prot.READ | Prot.WRITE),
                new Domain.Mapping(0x9000, 0x9000, 0x1000, Prot.READ));
    }

    @Test
    void theDefaultTypeIsWhatTheDriverDemandsElseWhatIsConfigured() {
        driver.demand = device -> device.name().endsWith("02.0") ? Optional.of(DomainType.IDENTITY) : Optional.empty();
        bootTwo();
        assertThat(device("00:02.0").domain().orElseThrow().type()).isEqualTo(DomainType.IDENTITY);
        assertThat(device("00:03.0").domain().orElseThrow().type()).isEqualTo(DomainType.DMA);
        core.setDefaultDomainType(DomainType.IDENTITY);
        machine.bus.put("00:04.0", dmar0);
        machine.bus.put(machine.bus.pci("00:05.0").notTrusted(), dmar0);
        assertThat(device("00:04.0").domain().orElseThrow().type()).isEqualTo(DomainType.IDENTITY);
        assertThat(device("00:05.0").domain().orElseThrow().type()).isEqualTo(DomainType.DMA);
    }

    @Test
    void theDefaultTypeOfAGroupIsDecidedOverAllItsMembers() {
        driver.demand = device -> device.name().endsWith("06.1") ? Optional.of(DomainType.IDENTITY) : Optional.empty();
        bootPair();
        assertThat(core.group(0).domain().type()).isEqualTo(DomainType.IDENTITY);
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.IDENTITY);
    }

    @Test
    void anUntrustedDeviceWhoseDriverDemandsIdentityIsRefused() {
        driver.demand = device -> Optional.of(DomainType.IDENTITY);
        machine.bus.put(machine.bus.pci("00:02.0").notTrusted(), dmar0);
        boot();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.FAILED);
        assertThat(core.groups()).isEmpty();
    }

    @Test
    void withoutPassThroughIdentityBecomesDma() {
        driver.passThrough = false;
        core.setDefaultDomainType(DomainType.IDENTITY);
        bootTwo();
        assertThat(device("00:02.0").domain().orElseThrow().type()).isEqualTo(DomainType.DMA);
    }

    @Test
    void iommu_attach_device_pasid() {
        machine.bus.put(machine.bus.pci("00:02.0").pasids(8), dmar0);
        machine.bus.put("00:03.0", dmar0);
        boot();
        var device = device("00:02.0");
        var domain = domainFor("00:02.0");
        failing(() -> domain.attach(device, 5), Errno.EOPNOTSUPP);
        core.removeDriver(entry);
        driver.maxPasids = 1 << 16; // the unit's next driver knows how
        core.addDriver(driver.entry(0));
        failing(() -> domain.attach(device("00:03.0"), 5), Errno.EOPNOTSUPP);
        failing(() -> domain.attach(device, 0), Errno.EINVAL);
        failing(() -> domain.attach(device, 256), Errno.EINVAL);
        domain.attach(device, 5);
        failing(() -> domainFor("00:02.0").attach(device, 5), Errno.EBUSY);
        failing(domain::close, Errno.EBUSY);
        assertThat(driver.bound.get("dmar0").pasid("0000:00:02.0", 5)).isPresent();
        domain.detach(device, 5);
        failing(() -> domain.detach(device, 5), Errno.EINVAL);
        assertThat(driver.bound.get("dmar0").pasid("0000:00:02.0", 5)).isEmpty();
        driver.onAttach = (context, part) -> {
            throw new IommuException(Errno.ENOMEM, "no table");
        };
        failing(() -> domain.attach(device, 5), Errno.ENOMEM);
        driver.onAttach = (context, part) -> { };
        domain.attach(device, 5);
    }

    @Test
    void aDeviceThatJoinsAnAttachedGroupIsAttachedToo() {
        bootPair();
        var domain = domainFor("00:06.0");
        core.group(0).attach(domain);
        var late = machine.bus.put(machine.bus.pci("00:06.2").multi(), dmar0);
        assertThat(hardware("00:06.2")).isSameAs(hardware("00:06.0"));
        machine.bus.remove(late);
        assertThat(names(domain.attached())).containsExactly("0000:00:06.0", "0000:00:06.1");
        core.group(0).detach();
    }
}
