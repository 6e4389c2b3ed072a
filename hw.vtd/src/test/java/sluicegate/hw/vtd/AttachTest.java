package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.hw.vtd.Rig.RW;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.RootEntry;

class AttachTest {
    private static final int NIC = 0x0010;
    private static final int DISK = 0x0118;

    @ParameterizedTest
    @CsvSource({"true,false", "true,true", "false,false", "false,true"})
    void aDeviceReachesWhatItsDomainMapsAndNothingElse(boolean queue, boolean cachingMode) {
        try (var rig = Rig.of(queue, cachingMode)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.ROOT_ENTRY_NOT_PRESENT));
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.of(unit.blockedDomain()));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.READ_NOT_PERMITTED));
            Rig.map(domain, 0x1000, 0x20_0000, 2, RW);
            Rig.map(domain, 0x3000, 0x30_0000, 1, Prot.READ);
            assertThat(rig.read(NIC, 0x1234)).isEqualTo(0x20_0234);
            assertThat(rig.write(NIC, 0x2ff8)).isEqualTo(0x20_1ff8);
            assertThat(rig.read(NIC, 0x3000)).isEqualTo(0x30_0000);
            assertThat(rig.write(NIC, 0x3000)).isEqualTo(fault(FaultReason.WRITE_NOT_PERMITTED));
            assertThat(rig.read(DISK, 0x1000)).isEqualTo(fault(FaultReason.ROOT_ENTRY_NOT_PRESENT));
            assertThat(domain.iovaToPhys(0x1234)).isEqualTo(0x20_0234);
            var gather = new IotlbGather();
            assertThat(domain.unmapPages(0x1000, 4096, 2, gather)).isEqualTo(0x2000);
            domain.iotlbSync(gather);
            assertThat(rig.read(NIC, 0x1234)).isEqualTo(fault(FaultReason.READ_NOT_PERMITTED));
            assertThat(rig.read(NIC, 0x3000)).isEqualTo(0x30_0000);
            unit.releaseDevice(nic);
            assertThat(rig.read(NIC, 0x3000)).isEqualTo(fault(FaultReason.CONTEXT_ENTRY_NOT_PRESENT));
            domain.free();
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence, and nothing else").isEqualTo(4096);
        }
    }

    @ParameterizedTest
    @CsvSource({"true,false", "true,true", "false,false", "false,true"})
    void changingTheDomainLeavesNothingOfTheOldOne(boolean queue, boolean cachingMode) {
        try (var rig = Rig.of(queue, cachingMode)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.domain(unit, nic);
            var second = Rig.domain(unit, nic);
            Rig.map(first, 0x1000, 0x20_0000, 1, RW);
            Rig.map(second, 0x2000, 0x30_0000, 1, RW);
            first.attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            second.attachDev(nic, Optional.of(first));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.READ_NOT_PERMITTED));
            assertThat(rig.read(NIC, 0x2000)).isEqualTo(0x30_0000);
            var identity = unit.identityDomain().orElseThrow();
            identity.attachDev(nic, Optional.of(second));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x1000);
            unit.blockedDomain().attachDev(nic, Optional.of(identity));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.CONTEXT_ENTRY_NOT_PRESENT));
            first.free();
            second.free();
        }
    }

    @Test
    void writeBufferIsFlushedWhereTheUnitNeedsIt() {
        try (var rig = new Rig().cap(CapabilityRegister.RWBF, 1)) {
            var flushes = new ArrayList<Integer>();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == 0x18 && (value & 1 << 27) != 0) {
                        flushes.add(value);
                    }
                    super.write32(offset, value);
                }
            });
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            flushes.clear();
            domain.attachDev(nic, Optional.empty());
            assertThat(flushes).hasSize(1);
            Rig.map(domain, 0x1000, 0x1000, 1, RW);
            assertThat(flushes).hasSize(2).allMatch(value -> (value & 1 << 31) != 0, "translation stays on");
        }
    }

    /** The writes of the driver in order, with what hardware could read after each one. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void noContextEntryIsEverPresentAndHalfWritten(boolean cachingMode) {
        try (var rig = Rig.of(true, cachingMode)) {
            var watched = new WatchedMemory(rig.memory());
            rig.memory(real -> watched);
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = Rig.domain(unit, nic);
            var second = Rig.domain(unit, nic);
            first.attachDev(nic, Optional.empty());
            long entry = contextEntry(rig, NIC);
            var whole = List.of(
                    List.of(first.contextLow(), first.contextHigh()),
                    List.of(second.contextLow(), second.contextHigh()),
                    List.of(((VtdDomain) unit.identityDomain().orElseThrow()).contextLow(),
                            ((VtdDomain) unit.identityDomain().orElseThrow()).contextHigh()));
            var states = new ArrayList<List<Long>>();
            watched.watch(address -> {
                if (address >>> 4 == entry >>> 4) {
                    states.add(List.of(rig.memory().get64(entry), rig.memory().get64(entry + 8)));
                }
            });
            for (var next : List.of(second, unit.identityDomain().orElseThrow(), first, unit.blockedDomain(), second)) {
                next.attachDev(nic, Optional.empty());
            }
            assertThat(states).hasSizeGreaterThan(10)
                    .allSatisfy(state -> assertThat(!ContextEntry.P.isSet(state.get(0)) || whole.contains(state)).isTrue());
            assertThat(states.get(states.size() - 1)).isEqualTo(whole.get(1));
            for (int i = 1; i < states.size(); i++) {
                boolean both = ContextEntry.P.isSet(states.get(i - 1).get(0)) && ContextEntry.P.isSet(states.get(i).get(0));
                assertThat(both).as("from one present entry straight to another").isFalse();
            }
        }
    }

    @Test
    void allIdsOfADeviceGetTheDomainAndSharedOnesOutliveARelease() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            int bridge = 0x0200;
            var nic = Rig.device(unit, "nic", 0x0208, bridge);
            var disk = Rig.device(unit, "disk", 0x0210, bridge);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            domain.attachDev(nic, Optional.empty());
            domain.attachDev(disk, Optional.empty());
            for (int id : new int[] {0x0208, 0x0210, bridge}) {
                assertThat(rig.read(id, 0x1000)).isEqualTo(0x20_0000);
            }
            unit.releaseDevice(nic);
            assertThat(rig.read(0x0208, 0x1000)).isNegative();
            assertThat(rig.read(0x0210, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(bridge, 0x1000)).as("the disk still uses it").isEqualTo(0x20_0000);
            unit.releaseDevice(disk);
            assertThat(rig.read(bridge, 0x1000)).isNegative();
            domain.free();
        }
    }

    @Test
    void aDomainOfAnotherUnitDoesNotFit() {
        try (var rig = new Rig(); var other = new Rig()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var strange = Rig.domain(other.start(), nic);
            assertErrno(Errno.EINVAL, () -> strange.attachDev(nic, Optional.empty()));
            assertThat(rig.read(NIC, 0)).isNegative();
        }
    }

    @Test
    void domainIdsRunOutAndComeBack() {
        try (var rig = new Rig().cap(CapabilityRegister.ND, 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domains = new ArrayList<DriverDomain>();
            for (int i = 0; i < 14; i++) {
                domains.add(Rig.domain(unit, nic));
            }
            assertErrno(Errno.ENOSPC, () -> Rig.domain(unit, nic));
            domains.get(5).free();
            Rig.domain(unit, nic).attachDev(nic, Optional.empty());
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @Test
    void whatADomainRefuses() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            assertErrno(Errno.EBUSY, domain::free);
            for (var flag : AllocFlag.values()) {
                assertErrno(Errno.EOPNOTSUPP, () -> unit.domainAllocPaging(nic, Set.of(flag)));
            }
            assertErrno(Errno.EOPNOTSUPP, () -> domain.setDevPasid(nic, 1, Optional.empty()));
            assertErrno(Errno.EINVAL, () -> unit.identityDomain().orElseThrow().mapPages(0, 0, 4096, 1, RW));
            assertErrno(Errno.EINVAL, () -> domain.attachDev(new TestDevice("unknown", 0), Optional.empty()));
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(nic, List.of(0x1_0000)));
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(nic, List.of(1, 2)));
            assertErrno(Errno.EINVAL, () -> unit.ofXlate(nic, List.of(-1)));
            assertErrno(Errno.ENODEV, () -> unit.probeDevice(new TestDevice("without ids", 0)));
        }
    }

    @Test
    void snoopingIsForcedFromThenOnWhereTheUnitCan() {
        try (var rig = new Rig(); var plain = new Rig().ecap(ExtendedCapabilityRegister.SC, 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            assertThat(domain.enforceCacheCoherency()).isTrue();
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            var last = unit.walk(nic, -1, 0x1000).get(6);
            assertThat(last.words().get(0)).isEqualTo(0x20_0803L);

            var other = plain.start();
            var disk = Rig.device(other, "disk", DISK);
            var without = Rig.domain(other, disk);
            without.attachDev(disk, Optional.empty());
            assertThat(without.enforceCacheCoherency()).isFalse();
            Rig.map(without, 0x1000, 0x20_0000, 1, RW | Prot.CACHE);
            assertThat(plain.read(DISK, 0x1000)).as("SNP is reserved here").isEqualTo(0x20_0000);
        }
    }

    /** Of every size, and hardware must not go on with entries that it has seen before. */
    @Test
    void snoopingIsForcedOnPagesThatAreMappedAlready() {
        try (var rig = new Rig()) {
            var taps = new ArrayList<DescriptorTap>();
            rig.registers(real -> {
                taps.add(new DescriptorTap(real, rig.memory()));
                return taps.get(0);
            });
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            assertThat(domain.mapPages(0x40_0000, 0x40_0000, 0x20_0000, 1, Prot.READ)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            taps.get(0).take();
            assertThat(domain.enforceCacheCoherency()).isTrue();
            assertThat(taps.get(0).take()).extracting(DescriptorTap.Descriptor::type).containsExactly(DescriptorType.IOTLB);
            assertThat(unit.walk(nic, -1, 0x1000).get(6).words().get(0)).isEqualTo(0x20_0803L);
            assertThat(unit.walk(nic, -1, 0x40_0000).get(5).words().get(0)).isEqualTo(0x40_0881L);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 0x41_0000)).isEqualTo(0x41_0000);
        }
    }

    @Test
    void theTableHasTheDepthThatTheGuestAddressesNeed() {
        for (int[] each : new int[][] {{0b1110, 39, 3, 39}, {0b1110, 48, 4, 48}, {0b1110, 57, 5, 57}, {0b100, 39, 4, 39},
                {0b10, 48, 3, 39}, {0b1000, 48, 5, 48}}) {
            try (var rig = new Rig().cap(CapabilityRegister.SAGAW, each[0]).cap(CapabilityRegister.MGAW, each[1] - 1)) {
                var unit = rig.start();
                var nic = Rig.device(unit, "nic", NIC);
                var domain = Rig.domain(unit, nic);
                assertThat(domain.apertureEnd()).isEqualTo((1L << each[3]) - 1);
                long iova = domain.apertureEnd() - 4095;
                Rig.map(domain, iova, 0x20_0000, 1, RW);
                domain.attachDev(nic, Optional.empty());
                assertThat(rig.read(NIC, iova)).isEqualTo(0x20_0000);
                assertThat(unit.walk(nic, -1, iova)).hasSize(3 + each[2]);
            }
        }
    }

    static long contextEntry(Rig rig, int sourceId) {
        long root = rig.registers().read64(0x20);
        long contexts = RootEntry.CTP.inPlace(rig.memory().get64(root + (sourceId >>> 8) * 16L));
        return contexts + (sourceId & 0xff) * 16L;
    }

    static long fault(FaultReason reason) {
        return -reason.code();
    }

    static void assertErrno(Errno errno, Runnable call) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(call::run)
                .satisfies(e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }
}
