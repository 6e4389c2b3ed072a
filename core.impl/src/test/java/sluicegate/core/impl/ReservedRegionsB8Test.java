package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.Domain.Mapping;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.ReservedRegion.Type;

/** What reserved regions of each type do: B.8 of the semantics reference. */
class ReservedRegionsB8Test extends CoreFixture {
    private static final int RW = Prot.READ | Prot.WRITE;

    private static ReservedRegion region(long start, long length, Type type) {
        return new ReservedRegion(start, length, RW, type);
    }

    /** One region for the first of two functions of one slot. */
    private void bootPair(ReservedRegion... ofTheFirst) {
        driver.capabilities = Set.of(Capability.DEFERRED_FLUSH);
        driver.reserved = device -> device.name().endsWith("06.0") ? List.of(ofTheFirst) : List.of();
        machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
        boot();
    }

    @Test
    void aGroupHasTheRegionsOfAllMembersSortedAndMerged() {
        driver.reserved = device -> device.name().endsWith("06.0")
                ? List.of(region(0xfee00000L, 0x100000, Type.MSI), region(0x9000, 0x1000, Type.DIRECT), region(0x7000, 0x1000, Type.DIRECT))
                : List.of(region(0x8000, 0x1000, Type.DIRECT), region(0x8000, 0x1000, Type.RESERVED), region(0xfee00000L, 0x100000, Type.SW_MSI));
        machine.bus.put(machine.bus.pci("00:06.0").multi(), dmar0);
        machine.bus.put(machine.bus.pci("00:06.1").multi(), dmar0);
        boot();
        assertThat(core.group(0).reservedRegions()).extracting(Object::toString).containsExactly(
                "0x0000000000007000 0x0000000000009fff direct",
                "0x0000000000008000 0x0000000000008fff reserved",
                "0x00000000fee00000 0x00000000feefffff msi",
                "0x00000000fee00000 0x00000000feefffff msi");
        assertThat(device("00:06.0").reservedRegions()).hasSize(3);
    }

    @Test
    void directRegionsAreMappedForAllMembersAndKeepTheGroupFromBeingBlockedOrOwned() {
        bootPair(region(0x7000, 0x2000, Type.DIRECT));
        assertThat(hardware("00:06.1").iovaToPhys(0x8fff)).isEqualTo(0x8fff);
        failing(() -> core.group(0).attach(core.domain("dmar0-blocked")), Errno.EINVAL);
        failing(() -> core.group(0).claim("vmm"), Errno.EINVAL);
        core.group(0).attach(core.domain("dmar0-identity"));
        core.group(0).detach();
    }

    @Test
    void relaxableDirectRegionsAreMappedForTheHostAndFreeForOtherOwners() {
        bootPair(region(0x7000, 0x2000, Type.DIRECT_RELAXABLE));
        assertThat(hardware("00:06.0").iovaToPhys(0x7000)).isEqualTo(0x7000);
        core.group(0).claim("vmm");
        var domain = domainFor("00:06.0");
        domain.map(0x7000, 0x40000, K4, RW);
        core.group(0).attach(domain);
        domain.map(0x8000, 0x41000, K4, RW);
        core.group(0).release("vmm");
        assertThat(hardware("00:06.0").iovaToPhys(0x7000)).isEqualTo(0x7000);
    }

    @Test
    void reservedAndMsiRegionsAreMappedByNobody() {
        bootPair(region(0x7000, 0x1000, Type.RESERVED), region(0xfee00000L, 0x100000, Type.MSI));
        assertThat(core.group(0).domain().mappings()).isEmpty();
        failing(() -> core.group(0).domain().map(0x7000, 0x7000, K4, RW), Errno.EADDRINUSE);
        failing(() -> core.group(0).domain().map(0xfee00000L, 0x1000, K4, RW), Errno.EADDRINUSE);
        core.group(0).claim("vmm");
        core.group(0).release("vmm");
    }

    @Test
    void theSoftwareMsiWindowIsReservedForOwnersAndNotForTheDmaLayer() {
        bootPair(region(0x8000000, 0x100000, Type.SW_MSI));
        var domain = domainFor("00:06.0");
        core.group(0).attach(domain);
        assertThat(failing(() -> domain.map(0x8000000, 0x1000, K4, RW), Errno.EADDRINUSE)).hasMessageContaining("msi");
        core.group(0).detach();
        core.group(0).domain().map(0x8000000, 0x1000, K4, RW);
        domain.map(0x8000000, 0x1000, K4, RW);
        failing(() -> core.group(0).attach(domain), Errno.EADDRINUSE);
        core.group(0).setDefaultType(Optional.of(DomainType.DMA_FQ));
        core.group(0).domain().map(0x8010000, 0x1000, K4, RW);
    }

    @Test
    void whatJoinsAGroupGetsItsDirectMappingsBeforeItIsAttached() {
        bootPair();
        driver.reserved = device -> List.of(region(0x7000, 0x1000, Type.DIRECT));
        driver.onAttach = (device, part) -> assertThat(part.iovaToPhys(0x7000)).isEqualTo(0x7000);
        machine.bus.put(machine.bus.pci("00:06.2").multi(), dmar0);
        assertThat(device("00:06.2").state()).isEqualTo(Device.State.READY);
        assertThat(core.group(0).domain().mappings()).containsExactly(new Mapping(0x7000, 0x7000, K4, RW));
        driver.onAttach = (device, part) -> { };
    }

    /** A trap: {@code iommu_create_device_direct_mappings} takes whatever is mapped there for the firmware's memory. */
    @Test
    void aDeviceDoesNotJoinWhereSomethingElseIsMappedInItsFirmwaresPlace() {
        bootPair();
        core.group(0).domain().map(0x6000, 0x50000, 3 * K4, RW);
        driver.reserved = device -> device.name().endsWith("06.2") ? List.of(region(0x7000, 0x1000, Type.DIRECT)) : List.of();
        machine.bus.put(machine.bus.pci("00:06.2").multi(), dmar0);
        assertThat(device("00:06.2").state()).isEqualTo(Device.State.FAILED);
        assertThat(device("00:06.2").problem()).hasValueSatisfying(p -> assertThat(p).contains("firmware must find"));
        assertThat(core.group(0).devices()).hasSize(2);
        assertThat(core.group(0).domain().iovaToPhys(0x7000)).hasValue(0x51000);
    }

    @Test
    void aDirectRegionOutsideTheApertureKeepsTheDeviceFromBeingProbed() {
        driver.reserved = device -> List.of(region(1L << 50, 0x1000, Type.DIRECT));
        machine.bus.put("00:02.0", dmar0);
        boot();
        assertThat(device("00:02.0").state()).isEqualTo(Device.State.FAILED);
        assertThat(device("00:02.0").problem()).hasValueSatisfying(p -> assertThat(p).contains("aperture"));
        assertThat(core.groups()).isEmpty();
    }

    @Test
    void anIdentityDomainNeedsNoDirectMappings() {
        driver.demand = device -> Optional.of(DomainType.IDENTITY);
        bootPair(region(0x7000, 0x1000, Type.DIRECT));
        assertThat(hardware("00:06.0").type()).isEqualTo(DomainType.IDENTITY);
        assertThat(driver.domainsAlive).hasValue(0);
    }
}
