package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.assertErrno;
import static sluicegate.hw.smmuv3.Rig.fault;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.smmuv3.TranslationEngine;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** Address spaces of devices that send PASIDs, beside what their other requests get. */
class PasidTest {
    private static final int NIC = 0x10;

    private static TestDevice nic(Smmuv3Unit unit, int bits) {
        return Rig.probed(unit, TestDevice.rich("nic", bits), NIC);
    }

    private static DriverDomain mapped(Smmuv3Unit unit, TestDevice device, long address) {
        var domain = Rig.domain(unit, device, AllocFlag.PASID);
        Rig.map(domain, 0x1000, address, 1, RW);
        return domain;
    }

    private static void set(DriverDomain domain, TestDevice device, int pasid) {
        domain.setDevPasid(device, pasid, Optional.empty());
    }

    /** Of the entry in memory: what becomes of requests without a PASID. */
    private static long config(Smmuv3Unit unit, TestDevice device) {
        var step = unit.walk(device, -1, 0).stream().filter(each -> each.entry().equals("stream table entry")).findFirst();
        return StreamTableEntry.CONFIG.get(step.orElseThrow().words().get(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 10, 16, 20})
    void everyPasidHasItsOwnAddressSpace(int bits) {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            long bound = rig.arena().allocatedBytes();
            assertThat(unit.maxPasids()).isEqualTo(1 << 20);
            var nic = nic(unit, bits);
            assertThat(nic.config().pasidEnabled()).isTrue();
            var own = mapped(unit, nic, 0x20_0000);
            Rig.attach(own, nic);
            int last = (1 << bits) - 1;
            var first = mapped(unit, nic, 0x30_0000);
            var other = mapped(unit, nic, 0x40_0000);
            set(first, nic, 1);
            set(other, nic, last);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 1, 0x1000)).isEqualTo(last == 1 ? 0x40_0000 : 0x30_0000);
            assertThat(rig.read(NIC, last, 0x1000)).isEqualTo(0x40_0000);
            assertThat(rig.read(NIC, last + 1, 0x1000)).isEqualTo(fault(EventType.C_BAD_SUBSTREAMID));
            Rig.unmap(other, 0x1000, 1);
            assertThat(rig.read(NIC, last, 0x1000)).isEqualTo(fault(EventType.F_TRANSLATION));
            set(unit.blockedDomain(), nic, last);
            assertThat(rig.read(NIC, last, 0x1000)).isNegative();
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            unit.releaseDevice(nic);
            assertThat(nic.config().pasidEnabled()).isFalse();
            own.free();
            first.free();
            other.free();
            assertThat(rig.arena().allocatedBytes()).as("all but the leaf of the stream table").isEqualTo(bound + (64 << 8));
        }
    }

    @Test
    void besideIdentityAndBlockedTheEntryLeadsToDescriptorsOnlyAsLongAsThereArePasids() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = nic(unit, 8);
            var space = mapped(unit, nic, 0x30_0000);
            var identity = unit.identityDomain().orElseThrow();
            Rig.attach(identity, nic);
            set(space, nic, 5);
            assertThat(config(unit, nic)).isEqualTo(StreamTableEntry.CONFIG_S1);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x1000);
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(0x30_0000);
            assertThat(rig.read(NIC, 6, 0x1000)).isEqualTo(fault(EventType.C_BAD_CD));
            Rig.attach(unit.blockedDomain(), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(EventType.F_STREAM_DISABLED));
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(0x30_0000);
            Rig.attach(identity, nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x1000);
            set(unit.blockedDomain(), nic, 5);
            assertThat(config(unit, nic)).isEqualTo(StreamTableEntry.CONFIG_BYPASS);
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(fault(EventType.C_BAD_SUBSTREAMID));
            Rig.attach(unit.blockedDomain(), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            space.free();
        }
    }

    /** Tables and ASID are in two words of a descriptor; nevertheless a request meets the old domain or the new one. */
    @ParameterizedTest
    @ValueSource(ints = {8, 20})
    void theDomainOfAPasidIsReplacedWithoutALostRequestAndTheOldOneIsFree(int bits) {
        try (var rig = Rig.full()) {
            var watched = new WatchedMemory(rig.memory());
            rig.memory(real -> watched);
            var unit = rig.start();
            var nic = nic(unit, bits);
            var first = mapped(unit, nic, 0x30_0000);
            var second = mapped(unit, nic, 0x40_0000);
            set(first, nic, 5);
            Rig.attach(first, nic);
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(0x30_0000);
            long bytes = rig.arena().allocatedBytes();
            var answers = new HashSet<String>();
            watched.watch(address -> {
                for (int pasid : new int[] {5, -1}) {
                    answers.add(Long.toHexString(rig.read(NIC, pasid, 0x1000)));
                    // What hardware would find that has nothing cached.
                    var found = unit.walk(nic, pasid, 0x1000);
                    answers.add(found.get(found.size() - 1).outcome().replaceFirst("physical address 0x", ""));
                }
            });
            second.setDevPasid(nic, 5, Optional.of(first));
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(0x40_0000);
            Rig.attach(second, nic);
            assertThat(answers).containsExactlyInAnyOrder("300000", "400000");
            assertThat(rig.arena().allocatedBytes()).as("a table that was replaced is given back").isEqualTo(bytes);
            watched.watch(address -> {});
            first.free();
            assertErrno(Errno.EBUSY, second::free);
            set(unit.blockedDomain(), nic, 5);
            set(unit.blockedDomain(), nic, 5);
            Rig.attach(unit.blockedDomain(), nic);
            second.free();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void aPasidWhoseAddressSpaceEndsIsRefusedInSilenceUntilItIsBlocked(int bits) {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = nic(unit, bits);
            var own = mapped(unit, nic, 0x20_0000);
            Rig.attach(own, nic);
            var space = mapped(unit, nic, 0x30_0000);
            set(space, nic, 5);
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(0x30_0000);
            rig.toDevices.clear();
            space.spaceEnded(nic, 5, unit.blockedDomain());
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            assertThat(rig.read(NIC, 5, 0x9000)).isEqualTo(TranslationEngine.ABORTED);
            assertThat(rig.toDevices).contains("invalidate 10/5 all");
            assertThat(rig.faults).isEmpty();
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertErrno(Errno.EBUSY, space::free);
            set(unit.blockedDomain(), nic, 5);
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(fault(EventType.C_BAD_CD));
            space.free();
            own.spaceEnded(nic, 5, unit.blockedDomain());
            assertThat(rig.read(NIC, 5, 0x1000)).as("the PASID was not its own").isEqualTo(fault(EventType.C_BAD_CD));
        }
    }

    @Test
    void aRequestWithPasidZeroFindsNothingOfTheDevicesOwnDomain() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = nic(unit, 8);
            var own = mapped(unit, nic, 0x20_0000);
            Rig.attach(own, nic);
            assertThat(rig.read(NIC, 0, 0x1000)).isEqualTo(fault(EventType.F_STREAM_DISABLED));
            set(mapped(unit, nic, 0x30_0000), nic, 1);
            Rig.attach(unit.identityDomain().orElseThrow(), nic);
            assertThat(rig.read(NIC, 0, 0x1000)).as("the descriptor of the domain that it has left").isEqualTo(fault(EventType.C_BAD_CD));
            own.free();
        }
    }

    @Test
    void whatPasidsRefuse() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = nic(unit, 8);
            var space = mapped(unit, nic, 0x30_0000);
            var parent = unit.domainAllocPaging(nic, Set.of(AllocFlag.NEST_PARENT));
            assertErrno(Errno.EINVAL, () -> set(space, nic, 0));
            assertErrno(Errno.EINVAL, () -> set(space, nic, 256));
            assertErrno(Errno.EINVAL, () -> set(space, nic, -1));
            assertErrno(Errno.EOPNOTSUPP, () -> set(parent, nic, 1));
            assertErrno(Errno.EOPNOTSUPP, () -> set(unit.identityDomain().orElseThrow(), nic, 1));
            Rig.attach(parent, nic);
            assertErrno(Errno.EINVAL, () -> set(space, nic, 1));
            Rig.attach(unit.blockedDomain(), nic);
            set(space, nic, 1);
            assertErrno(Errno.EBUSY, () -> Rig.attach(parent, nic));
            assertThat(rig.read(NIC, 1, 0x1000)).isEqualTo(0x30_0000);
            parent.free();
            var plain = Rig.device(unit, "plain", 0x20);
            assertErrno(Errno.EOPNOTSUPP, () -> set(space, plain, 1));
        }
    }

    @Test
    void aUnitWithoutTwoLevelsOfDescriptorsOffersAsManyPasidsAsFitInOne() {
        try (var rig = Rig.full().idr0(Idr0Register.CD2L, 0)) {
            var unit = rig.start();
            assertThat(unit.maxPasids()).isEqualTo(1 << 12);
            var nic = nic(unit, 20);
            var space = mapped(unit, nic, 0x30_0000);
            set(space, nic, 4095);
            assertThat(rig.read(NIC, 4095, 0x1000)).isEqualTo(0x30_0000);
            assertErrno(Errno.EINVAL, () -> set(space, nic, 4096));
        }
    }

    /** The queue is deaf during a change: nothing has changed when it fails, and all can be freed when it hears again. */
    @Test
    void whatFailsIsRolledBackAndAReleaseGoesOnOverErrors() {
        try (var rig = Rig.full()) {
            var deaf = new AtomicBoolean();
            rig.registers(real -> WindowFilter.deaf(real, CmdqProdRegister.OFFSET, deaf));
            var unit = rig.start();
            var nic = nic(unit, 8);
            var own = mapped(unit, nic, 0x20_0000);
            var other = mapped(unit, nic, 0x40_0000);
            var space = mapped(unit, nic, 0x30_0000);
            Rig.attach(own, nic);
            deaf.set(true);
            assertErrno(Errno.ETIMEDOUT, () -> Rig.attach(other, nic));
            assertErrno(Errno.ETIMEDOUT, () -> set(space, nic, 5));
            deaf.set(false);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 5, 0x1000)).isNegative();
            assertErrno(Errno.EBUSY, other::free);
            set(space, nic, 5);
            assertThat(rig.read(NIC, 5, 0x1000)).isEqualTo(0x30_0000);
            deaf.set(true);
            assertErrno(Errno.ETIMEDOUT, () -> unit.releaseDevice(nic));
            assertThat(nic.config().atsEnabled()).isFalse();
            assertThat(nic.config().pasidEnabled()).isFalse();
            assertErrno(Errno.EBUSY, own::free);
            deaf.set(false);
            unit.invalidator().everything(false);
            assertThat(rig.read(NIC, 0x1000)).as("in memory the entry aborts").isEqualTo(TranslationEngine.ABORTED);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence, and nothing else").isEqualTo(4096);
        }
    }
}
