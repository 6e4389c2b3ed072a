package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.ReservedRegion.Type;
import sluicegate.core.impl.fake.FakeDomain;

/** Types of default domains and switching between them: B.6 of the semantics reference, in its order. */
class DefaultTypeB6Test extends CoreFixture {
    private static final Optional<DomainType> DMA = Optional.of(DomainType.DMA);
    private static final Optional<DomainType> DMA_FQ = Optional.of(DomainType.DMA_FQ);
    private static final Optional<DomainType> IDENTITY = Optional.of(DomainType.IDENTITY);
    private static final Optional<DomainType> AUTO = Optional.empty();

    private void bootPair() {
        driver.capabilities = Set.of(Capability.DEFERRED_FLUSH);
        machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
        boot();
    }

    private DomainType type() {
        return core.group(0).defaultDomain().orElseThrow().type();
    }

    @Test
    void b6_1_membersThatDisagreeGetIdentityIfItIsTheLaterDemand() {
        driver.demand = device -> Optional.of(device.name().endsWith("06.0") ? DomainType.DMA : DomainType.IDENTITY);
        bootPair();
        assertThat(type()).isEqualTo(DomainType.IDENTITY);
    }

    @Test
    void b6_1_membersThatDisagreeKeepIdentityIfItIsTheEarlierDemand() {
        driver.demand = device -> Optional.of(device.name().endsWith("06.1") ? DomainType.DMA : DomainType.IDENTITY);
        bootPair();
        assertThat(type()).isEqualTo(DomainType.IDENTITY);
    }

    @Test
    void b6_2_anUntrustedMemberForcesStrictDmaOnItsGroup() {
        core.setDefaultDomainType(DomainType.DMA_FQ);
        machine.bus.put(machine.bus.pci("00:06.2").multi().notTrusted(), dmar0);
        bootPair();
        assertThat(type()).isEqualTo(DomainType.DMA);
        failing(() -> core.group(0).setDefaultType(IDENTITY), Errno.EINVAL);
        assertThat(failing(() -> core.group(0).setDefaultType(DMA_FQ), Errno.EINVAL)).hasMessageContaining("not trusted");
        core.group(0).setDefaultType(AUTO);
        assertThat(type()).isEqualTo(DomainType.DMA);
    }

    @Test
    void b6_2_anUntrustedMemberWhoseDriverDemandsIdentityIsNotProbed() {
        driver.demand = device -> IDENTITY;
        machine.bus.put(machine.bus.pci("00:06.2").multi().notTrusted(), dmar0);
        bootPair();
        assertThat(core.devices()).extracting(Device::state).containsOnly(Device.State.FAILED);
        assertThat(core.groups()).isEmpty();
    }

    @Test
    void b6_3_aRequestMustEqualTheDriversDemand() {
        driver.demand = device -> IDENTITY;
        bootPair();
        assertThat(failing(() -> core.group(0).setDefaultType(DMA), Errno.EINVAL)).hasMessageContaining("must be identity");
        core.group(0).setDefaultType(IDENTITY);
        core.group(0).setDefaultType(AUTO);
        assertThat(type()).isEqualTo(DomainType.IDENTITY);
    }

    @Test
    void b6_4_withoutDemandTheConfiguredTypeCounts() {
        core.setDefaultDomainType(DomainType.IDENTITY);
        bootPair();
        assertThat(type()).isEqualTo(DomainType.IDENTITY);
        core.group(0).setDefaultType(DMA);
        assertThat(type()).isEqualTo(DomainType.DMA);
        core.setDefaultDomainType(DomainType.DMA_FQ);
        core.group(0).setDefaultType(AUTO);
        assertThat(type()).isEqualTo(DomainType.DMA_FQ);
    }

    @Test
    void b6_5_aConfiguredTypeThatCannotBeFallsBackToDmaButARequestedOneFails() {
        driver.passThrough = false;
        core.setDefaultDomainType(DomainType.IDENTITY);
        bootPair();
        assertThat(type()).isEqualTo(DomainType.DMA);
        failing(() -> core.group(0).setDefaultType(IDENTITY), Errno.EOPNOTSUPP);
        assertThat(type()).isEqualTo(DomainType.DMA);
        core.group(0).setDefaultType(AUTO);
        assertThat(type()).isEqualTo(DomainType.DMA);
    }

    @Test
    void b6_6_directMappingsAreThereBeforeMembersAreAttached() {
        driver.reserved = device -> List.of(new ReservedRegion(0x7000, 0x2000, Prot.READ | Prot.WRITE, Type.DIRECT),
                new ReservedRegion(0x20000, 0x1000, Prot.READ, Type.DIRECT_RELAXABLE));
        core.setDefaultDomainType(DomainType.IDENTITY);
        bootPair();
        var attachments = new ArrayList<String>();
        driver.onAttach = (device, part) -> {
            attachments.add(device.name());
            assertThat(part.iovaToPhys(0x8fff)).isEqualTo(0x8fff);
            assertThat(part.iovaToPhys(0x20000)).isEqualTo(0x20000);
        };
        core.group(0).setDefaultType(DMA);
        assertThat(attachments).containsExactly("0000:00:06.0", "0000:00:06.1");
        driver.onAttach = (device, part) -> { };
    }

    @Test
    void b6_6_directMappingsAreTriedAgainAfterAttachingForDriversThatCannotBefore() {
        driver.reserved = device -> List.of(new ReservedRegion(0x7000, 0x2000, Prot.READ | Prot.WRITE, Type.DIRECT));
        driver.pagesLeft.set(0);
        driver.onAttach = (device, part) -> driver.pagesLeft.set(1000);
        bootPair();
        assertThat(core.group(0).domain().iovaToPhys(0x7000)).hasValue(0x7000);
        assertThat(device("00:06.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void b6_6_withoutItsDirectMappingsANewDefaultDomainIsGivenUp() {
        driver.reserved = device -> List.of(new ReservedRegion(0x7000, 0x2000, Prot.READ | Prot.WRITE, Type.DIRECT));
        core.setDefaultDomainType(DomainType.IDENTITY);
        bootPair();
        driver.pagesLeft.set(0);
        failing(() -> core.group(0).setDefaultType(DMA), Errno.ENOMEM);
        assertThat(type()).isEqualTo(DomainType.IDENTITY);
        assertThat(core.group(0).domain().type()).isEqualTo(DomainType.IDENTITY);
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.IDENTITY);
        assertThat(driver.domainsAlive).hasValue(0);
    }

    @Test
    void b6_6_anAttachThatFailsRestoresTheOldDefaultDomain() {
        bootPair();
        var old = core.group(0).domain();
        old.map(0x10000, 0x5000, K4, Prot.READ);
        driver.onAttach = (device, part) -> {
            if (device.name().endsWith("06.1") && part.type() == DomainType.IDENTITY) {
                throw FakeDomain.error(Errno.ENOSPC);
            }
        };
        failing(() -> core.group(0).setDefaultType(IDENTITY), Errno.ENOSPC);
        assertThat(core.group(0).domain()).isSameAs(old);
        assertThat(core.group(0).defaultDomain()).contains(old);
        assertThat(hardware("00:06.0")).isSameAs(hardware("00:06.1"));
        assertThat(hardware("00:06.0").iovaToPhys(0x10000)).isEqualTo(0x5000);
        assertThat(core.domain("dmar0-identity").attached()).isEmpty();
    }

    @Test
    void b6_6_theOldDefaultDomainIsFreed() {
        bootPair();
        var old = core.group(0).domain();
        core.group(0).setDefaultType(IDENTITY);
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.IDENTITY);
        assertThat(core.domains()).doesNotContain(old);
        assertThat(driver.domainsAlive).hasValue(0);
        failing(() -> old.map(0x1000, 0x1000, K4, Prot.READ), Errno.ENODEV);
        core.group(0).setDefaultType(DMA);
        assertThat(type()).isEqualTo(DomainType.DMA);
        assertThat(core.domain("dmar0-identity").attached()).isEmpty();
        core.group(0).setDefaultType(DMA);
        assertThat(driver.domainsAlive).hasValue(1);
    }

    @Test
    void b6_7_dmaBecomesLazyUnderDriversThatAreBoundAndKeepsItsMappings() {
        bootPair();
        var domain = core.group(0).domain();
        domain.map(0x10000, 0x5000, K4, Prot.READ);
        device("00:06.0").useDefaultDomain();
        core.group(0).setDefaultType(DMA_FQ);
        assertThat(type()).isEqualTo(DomainType.DMA_FQ);
        assertThat(core.group(0).domain()).isSameAs(domain);
        assertThat(domain.iovaToPhys(0x10000)).hasValue(0x5000);
        failing(() -> core.group(0).setDefaultType(DMA), Errno.EPERM);
        device("00:06.0").unuseDefaultDomain();
        core.group(0).setDefaultType(DMA);
        assertThat(type()).isEqualTo(DomainType.DMA);
    }

    @Test
    void b6_7_withoutDeferredFlushDmaFqSilentlyIsDma() {
        core.setDefaultDomainType(DomainType.DMA_FQ);
        bootPair();
        assertThat(type()).isEqualTo(DomainType.DMA_FQ);
        core.group(0).setDefaultType(DMA);
        driver.capabilities = Set.of();
        core.group(0).setDefaultType(DMA_FQ);
        assertThat(type()).isEqualTo(DomainType.DMA);
        core.group(0).setDefaultType(IDENTITY);
        core.group(0).setDefaultType(DMA_FQ);
        assertThat(type()).isEqualTo(DomainType.DMA);
    }

    /** The row "sysfs type write" of B.3. */
    @Test
    void iommu_group_store_type_errors() {
        bootPair();
        var group = core.group(0);
        failing(() -> group.setDefaultType(Optional.of(DomainType.BLOCKED)), Errno.EINVAL);
        failing(() -> group.setDefaultType(Optional.of(DomainType.UNMANAGED)), Errno.EINVAL);

        device("00:06.1").useDefaultDomain();
        assertThat(failing(() -> group.setDefaultType(IDENTITY), Errno.EPERM)).hasMessageContaining("unbind");
        device("00:06.1").unuseDefaultDomain();
        group.claim("vmm");
        assertThat(failing(() -> group.setDefaultType(IDENTITY), Errno.EPERM)).hasMessageContaining("vmm");
        group.release("vmm");

        var domain = domainFor("00:06.0");
        group.attach(domain);
        failing(() -> group.setDefaultType(IDENTITY), Errno.EBUSY);
        group.detach();
        core.removeDriver(entry);
        failing(() -> group.setDefaultType(IDENTITY), Errno.ENODEV);
        failing(() -> group.setDefaultType(DMA_FQ), Errno.ENODEV);
        List.copyOf(machine.bus.devices()).forEach(machine.bus::remove);
        failing(() -> group.setDefaultType(IDENTITY), Errno.EPERM);
    }

    @Test
    void iommu_group_store_type_isRefusedBeforeThereIsADefaultDomain() {
        driver.onAttach = (context, part) -> {
            driver.onAttach = (again, other) -> { };
            failing(() -> core.group(0).setDefaultType(IDENTITY), Errno.EINVAL);
        };
        bootPair();
        core.group(0).setDefaultType(IDENTITY);
    }

    @Test
    void aGroupThatAbortsAfterUnbindingGetsAnotherTypeWithoutBeingLetLoose() {
        core.setAbortUnbound(true);
        bootPair();
        device("00:06.0").useDefaultDomain();
        device("00:06.0").unuseDefaultDomain();
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.BLOCKED);
        driver.onAttach = (context, part) -> {
            throw new AssertionError("attached to " + part.type());
        };
        core.group(0).setDefaultType(IDENTITY);
        assertThat(type()).isEqualTo(DomainType.IDENTITY);
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.BLOCKED);
        driver.onAttach = (context, part) -> { };
        device("00:06.1").useDefaultDomain();
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.IDENTITY);
        device("00:06.1").unuseDefaultDomain();
        core.group(0).setDefaultType(Optional.empty());
        assertThat(type()).isEqualTo(DomainType.DMA);
        assertThat(hardware("00:06.1").type()).isEqualTo(DomainType.BLOCKED);
    }

    @Test
    void aTypeThatWasChosenOutlivesTheUnitsDriver() {
        bootPair();
        core.group(0).setDefaultType(IDENTITY);
        core.removeDriver(entry);
        core.addDriver(entry);
        assertThat(type()).isEqualTo(DomainType.IDENTITY);
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.IDENTITY);
    }
}
