package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.hw.vtd.AttachTest.fault;
import static sluicegate.hw.vtd.Rig.RW;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WatchedMemory;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** Domains of all kinds in scalable mode, and how devices change between them. */
class ScalableAttachTest {
    private static final int NIC = 0x0010;
    private static final int DISK = 0x0118;

    private WatchedMemory watched;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeviceReachesWhatItsFirstStageMapsAndNothingElse(boolean cachingMode) {
        try (var rig = Rig.scalable().cap(CapabilityRegister.CM, cachingMode ? 1 : 0)) {
            var unit = rig.start();
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT));
            var nic = Rig.device(unit, "nic", NIC);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.PASID_ENTRY_NOT_PRESENT));
            var domain = Rig.domain(unit, nic);
            assertThat(domain).isInstanceOf(FirstStageDomain.class);
            domain.attachDev(nic, Optional.of(unit.blockedDomain()));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT));
            Rig.map(domain, 0x1000, 0x20_0000, 2, RW);
            Rig.map(domain, 0x3000, 0x30_0000, 1, Prot.READ);
            assertThat(rig.read(NIC, 0x1234)).isEqualTo(0x20_0234);
            assertThat(rig.write(NIC, 0x2ff8)).isEqualTo(0x20_1ff8);
            assertThat(rig.write(NIC, 0x3000)).isEqualTo(fault(FaultReason.SM_WRITE_NOT_PERMITTED));
            assertThat(rig.read(DISK, 0x1000)).isEqualTo(fault(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT));
            assertThat(rig.read(NIC, 3, 0x1000)).isEqualTo(fault(FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE));
            Rig.unmap(domain, 0x1000, 2);
            assertThat(rig.read(NIC, 0x1234)).isEqualTo(fault(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT));
            unit.releaseDevice(nic);
            assertThat(rig.read(NIC, 0x3000)).isEqualTo(fault(FaultReason.SM_CONTEXT_ENTRY_NOT_PRESENT));
            domain.free();
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence, and nothing else").isEqualTo(4096);
        }
    }

    /** As kernels do; QEMU 10 takes it for the width of a canonical address. */
    @Test
    void anEntryForTheFirstStageNamesTheLargestWidthOfTheSecond() {
        try (var rig = Rig.scalable().cap(CapabilityRegister.SAGAW, 0b0110)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            Rig.domain(unit, nic).attachDev(nic, Optional.empty());
            long entry = unit.walk(nic, Pasid.NONE, 0).get(4).address();
            assertThat(PasidEntry.AW.get(rig.memory().get64(entry))).isEqualTo(AddressWidth.BITS_48.code());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theSecondStageServesWhereItIsAskedForOrAlone(boolean cachingMode) {
        try (var rig = Rig.scalable().cap(CapabilityRegister.CM, cachingMode ? 1 : 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = unit.domainAllocPaging(nic, Set.of(AllocFlag.DIRTY_TRACKING));
            assertThat(domain).isInstanceOf(SecondStageDomain.class);
            domain.attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED));
            Rig.map(domain, 0x1000, 0x20_0000, 2, RW);
            assertThat(rig.read(NIC, 0x1234)).isEqualTo(0x20_0234);
            Rig.unmap(domain, 0x1000, 2);
            assertThat(rig.read(NIC, 0x1234)).isEqualTo(fault(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED));
        }
        try (var rig = Rig.scalable().ecap(ExtendedCapabilityRegister.FSTS, 0).ecap(ExtendedCapabilityRegister.NEST, 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertThat(Rig.domain(unit, nic)).isInstanceOf(SecondStageDomain.class);
            assertFails(Errno.EOPNOTSUPP, "ECAP_REG.NEST", () -> Rig.parent(unit, nic));
        }
    }

    @Test
    void theModeIsScalableIfBothSidesCan() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            assertThat(RootTableAddressRegister.TTM.get(rig.registers().read64(RootTableAddressRegister.OFFSET)))
                    .isEqualTo(RootTableAddressRegister.SCALABLE_MODE);
            assertThat(InvalidationQueueAddressRegister.DW.isSet(rig.registers().read64(InvalidationQueueAddressRegister.OFFSET)))
                    .isTrue();
            assertThat(unit.maxPasids()).isEqualTo(1 << 20);
            assertThat(unit.capable(Rig.device(unit, "nic", NIC), Capability.DIRTY_TRACKING)).isTrue();
        }
        for (var rig : List.of(Rig.scalable().legacyOnly(), Rig.scalable().ecap(ExtendedCapabilityRegister.QI, 0), new Rig())) {
            try (rig) {
                var unit = rig.start();
                assertThat(RootTableAddressRegister.TTM.get(rig.registers().read64(RootTableAddressRegister.OFFSET)))
                        .isEqualTo(RootTableAddressRegister.LEGACY_MODE);
                assertThat(unit.maxPasids()).isZero();
                var nic = Rig.device(unit, "nic", NIC);
                assertFails(Errno.EOPNOTSUPP, "legacy mode", () -> Rig.parent(unit, nic));
                assertFails(Errno.EOPNOTSUPP, "no PASIDs",
                        () -> unit.identityDomain().orElseThrow().setDevPasid(nic, 1, Optional.empty()));
            }
        }
    }

    @Test
    void withoutPassThroughTheDefaultDomainHasToTranslate() {
        try (var rig = Rig.scalable().ecap(ExtendedCapabilityRegister.PT, 0)) {
            var unit = rig.start();
            assertThat(unit.identityDomain()).isEmpty();
            assertThat(unit.defDomainType(Rig.device(unit, "nic", NIC))).contains(DomainType.DMA);
        }
    }

    /** A device in every kind of domain after every other: no store of the driver's leaves the tables with anything but old or new. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void changingBetweenAnyTwoKindsRefusesNoRequest(boolean cachingMode) {
        var rig = Rig.scalable().cap(CapabilityRegister.CM, cachingMode ? 1 : 0)
                .memory(memory -> watched = new WatchedMemory(memory));
        try (rig) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var kinds = new ArrayList<DriverDomain>();
            kinds.add(mapped(unit.domainAllocPaging(nic, Set.of()), 0x30_0000));
            kinds.add(mapped(unit.domainAllocPaging(nic, Set.of()), 0x40_0000));
            kinds.add(mapped(unit.domainAllocPaging(nic, Set.of(AllocFlag.DIRTY_TRACKING)), 0x50_0000));
            kinds.add(nestedAt(rig, unit, nic, 0x60_0000));
            kinds.add(nestedAt(rig, unit, nic, 0x70_0000));
            kinds.add(unit.identityDomain().orElseThrow());
            List<Long> reached = List.of(0x30_0000L, 0x40_0000L, 0x50_0000L, 0x60_0000L, 0x70_0000L, 0x20_0000L);
            for (int from = 0; from < kinds.size(); from++) {
                for (int to = 0; to < kinds.size(); to++) {
                    kinds.get(from).attachDev(nic, Optional.empty());
                    assertThat(rig.read(NIC, 0x20_0000)).isEqualTo(reached.get(from));
                    var old = String.format("0x%x", reached.get(from));
                    var next = String.format("0x%x", reached.get(to));
                    watched.watch(address -> {
                        var steps = unit.walk(nic, Pasid.NONE, 0x20_0000);
                        assertThat(steps.get(steps.size() - 1).outcome()).containsAnyOf(old, next);
                    });
                    kinds.get(to).attachDev(nic, Optional.of(kinds.get(from)));
                    watched.watch(address -> { });
                    assertThat(rig.read(NIC, 0x20_0000)).isEqualTo(reached.get(to));
                }
            }
        }
    }

    private static DriverDomain mapped(DriverDomain domain, long address) {
        Rig.map(domain, 0x20_0000, address, 1, RW);
        return domain;
    }

    /** A guest that maps 0x200000 on to the physical page {@code address}. */
    private static DriverDomain nestedAt(Rig rig, VtdUnit unit, TestDevice device, long address) {
        var parent = Rig.parent(unit, device);
        parent.mapPages(0, 0, 2 << 20, 64, RW);
        var guest = rig.guestTable();
        guest.map(0x20_0000, address, 4096, 1, RW);
        return rig.nested(unit, device, parent, guest.top());
    }

    /** With no memory for a second table an entry changes in its place: refused for a moment, and never a mixture. */
    @Test
    void withoutMemoryAnEntryIsReplacedByWayOfBlocking() {
        var rig = Rig.scalable().memory(memory -> watched = new WatchedMemory(memory));
        try (rig) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var first = mapped(unit.domainAllocPaging(nic, Set.of()), 0x30_0000);
            var second = mapped(unit.domainAllocPaging(nic, Set.of()), 0x40_0000);
            first.attachDev(nic, Optional.empty());
            unit.tables().keep();
            rig.scarce().failAlways();
            var outcomes = new ArrayList<String>();
            watched.watch(address -> {
                var steps = unit.walk(nic, Pasid.NONE, 0x20_0000);
                outcomes.add(steps.get(steps.size() - 1).outcome());
            });
            second.attachDev(nic, Optional.empty());
            watched.watch(address -> { });
            assertThat(outcomes).allMatch(outcome -> outcome.startsWith("0x300000") || outcome.startsWith("0x400000")
                    || outcome.startsWith("PASID_ENTRY_NOT_PRESENT")).anyMatch(outcome -> outcome.startsWith("PASID_ENTRY"));
            assertThat(rig.read(NIC, 0x20_0000)).isEqualTo(0x40_0000);
            unit.identityDomain().orElseThrow().attachDev(nic, Optional.empty());
            unit.blockedDomain().attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x20_0000)).isEqualTo(fault(FaultReason.PASID_ENTRY_NOT_PRESENT));
        }
    }

    @Test
    void blockingClearsThePresentBitAloneBeforeTheRest() {
        var rig = Rig.scalable().memory(memory -> watched = new WatchedMemory(memory));
        try (rig) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            domain.attachDev(nic, Optional.empty());
            long entry = unit.walk(nic, Pasid.NONE, 0).get(4).address();
            long low = rig.memory().get64(entry);
            var values = new ArrayList<Long>();
            watched.watch(address -> {
                if (address == entry) {
                    values.add(rig.memory().get64(entry));
                    if (values.size() == 1) {
                        assertThat(rig.memory().get64(entry + 8)).as("the rest stays until hardware has forgotten it").isNotZero();
                    }
                }
            });
            unit.blockedDomain().attachDev(nic, Optional.empty());
            assertThat(values).containsExactly(PasidEntry.P.clear(low), 0L);
        }
    }

    @Test
    void aUnitThatGoesSilentLeavesTheDeviceBlockedInMemoryAndItsDomainInUse() {
        var rig = Rig.scalable();
        var silent = new boolean[1];
        try (rig) {
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write64(long offset, long value) {
                    if (!silent[0] || offset != InvalidationQueueTailRegister.OFFSET) {
                        super.write64(offset, value);
                    }
                }
            });
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = mapped(unit.domainAllocPaging(nic, Set.of()), 0x30_0000);
            var other = mapped(unit.domainAllocPaging(nic, Set.of()), 0x40_0000);
            domain.attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x20_0000)).isEqualTo(0x30_0000);
            silent[0] = true;
            assertFails(Errno.ETIMEDOUT, "does not answer", () -> other.attachDev(nic, Optional.of(domain)));
            assertFails(Errno.ETIMEDOUT, "does not answer", () -> unit.blockedDomain().attachDev(nic, Optional.empty()));
            var steps = unit.walk(nic, Pasid.NONE, 0x20_0000);
            assertThat(steps.get(steps.size() - 1).outcome()).startsWith("PASID_ENTRY_NOT_PRESENT");
            assertFails(Errno.EBUSY, "still used", domain::free);
            silent[0] = false;
            unit.blockedDomain().attachDev(nic, Optional.empty());
            assertThat(rig.read(NIC, 0x20_0000)).isEqualTo(fault(FaultReason.PASID_ENTRY_NOT_PRESENT));
            domain.free();
            other.free();
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @Test
    void devicesThatShareAnIdAreBlockedWithTheLastOfThem() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var one = Rig.device(unit, "one", DISK);
            var two = Rig.device(unit, "two", DISK);
            var domain = mapped(unit.domainAllocPaging(one, Set.of()), 0x30_0000);
            domain.attachDev(one, Optional.empty());
            domain.attachDev(two, Optional.empty());
            unit.releaseDevice(one);
            assertThat(rig.read(DISK, 0x20_0000)).isEqualTo(0x30_0000);
            unit.releaseDevice(two);
            assertThat(rig.read(DISK, 0x20_0000)).isEqualTo(fault(FaultReason.SM_CONTEXT_ENTRY_NOT_PRESENT));
        }
    }

    @Test
    void snoopingIsForcedOnWhatIsMappedAlready() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = mapped(unit.domainAllocPaging(nic, Set.of()), 0x30_0000);
            domain.attachDev(nic, Optional.empty());
            long entry = unit.walk(nic, Pasid.NONE, 0).get(4).address();
            assertThat(PasidEntry.PGSNP.isSet(rig.memory().get64(entry + 8))).isFalse();
            assertThat(domain.enforceCacheCoherency()).isTrue();
            assertThat(PasidEntry.PGSNP.isSet(rig.memory().get64(entry + 8))).isTrue();
            assertThat(rig.read(NIC, 0x20_0000)).isEqualTo(0x30_0000);
        }
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var parent = Rig.parent(unit, nic);
            parent.mapPages(0, 0, 2 << 20, 32, RW);
            rig.nested(unit, nic, parent, rig.guestTable().top()).attachDev(nic, Optional.empty());
            long entry = unit.walk(nic, Pasid.NONE, 0).get(4).address();
            assertThat(PasidEntry.PGSNP.isSet(rig.memory().get64(entry + 8))).isFalse();
            assertThat(parent.enforceCacheCoherency()).isTrue();
            assertThat(PasidEntry.PGSNP.isSet(rig.memory().get64(entry + 8))).as("of a guest on top of it").isTrue();
        }
        try (var rig = Rig.scalable().ecap(ExtendedCapabilityRegister.SC, 0)) {
            var unit = rig.start();
            assertThat(Rig.domain(unit, Rig.device(unit, "nic", NIC)).enforceCacheCoherency()).isFalse();
        }
    }

    @Test
    void theApertureIsWhatTablesAndUnitBothAllow() {
        try (var rig = Rig.scalable()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertThat(Rig.domain(unit, nic).apertureEnd()).as("below the hole of canonical addresses").isEqualTo((1L << 47) - 1);
            assertThat(Rig.parent(unit, nic).apertureEnd()).isEqualTo((1L << 48) - 1);
        }
        try (var rig = Rig.scalable().cap(CapabilityRegister.FS5LP, 1)) {
            var unit = rig.start();
            assertThat(Rig.domain(unit, Rig.device(unit, "nic", NIC)).table().format().levels())
                    .as("no level that no address would use").isEqualTo(4);
        }
        try (var rig = Rig.scalable().cap(CapabilityRegister.FS5LP, 1).cap(CapabilityRegister.MGAW, 56)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            assertThat(domain.apertureEnd()).isEqualTo((1L << 56) - 1);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 1L << 55, 0x30_0000, 1, RW);
            assertThat(rig.read(NIC, 1L << 55)).isEqualTo(0x30_0000);
        }
    }

    static void assertFails(Errno errno, String why, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(call).withMessageContaining(why)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }
}
