package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.assertErrno;
import static sluicegate.hw.smmuv3.Rig.fault;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.smmuv3.TranslationEngine;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr5Register;

/** What every unit does, minimal or full: devices, domains, mappings. */
class AttachTest {
    private static final int NIC = 0x10;
    private static final int DISK = 0x18;

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void aLifeFromProbeToRelease(String kind) {
        try (var rig = Rig.of(kind)) {
            var unit = rig.start();
            long bound = rig.arena().allocatedBytes();
            var nic = Rig.device(unit, "nic", NIC);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 2, RW);
            Rig.map(domain, 0x3000, 0x30_0000, 1, Prot.READ);
            Rig.attach(domain, nic);
            assertThat(rig.read(NIC, 0x1234)).isEqualTo(0x20_0234);
            assertThat(rig.write(NIC, 0x2008)).isEqualTo(0x20_1008);
            assertThat(rig.read(NIC, 0x3000)).isEqualTo(0x30_0000);
            assertThat(rig.write(NIC, 0x3000)).isEqualTo(fault(EventType.F_PERMISSION));
            assertThat(rig.read(NIC, 0x4000)).isEqualTo(fault(EventType.F_TRANSLATION));
            assertThat(domain.iovaToPhys(0x1234)).isEqualTo(0x20_0234);
            Rig.unmap(domain, 0x1000, 2);
            assertThat(rig.read(NIC, 0x1234)).isEqualTo(fault(EventType.F_TRANSLATION));
            assertThat(rig.read(NIC, 0x3000)).isEqualTo(0x30_0000);
            unit.releaseDevice(nic);
            assertThat(rig.read(NIC, 0x3000)).isEqualTo(TranslationEngine.ABORTED);
            domain.free();
            long leaf = kind.equals("full") ? 64 << 8 : 0;
            assertThat(rig.arena().allocatedBytes()).as("the leaf of the stream table stays").isEqualTo(bound + leaf);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence, and nothing else").isEqualTo(4096);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void changingTheDomainLeavesNothingOfTheOldOne(String kind) {
        try (var rig = Rig.of(kind)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.domain(unit, nic);
            var second = Rig.domain(unit, nic);
            Rig.map(first, 0x1000, 0x20_0000, 1, RW);
            Rig.map(second, 0x2000, 0x30_0000, 1, RW);
            Rig.attach(first, nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            Rig.attach(second, nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(EventType.F_TRANSLATION));
            assertThat(rig.read(NIC, 0x2000)).isEqualTo(0x30_0000);
            var identity = unit.identityDomain().orElseThrow();
            Rig.attach(identity, nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x1000);
            Rig.attach(unit.blockedDomain(), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            Rig.attach(first, nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            Rig.attach(unit.blockedDomain(), nic);
            first.free();
            second.free();
        }
    }

    /** The same between stages, whose entries differ in several words: from each to each. */
    @Test
    void noRequestIsLostWhileTheStageChanges() {
        try (var rig = Rig.full()) {
            var watched = new WatchedMemory(rig.memory());
            rig.memory(real -> watched);
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var answers = new HashSet<Long>();
            var domains = new ArrayList<DriverDomain>();
            for (int i = 0; i < 3; i++) {
                var domain = i == 0 ? Rig.domain(unit, nic) : Rig.domain(unit, nic, AllocFlag.NEST_PARENT);
                Rig.map(domain, 0x1000, 0x20_0000 + 0x1000 * i, 1, RW);
                domains.add(domain);
            }
            Rig.attach(domains.get(0), nic);
            long bytes = rig.arena().allocatedBytes();
            watched.watch(address -> {
                answers.add(rig.read(NIC, 0x1000));
                // What hardware would find that has nothing cached.
                var found = unit.walk(nic, -1, 0x1000);
                answers.add(Long.decode(found.get(found.size() - 1).outcome().replaceFirst("physical address ", "")));
            });
            for (int next : new int[] {1, 2, 1, 0}) {
                Rig.attach(domains.get(next), nic);
                assertThat(rig.read(NIC, 0x1000)).as("domain %d", next).isEqualTo(0x20_0000 + 0x1000 * next);
            }
            assertThat(answers).containsExactlyInAnyOrder(0x20_0000L, 0x20_1000L, 0x20_2000L);
            assertThat(rig.arena().allocatedBytes()).as("a table that was replaced is given back").isEqualTo(bytes);
        }
    }

    /** After each single store of the driver hardware reads, and finds the old domain or the new one, never neither. */
    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void noRequestIsLostWhileTheDomainChanges(String kind) {
        try (var rig = Rig.of(kind)) {
            var watched = new WatchedMemory(rig.memory());
            rig.memory(real -> watched);
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.domain(unit, nic);
            var second = Rig.domain(unit, nic);
            Rig.map(first, 0x1000, 0x20_0000, 1, RW);
            Rig.map(second, 0x1000, 0x30_0000, 1, RW);
            Rig.attach(first, nic);
            var answers = new ArrayList<Long>();
            watched.watch(address -> answers.add(rig.read(NIC, 0x1000)));
            var identity = unit.identityDomain().orElseThrow();
            for (var next : List.of(second, first, identity, second, identity, first)) {
                Rig.attach(next, nic);
            }
            assertThat(answers).hasSizeGreaterThan(20).allMatch(answer -> List.of(0x20_0000L, 0x30_0000L, 0x1000L).contains(answer));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void pagesOfAllSizesComeAndGo(String kind) {
        try (var rig = Rig.of(kind)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            Rig.attach(domain, nic);
            assertThat(domain.pageSizes()).isEqualTo(0x4020_1000L);
            assertThat(domain.mapPages(0x4000_0000L, 0x4000_0000L, 1L << 30, 1, RW)).isEqualTo(1L << 30);
            assertThat(domain.mapPages(0x1_0020_0000L, 0x60_0000, 1L << 21, 2, RW)).isEqualTo(4L << 20);
            Rig.map(domain, 0x1_0060_0000L, 0x80_0000, 3, RW);
            long last = domain.apertureEnd() - 4095;
            Rig.map(domain, last, 0x90_0000, 1, RW);
            assertThat(rig.read(NIC, 0x7fff_fff8L)).isEqualTo(0x7fff_fff8L);
            assertThat(rig.read(NIC, 0x1_005f_fff8L)).isEqualTo(0x9f_fff8);
            assertThat(rig.read(NIC, 0x1_0060_2000L)).isEqualTo(0x80_2000);
            assertThat(rig.read(NIC, last)).isEqualTo(0x90_0000);
            var gather = new IotlbGather();
            assertThat(domain.unmapPages(0x4000_0000L, 1L << 30, 1, gather)).isEqualTo(1L << 30);
            assertThat(domain.unmapPages(0x1_0020_0000L, 4096, 1024 + 3, gather)).isEqualTo((4 << 20) + 3 * 4096);
            domain.iotlbSync(gather);
            for (long gone : new long[] {0x4000_0000L, 0x7fff_fff8L, 0x1_0020_0000L, 0x1_005f_fff8L, 0x1_0060_2000L}) {
                assertThat(rig.read(NIC, gone)).isEqualTo(fault(EventType.F_TRANSLATION));
            }
            assertThat(rig.read(NIC, last)).isEqualTo(0x90_0000);
        }
    }

    /** Of any range, each page is forgotten, whatever the commands are that name it. */
    @ParameterizedTest
    @CsvSource({"minimal,1", "minimal,2", "minimal,64", "minimal,300", "minimal,513", "full,1", "full,2", "full,31", "full,33",
        "full,64", "full,513", "full,1057"})
    void everyPageOfARangeIsForgotten(String kind, int pages) {
        try (var rig = Rig.of(kind)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            Rig.attach(domain, nic);
            long base = 0x1234_5000L;
            Rig.map(domain, base - 4096, 0x100_0000, pages + 2, RW);
            for (int i = -1; i <= pages; i++) {
                assertThat(rig.read(NIC, base + i * 4096L)).isEqualTo(0x100_1000 + i * 4096L);
            }
            Rig.unmap(domain, base, pages);
            for (int i = 0; i < pages; i++) {
                assertThat(rig.read(NIC, base + i * 4096L)).as("page " + i).isEqualTo(fault(EventType.F_TRANSLATION));
            }
            assertThat(rig.read(NIC, base - 4096)).isEqualTo(0x100_0000);
            assertThat(rig.read(NIC, base + pages * 4096L)).isEqualTo(0x100_1000 + pages * 4096L);
        }
    }

    @Test
    void aDetachedDomainNeedsNoInvalidationAndKeepsItsMappings() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            int before = rig.registers().read32(CmdqProdRegister.OFFSET);
            Rig.map(domain, 0x1000, 0x20_0000, 2, RW);
            Rig.unmap(domain, 0x1000, 1);
            domain.flushIotlbAll();
            assertThat(rig.registers().read32(CmdqProdRegister.OFFSET)).isEqualTo(before);
            Rig.attach(domain, nic);
            assertThat(rig.read(NIC, 0x2000)).isEqualTo(0x20_1000);
        }
    }

    @Test
    void granulesOf16And64KiBAreUsedWhereThereIsNoOther() {
        for (int[] each : new int[][] {{14, 0}, {16, 1}}) {
            try (var rig = Rig.full().idr5(Idr5Register.GRAN4K, 0).idr5(Idr5Register.GRAN16K, each[0] == 14 ? 1 : 0)) {
                var unit = rig.start();
                var nic = Rig.device(unit, "nic", NIC);
                long page = 1L << each[0];
                for (var flags : List.of(Set.<AllocFlag>of(), Set.of(AllocFlag.NEST_PARENT))) {
                    var domain = unit.domainAllocPaging(nic, flags);
                    assertThat(domain.mapPages(8 * page, 0x100_0000, page, 33, RW)).isEqualTo(33 * page);
                    Rig.attach(domain, nic);
                    assertThat(rig.read(NIC, 40 * page + 8)).isEqualTo(0x100_0000 + 32 * page + 8);
                    var gather = new IotlbGather();
                    assertThat(domain.unmapPages(8 * page, page, 33, gather)).isEqualTo(33 * page);
                    domain.iotlbSync(gather);
                    assertThat(rig.read(NIC, 40 * page + 8)).isEqualTo(fault(EventType.F_TRANSLATION));
                }
            }
        }
    }

    @Test
    void aUnitWithStage2OnlyTranslatesWithThat() {
        try (var rig = Rig.full().idr0(Idr0Register.S1P, 0).idr0(Idr0Register.HYP, 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 64, RW);
            Rig.attach(domain, nic);
            assertThat(rig.read(NIC, 0x3_f008)).isEqualTo(0x23_e008);
            Rig.unmap(domain, 0x1000, 63);
            assertThat(rig.read(NIC, 0x3_f008)).isEqualTo(fault(EventType.F_TRANSLATION));
            assertThat(rig.read(NIC, 0x4_0000)).isEqualTo(0x23_f000);
            assertThat(unit.maxPasids()).isZero();
            assertErrno(Errno.EOPNOTSUPP, () -> Rig.domain(unit, nic, AllocFlag.NEST_PARENT));
            Rig.attach(unit.identityDomain().orElseThrow(), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x1000);
        }
    }

    @Test
    void allStreamsOfADeviceGetTheDomainAndSharedOnesOutliveARelease() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            int bridge = 0x0200;
            var nic = Rig.device(unit, "nic", 0x0208, bridge);
            var disk = Rig.device(unit, "disk", 0x0210, bridge);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            Rig.attach(domain, disk);
            Rig.attach(domain, nic);
            for (int id : new int[] {0x0208, 0x0210, bridge}) {
                assertThat(rig.read(id, 0x1000)).isEqualTo(0x20_0000);
            }
            unit.releaseDevice(nic);
            assertThat(rig.read(0x0208, 0x1000)).isNegative();
            assertThat(rig.read(0x0210, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(bridge, 0x1000)).as("the disk still uses it").isEqualTo(0x20_0000);
            Rig.unmap(domain, 0x1000, 1);
            assertThat(rig.read(bridge, 0x1000)).isEqualTo(fault(EventType.F_TRANSLATION));
            unit.releaseDevice(disk);
            assertThat(rig.read(bridge, 0x1000)).isNegative();
            domain.free();
        }
    }

    @Test
    void badDescriptionsOfDevicesAreErrorsOfThoseDevices() {
        try (var rig = Rig.minimal()) {
            var unit = rig.start();
            var good = Rig.probed(unit, TestDevice.platform("ethernet", Map.of()), 0x3f);
            assertThatExceptionOfType(IommuException.class).isThrownBy(() -> unit.ofXlate(TestDevice.pci("far"), List.of(0x40)))
                    .withMessageContaining("stream id 0x40 of far").withMessageContaining("0x3f")
                    .matches(e -> e.errno() == Errno.EINVAL);
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(TestDevice.pci("far"), List.of(-1)));
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(TestDevice.pci("two"), List.of(1, 2)));
            assertErrno(Errno.ENODEV, () -> unit.probeDevice(TestDevice.pci("without ids")));
            var twice = TestDevice.platform("mmc", Map.of());
            unit.ofXlate(twice, List.of(0x3e));
            unit.ofXlate(twice, List.of(0x3f));
            assertThatExceptionOfType(IommuException.class).isThrownBy(() -> unit.probeDevice(twice))
                    .withMessageContaining("mmc").withMessageContaining("ethernet").matches(e -> e.errno() == Errno.EEXIST);
            assertThat(rig.read(0x3e, 0)).isNegative();
            Rig.attach(unit.identityDomain().orElseThrow(), good);
            assertThat(rig.read(0x3f, 0x5000)).isEqualTo(0x5000);
        }
    }

    @Test
    void tagsRunOutAndComeBack() {
        try (var rig = Rig.minimal()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domains = new ArrayList<DriverDomain>();
            for (int i = 1; i < 256; i++) {
                domains.add(Rig.domain(unit, nic));
            }
            assertErrno(Errno.ENOSPC, () -> Rig.domain(unit, nic));
            domains.get(5).free();
            Rig.attach(Rig.domain(unit, nic), nic);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @Test
    void whatADomainRefuses() {
        try (var rig = Rig.minimal(); var other = Rig.minimal()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            Rig.attach(domain, nic);
            assertErrno(Errno.EBUSY, domain::free);
            for (var flag : AllocFlag.values()) {
                assertErrno(Errno.EOPNOTSUPP, () -> unit.domainAllocPaging(nic, Set.of(flag)));
            }
            assertErrno(Errno.EOPNOTSUPP, () -> domain.setDevPasid(nic, 1, Optional.empty()));
            var identity = unit.identityDomain().orElseThrow();
            assertErrno(Errno.EINVAL, () -> identity.mapPages(0, 0, 4096, 1, RW));
            assertErrno(Errno.EOPNOTSUPP, () -> identity.setDevPasid(nic, 1, Optional.empty()));
            assertErrno(Errno.EINVAL, () -> Rig.attach(domain, TestDevice.pci("unknown")));
            assertErrno(Errno.EINVAL, () -> unit.domainAllocNested(nic, domain, List.of(0L, 0L)));
            var strange = Rig.domain(other.start(), nic);
            assertErrno(Errno.EINVAL, () -> Rig.attach(strange, nic));
            assertThat(unit.capable(nic, Capability.DIRTY_TRACKING)).isFalse();
            assertThat(unit.capable(nic, Capability.PCI_ATS_SUPPORTED)).isFalse();
            assertThat(unit.capable(nic, Capability.DEFERRED_FLUSH)).isTrue();
        }
    }

    /** The hardware does not answer during an attach: the device is where it was, and everything can be freed later. */
    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void anAttachThatFailsChangesNothing(String kind) {
        try (var rig = Rig.of(kind)) {
            var deaf = new AtomicBoolean();
            rig.registers(real -> WindowFilter.deaf(real, CmdqProdRegister.OFFSET, deaf));
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.domain(unit, nic);
            var second = Rig.domain(unit, nic);
            Rig.map(first, 0x1000, 0x20_0000, 1, RW);
            Rig.map(second, 0x1000, 0x30_0000, 1, RW);
            Rig.attach(first, nic);
            deaf.set(true);
            assertErrno(Errno.ETIMEDOUT, () -> Rig.attach(second, nic));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertErrno(Errno.EBUSY, second::free);
            deaf.set(false);
            Rig.attach(unit.blockedDomain(), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            first.free();
            second.free();
        }
    }

    @Test
    void blockingGoesOnOverErrors() {
        try (var rig = Rig.full()) {
            var deaf = new AtomicBoolean();
            rig.registers(real -> WindowFilter.deaf(real, CmdqProdRegister.OFFSET, deaf));
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC, DISK);
            var domain = Rig.domain(unit, nic);
            Rig.attach(domain, nic);
            deaf.set(true);
            assertErrno(Errno.ETIMEDOUT, () -> Rig.attach(unit.blockedDomain(), nic));
            assertErrno(Errno.EBUSY, domain::free);
            deaf.set(false);
            Rig.attach(unit.blockedDomain(), nic);
            domain.free();
            assertThat(rig.read(NIC, 0)).isEqualTo(TranslationEngine.ABORTED);
            assertThat(rig.read(DISK, 0)).isEqualTo(TranslationEngine.ABORTED);
            assertThat(rig.registers().read32(GerrorRegister.OFFSET)).isZero();
        }
    }

    @Test
    void wideStreamTablesHaveTwoLevelsAndTheirLastStreamWorks() {
        try (var rig = Rig.full().idr1(Idr1Register.SIDSIZE, 24)) {
            var unit = rig.start();
            var far = Rig.device(unit, "far", 0xff_ffff);
            Rig.attach(unit.identityDomain().orElseThrow(), far);
            assertThat(rig.read(0xff_ffff, 0x1000)).isEqualTo(0x1000);
            assertThat(rig.read(0xff_fffe, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            assertThat(rig.read(0x10, 0x1000)).isEqualTo(fault(EventType.C_BAD_STREAMID));
        }
        try (var rig = Rig.full().idr1(Idr1Register.SIDSIZE, 32)) {
            var unit = rig.start();
            var last = Rig.device(unit, "last", 0x1ff_ffff);
            Rig.attach(unit.identityDomain().orElseThrow(), last);
            assertThat(rig.read(0x1ff_ffff, 0x1000)).isEqualTo(0x1000);
            for (int beyond : new int[] {0x200_0000, 0x8000_0000, 0xffff_ffff}) {
                assertErrno(Errno.EINVAL, () -> Rig.device(unit, "beyond", beyond));
                assertThat(rig.read(beyond, 0x1000)).isEqualTo(fault(EventType.C_BAD_STREAMID));
            }
        }
        try (var rig = Rig.full().idr1(Idr1Register.SIDSIZE, 8)) {
            var unit = rig.start();
            var last = Rig.device(unit, "last", 0xff);
            Rig.attach(unit.identityDomain().orElseThrow(), last);
            assertThat(rig.read(0xff, 0x1000)).isEqualTo(0x1000);
            assertThat(rig.read(0x100, 0x1000)).isEqualTo(fault(EventType.C_BAD_STREAMID));
        }
    }

    /** The entry was written but its invalidation was lost: writing it again must not count as done. */
    @Test
    void whatHardwareMissedIsToldAgain() {
        try (var rig = Rig.full()) {
            var lost = new AtomicBoolean();
            rig.memory(real -> new WatchedMemory(real) {
                @Override
                public void set64Release(long address, long value) {
                    boolean configuration = CommandOpcode.of(value) == CommandOpcode.CFGI_STE && (address & 0xf) == 0;
                    super.set64Release(address, lost.get() && configuration ? 0xff : value);
                }
            });
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            Rig.attach(unit.identityDomain().orElseThrow(), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x1000);
            lost.set(true);
            assertErrno(Errno.EINVAL, () -> Rig.attach(unit.blockedDomain(), nic));
            assertThat(rig.read(NIC, 0x1000)).as("cached").isEqualTo(0x1000);
            lost.set(false);
            Rig.attach(unit.blockedDomain(), nic);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
        }
    }
}
