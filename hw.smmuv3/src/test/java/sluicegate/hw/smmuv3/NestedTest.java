package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.assertErrno;
import static sluicegate.hw.smmuv3.Rig.fault;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.sim.smmuv3.TranslationEngine;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** A guest with its own stage 1 on top of its host's stage 2. */
class NestedTest {
    private static final int NIC = 0x10;
    /** The guest's memory: IPA 0 on lies here. */
    private static final long GUEST = 0x400_0000;

    private static DriverDomain parent(Smmuv3Unit unit, TestDevice nic) {
        var parent = Rig.domain(unit, nic, AllocFlag.NEST_PARENT);
        parent.mapPages(0, GUEST, 1L << 21, 2, RW);
        return parent;
    }

    @Test
    void bothStagesTranslateAndAnUnmapOfTheHostIsSeen() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            Rig.map(parent, 0x80_0000, 0x600_0000, 1, RW);
            new Guest(rig, GUEST).maps(0x1_2345_6000L, 0x80_0000);
            var nested = unit.domainAllocNested(nic, parent, Guest.entry(StreamTableEntry.CONFIG_S1));
            Rig.attach(nested, nic);
            assertThat(rig.read(NIC, 0x1_2345_6008L)).isEqualTo(0x600_0008);
            assertThat(rig.read(NIC, 0x9_0000)).isEqualTo(fault(EventType.F_TRANSLATION));
            assertErrno(Errno.EBUSY, parent::free);
            assertThat(unit.walk(nic, -1, 0x1_2345_6008L)).last()
                    .satisfies(step -> assertThat(step.outcome()).isEqualTo("physical address 0x6000008"));
            Rig.unmap(parent, 0x80_0000, 1);
            assertThat(rig.read(NIC, 0x1_2345_6008L)).isEqualTo(fault(EventType.F_TRANSLATION));
            Rig.attach(unit.blockedDomain(), nic);
            parent.free();
        }
    }

    @Test
    void aGuestThatBypassesHasItsHostsStageAndOneThatAbortsNone() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            Rig.attach(unit.domainAllocNested(nic, parent, Guest.entry(StreamTableEntry.CONFIG_BYPASS)), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(GUEST + 0x1000);
            Rig.attach(unit.domainAllocNested(nic, parent, Guest.entry(StreamTableEntry.CONFIG_ABORT)), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            Rig.attach(unit.domainAllocNested(nic, parent, List.of(0L, 0L)), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            Rig.attach(parent, nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(GUEST + 0x1000);
        }
    }

    @Test
    void aGuestMaySayNothingThatIsItsHosts() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = parent(unit, nic);
            var good = Guest.entry(StreamTableEntry.CONFIG_S1);
            for (int config : new int[] {1, StreamTableEntry.CONFIG_S2, StreamTableEntry.CONFIG_NESTED}) {
                assertErrno(Errno.EIO, () -> unit.domainAllocNested(nic, parent, Guest.entry(config)));
            }
            for (var field : List.of(StreamTableEntry.STRW, StreamTableEntry.MEV, StreamTableEntry.S2FWB, StreamTableEntry.PRIVCFG,
                    StreamTableEntry.SHCFG)) {
                assertErrno(Errno.EIO, () -> unit.domainAllocNested(nic, parent,
                        List.of(good.get(0), good.get(1) | field.mask())));
            }
            assertErrno(Errno.EIO, () -> unit.domainAllocNested(nic, parent,
                    List.of(good.get(0), StreamTableEntry.EATS.set(good.get(1), StreamTableEntry.EATS_SPLIT))));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, parent, List.of(1L)));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, Rig.domain(unit, nic), good));
        }
        try (var rig = Rig.full().idr0(Idr0Register.S1P, 0).idr0(Idr0Register.HYP, 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var plain = Rig.domain(unit, nic);
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, plain, Guest.entry(StreamTableEntry.CONFIG_S1)));
        }
    }

    @Test
    void whatDevicesCachedOfBothStagesIsForgottenAsAWhole() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.probed(unit, TestDevice.rich("nic", 0), NIC);
            var parent = parent(unit, nic);
            Rig.map(parent, 0x80_0000, 0x600_0000, 1, RW);
            var entry = Guest.entry(StreamTableEntry.CONFIG_S1);
            Rig.attach(unit.domainAllocNested(nic, parent, entry), nic);
            assertThat(nic.config().atsEnabled()).as("the guest does not want it").isFalse();
            Rig.attach(unit.domainAllocNested(nic, parent,
                    List.of(entry.get(0), StreamTableEntry.EATS.set(entry.get(1), StreamTableEntry.EATS_FULL))), nic);
            assertThat(nic.config().atsEnabled()).isTrue();
            rig.toDevices.clear();
            Rig.unmap(parent, 0x80_0000, 1);
            assertThat(rig.toDevices).containsExactly("invalidate 10 all");
        }
    }
}
