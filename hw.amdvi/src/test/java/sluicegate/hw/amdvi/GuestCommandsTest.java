package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.CommandBufferTest.assertErrno;
import static sluicegate.hw.amdvi.NestedTest.GUEST;
import static sluicegate.hw.amdvi.NestedTest.GUEST_DOMAIN;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.InvalidateIotlbPagesCommand;

/** What a guest invalidates in its own unit reaches the real one, under the real numbers. */
class GuestCommandsTest {
    private static final int NIC = 0x0118;
    private static final int DISK = 0x0120;
    /** By which the guest knows the network card. */
    private static final int GUESTS_NIC = 0x0008;
    private static final long IOVA = 0x1_2345_6000L;
    private static final long OLD = 0x10_0000;
    private static final long NEW = 0x11_0000;
    private static final long GN = InvalidateIommuPagesCommand.GN.mask();
    /** Upper word for all addresses of a PASID. */
    private static final long ALL = InvalidateIommuPagesCommand.ALL_PAGES | InvalidateIommuPagesCommand.S.mask() | GN;

    private final Rig rig = Rig.full();
    private final AmdviUnit unit = rig.start();
    private final TestDevice nic = Rig.probed(unit, new TestDevice("nic").withTlb(16), NIC);
    private final TestDevice disk = Rig.device(unit, "disk", DISK);
    private final HostDomain parent = NestedTest.parent(unit, nic);
    private final DriverDomain nested = attach(nic, GUEST_DOMAIN, 0x1_0000, 0x2_0000);
    /** Another domain of the same guest. */
    private final DriverDomain other = attach(disk, GUEST_DOMAIN + 1, 0x1_1000, 0x3_0000);

    @AfterEach
    void close() {
        rig.close();
    }

    private DriverDomain attach(TestDevice device, int domain, long gcr3, long tables) {
        var entry = NestedTest.with(NestedTest.guestEntry(domain, gcr3), 1, DeviceTableEntry.I.mask(), 0);
        var made = unit.domainAllocNested(device, parent, entry);
        NestedTest.guestMaps(rig, gcr3, tables, IOVA, OLD);
        made.attachDev(device, Optional.empty());
        assertThat(rig.read(device == nic ? NIC : DISK, IOVA)).isEqualTo(GUEST + OLD);
        NestedTest.guestMaps(rig, gcr3, tables, IOVA, NEW);
        return made;
    }

    private String left() {
        return (rig.read(NIC, IOVA) == GUEST + OLD ? "old" : "new") + " " + (rig.read(DISK, IOVA) == GUEST + OLD ? "old" : "new");
    }

    private static long command(int code) {
        return CommandRecord.OPCODE.set(0, code);
    }

    private static long pages(int domain) {
        return InvalidateIommuPagesCommand.DOMAINID.set(command(CommandCode.INVALIDATE_IOMMU_PAGES), domain);
    }

    private static long deviceTlb(int device) {
        return InvalidateIotlbPagesCommand.DEVICEID.set(command(CommandCode.INVALIDATE_IOTLB_PAGES), device);
    }

    private GuestInvalidation invalidate(long... words) {
        return nested.invalidateGuest(LongStream.of(words).boxed().toList(), Map.<Integer, DeviceContext>of(GUESTS_NIC, nic));
    }

    private static void assertDone(GuestInvalidation result, int count) {
        assertThat(result).isEqualTo(new GuestInvalidation(count, Optional.empty()));
    }

    @Test
    void pagesOfADomainAreForgottenByTheGuestsNumberForIt() {
        assertThat(left()).as("nobody has said anything yet").isEqualTo("old old");
        assertDone(invalidate(pages(GUEST_DOMAIN), IOVA + 0x1000 | GN), 1);
        assertThat(left()).as("another page").isEqualTo("old old");
        assertDone(invalidate(pages(GUEST_DOMAIN), IOVA | GN), 1);
        assertThat(left()).isEqualTo("new old");
        assertDone(invalidate(pages(GUEST_DOMAIN + 1), ALL), 1);
        assertThat(left()).isEqualTo("new new");
    }

    @Test
    void whatIsNotTheGuestsIsNotForgotten() {
        var hosts = Rig.host(unit, disk);
        Rig.map(hosts, 0x1000, 0x20_0000, 1, Rig.RW);
        hosts.attachDev(disk, Optional.empty());
        assertThat(rig.read(DISK, 0x1000)).isEqualTo(0x20_0000);
        hosts.unmapPages(0x1000, 0x1000, 1, new IotlbGather());
        assertDone(invalidate(pages(hosts.id()), InvalidateIommuPagesCommand.ALL_PAGES | 1, command(CommandCode.INVALIDATE_IOMMU_ALL), 0), 2);
        assertThat(rig.read(DISK, 0x1000)).as("the number is of the unit, which the guest does not know").isEqualTo(0x20_0000);
    }

    @Test
    void allIsForgottenOfAllDomainsOfTheGuest() {
        assertDone(invalidate(command(CommandCode.INVALIDATE_IOMMU_ALL), 0), 1);
        assertThat(left()).isEqualTo("new new");
    }

    @Test
    void devicesAreToldByTheGuestsNumberForThem() {
        rig.told.clear();
        assertDone(invalidate(deviceTlb(GUESTS_NIC), IOVA | InvalidateIotlbPagesCommand.GN.mask(), deviceTlb(GUESTS_NIC), ALL), 2);
        assertThat(rig.told).as("without PASID, as they ask").containsExactly("flush 0118 -1 123456000+1000", "flush 0118 -1 0+0");
    }

    @Test
    void aDeviceWithoutATlbIsToldNothing() {
        unit.blockedDomain().attachDev(nic, Optional.empty());
        var without = unit.domainAllocNested(nic, parent, NestedTest.guestEntry(GUEST_DOMAIN, 0x1_0000));
        without.attachDev(nic, Optional.empty());
        assertThat(nic.atsEnabled()).as("the guest does not want it").isFalse();
        rig.told.clear();
        assertDone(invalidate(deviceTlb(GUESTS_NIC), IOVA, command(CommandCode.INVALIDATE_IOMMU_ALL), 0), 2);
        Rig.unmap(parent, 0, 512);
        assertThat(rig.told).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {CommandCode.COMPLETION_WAIT, CommandCode.INVALIDATE_DEVTAB_ENTRY, CommandCode.INVALIDATE_INTERRUPT_TABLE,
        CommandCode.COMPLETE_PPR_REQUEST, CommandCode.INSERT_GUEST_EVENT, 0, 15})
    void whatAGuestMayNotSayEndsItsCommands(int code) {
        assertRefused("a guest may invalidate", invalidate(pages(GUEST_DOMAIN), IOVA | GN, command(code), 0, pages(GUEST_DOMAIN + 1), ALL));
        assertThat(left()).as("what came before is done, what comes after is not").isEqualTo("new old");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertErrno(Errno.EINVAL, () -> invalidate(pages(GUEST_DOMAIN)));
        var good = List.of(pages(GUEST_DOMAIN), IOVA | GN);
        assertRefused("reserved", invalidate(good.get(0), good.get(1), pages(GUEST_DOMAIN) | 1L << 20, 0));
        assertRefused("reserved", invalidate(good.get(0), good.get(1), pages(GUEST_DOMAIN), 1L << 3));
        assertRefused("no device 0120", invalidate(good.get(0), good.get(1), deviceTlb(DISK), 0));
        assertRefused("TYPE", invalidate(good.get(0), good.get(1), deviceTlb(GUESTS_NIC), InvalidateIotlbPagesCommand.TYPE.set(0, 1)));
        assertDone(invalidate(), 0);
        assertDone(other.invalidateGuest(good, Map.of()), 1);
    }

    private static void assertRefused(String why, GuestInvalidation result) {
        assertThat(result.done()).isEqualTo(1);
        assertThat(result.refused().map(IommuException::errno)).contains(Errno.EIO);
        assertThat(result.refused().orElseThrow()).hasMessageContaining("command 1 of a guest").hasMessageContaining(why);
    }
}
