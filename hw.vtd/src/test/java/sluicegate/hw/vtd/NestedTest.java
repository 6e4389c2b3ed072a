package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.AttachTest.fault;
import static sluicegate.hw.vtd.Rig.RW;
import static sluicegate.hw.vtd.ScalableAttachTest.assertFails;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.PasidEntry;

/** A guest's first stage on a parent of the second. */
class NestedTest {
    private static final int NIC = 0x0010;
    private static final int DISK = 0x0118;
    private static final long SPAN = 2 << 20;

    @Test
    void whatAGuestMapsIsReachedAsFarAsItsHostLets() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = Rig.parent(unit, nic);
            parent.mapPages(0, 0, SPAN, 32, RW);
            var guest = rig.guestTable();
            guest.map(0x5000, 0x30_0000, 4096, 1, RW);
            guest.map(0x6000, 0x4000_0000, 4096, 1, RW);
            var nested = rig.nested(unit, nic, parent, guest.top());
            nested.attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x5678)).isEqualTo(0x30_0678);
            assertThat(rig.read(NIC, 0x6000)).as("the guest's page, which its host did not map")
                    .isEqualTo(fault(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED));
            assertThat(rig.read(NIC, 0x7000)).isEqualTo(fault(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT));
            unit.blockedDomain().attachDev(nic, Optional.empty());
            nested.free();
            parent.free();
            guest.free();
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @Test
    void anUnmapInTheParentReachesWhatIsCachedOfBothStages() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var disk = Rig.device(unit, "disk", DISK);
            var parent = Rig.parent(unit, nic);
            parent.mapPages(0, 0, SPAN, 32, RW);
            Rig.map(parent, 0x4000_0000, 0x30_0000, 1, RW);
            var guest = rig.guestTable();
            guest.map(0x5000, 0x4000_0000, 4096, 1, RW);
            rig.nested(unit, nic, parent, guest.top()).attachDev(nic, Optional.empty());
            parent.attachDev(disk, Optional.empty());
            assertThat(rig.read(NIC, 0x5000)).isEqualTo(0x30_0000);
            assertThat(rig.read(DISK, 0x4000_0000)).isEqualTo(0x30_0000);
            Rig.unmap(parent, 0x4000_0000, 1);
            assertThat(rig.read(NIC, 0x5000)).isEqualTo(fault(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED));
            assertThat(rig.read(DISK, 0x4000_0000)).isEqualTo(fault(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED));
        }
    }

    @Test
    void twoGuestsOnOneParentAreNotMixedUp() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var disk = Rig.device(unit, "disk", DISK);
            var parent = Rig.parent(unit, nic);
            parent.mapPages(0, 0, SPAN, 32, RW);
            var one = rig.guestTable();
            var two = rig.guestTable();
            one.map(0x5000, 0x30_0000, 4096, 1, RW);
            two.map(0x5000, 0x40_0000, 4096, 1, RW);
            rig.nested(unit, nic, parent, one.top()).attachDev(nic, Optional.empty());
            rig.nested(unit, disk, parent, two.top()).attachDev(disk, Optional.empty());
            assertThat(rig.read(NIC, 0x5000)).isEqualTo(0x30_0000);
            assertThat(rig.read(DISK, 0x5000)).isEqualTo(0x40_0000);
            assertFails(Errno.EBUSY, "still used", parent::free);
        }
    }

    @Test
    void theGuestsFlagsStandInTheEntry() {
        try (var rig = Rig.scalable().ecap(ExtendedCapabilityRegister.SRS, 1).ecap(ExtendedCapabilityRegister.EAFS, 1)
                .cap(CapabilityRegister.FS5LP, 1)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = Rig.parent(unit, nic);
            var nested = unit.domainAllocNested(nic, parent, List.of(
                    GuestFirstStage.SRE | GuestFirstStage.EAFE | GuestFirstStage.WPE, 0x10_0000L, 57L));
            nested.attachDev(nic, Optional.empty());
            long entry = unit.walk(nic, Pasid.NONE, 0).get(4).address();
            long third = rig.memory().get64(entry + 16);
            assertThat(PasidEntry.SRE.isSet(third) && PasidEntry.EAFE.isSet(third) && PasidEntry.WPE.isSet(third)).isTrue();
            assertThat(PasidEntry.FSPM.get(third)).isEqualTo(1);
            assertThat(PasidEntry.FSPTPTR.inPlace(third)).isEqualTo(0x10_0000);
        }
    }

    @Test
    void whatAGuestMayNotSayIsRefused() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = Rig.parent(unit, nic);
            var plain = Rig.domain(unit, nic);
            assertFails(Errno.EINVAL, "parent", () -> unit.domainAllocNested(nic, plain, List.of(0L, 0L, 48L)));
            assertFails(Errno.EINVAL, "three words", () -> unit.domainAllocNested(nic, parent, List.of(0L)));
            assertFails(Errno.EOPNOTSUPP, "unknown", () -> unit.domainAllocNested(nic, parent, List.of(8L, 0L, 48L)));
            assertFails(Errno.EINVAL, "SRS", () -> unit.domainAllocNested(nic, parent, List.of(1L, 0L, 48L)));
            assertFails(Errno.EINVAL, "EAFS", () -> unit.domainAllocNested(nic, parent, List.of(2L, 0L, 48L)));
            assertFails(Errno.EINVAL, "39 bits", () -> unit.domainAllocNested(nic, parent, List.of(0L, 0L, 39L)));
            assertFails(Errno.EINVAL, "57 bits", () -> unit.domainAllocNested(nic, parent, List.of(0L, 0L, 57L)));
            assertFails(Errno.EINVAL, "page", () -> unit.domainAllocNested(nic, parent, List.of(0L, 8L, 48L)));
            assertFails(Errno.EINVAL, "page", () -> unit.domainAllocNested(nic, parent, List.of(0L, 1L << 48, 48L)));
        }
        try (var rig = Rig.scalable().ecap(ExtendedCapabilityRegister.NEST, 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var plain = unit.domainAllocPaging(nic, Set.of());
            assertFails(Errno.EOPNOTSUPP, "NEST", () -> unit.domainAllocNested(nic, plain, List.of(0L, 0L, 48L)));
        }
    }

    @Test
    void theWalkShowsBothStages() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = Rig.parent(unit, nic);
            parent.mapPages(0, 0, SPAN, 32, RW);
            var guest = rig.guestTable();
            guest.map(0x5000, 0x30_0000, 4096, 1, RW);
            rig.nested(unit, nic, parent, guest.top()).attachDev(nic, Optional.empty());
            var steps = unit.walk(nic, Pasid.NONE, 0x5678);
            assertThat(steps).extracting(step -> step.entry()).startsWith("root table address register", "root entry of bus 00",
                    "context entry of 02.0", "PASID directory entry 0", "PASID entry 0",
                    "for first-stage entry of level 4: second-stage entry of level 4",
                    "for first-stage entry of level 4: second-stage entry of level 3",
                    "for first-stage entry of level 4: second-stage entry of level 2", "first-stage entry of level 4")
                    .endsWith("first-stage entry of level 1", "second-stage entry of level 4", "second-stage entry of level 3",
                            "second-stage entry of level 2");
            assertThat(steps.get(4).outcome()).startsWith("nested: first-stage table at 0x" + Long.toHexString(guest.top())
                    + " on 4-level second-stage table at 0x" + Long.toHexString(parent.table().top()));
            assertThat(steps.get(steps.size() - 1).outcome()).startsWith("0x300678, permissions rw");
        }
    }
}
