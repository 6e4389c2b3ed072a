package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluicegate.hw.vtd.AttachTest.fault;
import static sluicegate.hw.vtd.Rig.RW;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** How a unit in scalable mode is taken into use and left, and what the next driver finds. */
class ScalableLifeTest {
    private static final int NIC = 0x0010;
    private static final int GPU = 0x0198;
    private static final int DISK = 0x0210;

    private static Rig full() {
        return Rig.scalable().ecap(ExtendedCapabilityRegister.PRS, 1).ecap(ExtendedCapabilityRegister.PDS, 1);
    }

    /** Devices in domains of every kind, with PASIDs far apart. */
    private static void everyKind(Rig rig, VtdUnit unit) {
        var nic = Rig.device(unit, "nic", NIC);
        var gpu = Rig.probed(unit, new TestDevice("gpu", 0x030000).withTlb(16), GPU);
        var disk = Rig.device(unit, "disk", DISK);
        var first = Rig.domain(unit, nic);
        Rig.map(first, 0x1000, 0x20_0000, 1, RW);
        first.attachDev(nic, Optional.empty());
        var second = unit.domainAllocPaging(gpu, Set.of(AllocFlag.DIRTY_TRACKING));
        Rig.map(second, 0x1000, 0x30_0000, 1, RW);
        second.attachDev(gpu, Optional.empty());
        first.setDevPasid(gpu, 3, Optional.empty());
        unit.identityDomain().orElseThrow().setDevPasid(gpu, 40_000, Optional.empty());
        var parent = Rig.parent(unit, disk);
        parent.mapPages(0, 0, 2 << 20, 32, RW);
        // The guest's tables are in its own memory, which is none of the driver's.
        rig.memory().set64(0x3f0_0000, 0);
        rig.nested(unit, disk, parent, 0x3f0_0000).attachDev(disk, Optional.empty());
        Rig.map(Rig.domain(unit, disk), 0x1000, 0x1000, 1, RW);
        assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
        assertThat(rig.read(GPU, 0x1000)).isEqualTo(0x30_0000);
        assertThat(rig.read(GPU, 40_000, 0x1000)).isEqualTo(0x1000);
    }

    @Test
    void leavingBlockedFencesEverySourceWithOnePage() {
        try (var rig = full()) {
            var unit = rig.start();
            everyKind(rig, unit);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT));
            assertThat(rig.read(GPU, 3, 0x1000)).isEqualTo(fault(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT));
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    @Test
    void leavingKeptGoesOnTranslating() {
        try (var rig = full()) {
            var unit = rig.start();
            everyKind(rig, unit);
            unit.leave(LeavePolicy.KEEP);
            assertThat(rig.read(NIC, 0x1008)).isEqualTo(0x20_0008);
            assertThat(rig.read(GPU, 0x1008)).isEqualTo(0x30_0008);
            assertThat(rig.read(GPU, 3, 0x1008)).isEqualTo(0x20_0008);
            assertThat(rig.read(GPU, 40_000, 0x1000)).isEqualTo(0x1000);
        }
    }

    /** Translation on in every command means that no request passed untranslated. */
    @ParameterizedTest
    @EnumSource
    void theNextDriverTakesOverWithoutSwitchingTranslationOff(LeavePolicy policy) {
        try (var rig = full()) {
            var commands = new ArrayList<Integer>();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == GlobalCommandRegister.OFFSET) {
                        commands.add(value);
                    }
                    super.write32(offset, value);
                }
            });
            var fresh = rig.start();
            long bound = rig.arena().allocatedBytes();
            everyKind(rig, fresh);
            fresh.leave(policy);
            commands.clear();
            var second = rig.start();
            assertThat(commands).isNotEmpty().allMatch(value -> GlobalCommandRegister.TE.isSet(value));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT));
            assertThat(rig.arena().allocatedBytes()).as("all of the first driver's memory is back").isEqualTo(bound);
            everyKind(rig, second);
        }
    }

    /** Tables that somebody left behind are input like any other. */
    @Test
    void brokenTablesThatAreFoundDisturbNothing() {
        try (var rig = full()) {
            var random = new Random(11);
            long root = rig.arena().allocate(4096);
            for (long address = root; address < root + 4096; address += 8) {
                rig.memory().set64(address, random.nextLong(1 << 17) << 12 | random.nextInt(4));
            }
            rig.memory().set64(root + 16, root | 1);
            for (int i = 0; i < 4096; i++) {
                long page = 0x200_0000 + i * 4096L;
                for (int word = 0; word < 512; word += 1 + random.nextInt(32)) {
                    rig.memory().set64(page + 8L * word, random.nextLong(1 << 17) << 12 | random.nextInt(1 << 10) | 1);
                }
            }
            rig.registers().write64(RootTableAddressRegister.OFFSET,
                    RootTableAddressRegister.TTM.set(root, RootTableAddressRegister.SCALABLE_MODE));
            rig.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.SRTP.mask());
            rig.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.TE.mask());
            everyKind(rig, rig.start());
        }
    }

    @Test
    void aStartThatFailsGivesItsMemoryBack() {
        for (var status : List.of(GlobalStatusRegister.QIES, GlobalStatusRegister.RTPS, GlobalStatusRegister.TES)) {
            try (var rig = full()) {
                rig.registers(real -> WindowFilter.never(real, GlobalStatusRegister.OFFSET, status.mask()));
                assertThatThrownBy(rig::start).isInstanceOf(IommuException.class).hasMessageContaining("does not answer");
                assertThat(rig.arena().allocatedBytes()).as("after " + status.name() + " never came").isZero();
            }
        }
    }

    /** However often the next driver's start fails, the fence is all that a unit that was left keeps. */
    @ParameterizedTest
    @EnumSource
    void aTakeOverThatFailsCostsNothingButTheFence(LeavePolicy policy) {
        try (var rig = full()) {
            var first = rig.start();
            var nic = Rig.device(first, "nic", NIC);
            var domain = Rig.domain(first, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            domain.attachDev(nic, Optional.empty());
            first.leave(policy);
            long left = rig.arena().allocatedBytes();
            int failed = 0;
            for (boolean started = false; !started; failed++) {
                rig.scarce().failAfter(failed);
                try {
                    rig.start().leave(LeavePolicy.BLOCK);
                    started = true;
                } catch (IommuException e) {
                    assertThat(rig.arena().allocatedBytes()).as("allocation %d of the start", failed).isEqualTo(left);
                }
            }
            assertThat(failed).as("allocations of a start").isGreaterThan(4);
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
        }
    }

    /** The same where it fails after the hardware took the new root table. */
    @ParameterizedTest
    @EnumSource
    void aTakeOverThatFailsLateCostsNothingButTheFence(LeavePolicy policy) {
        var broken = new AtomicBoolean();
        try (var rig = full()) {
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write64(long offset, long value) {
                    if (broken.get() && offset == PageRequestQueueAddressRegister.OFFSET && value != 0) {
                        throw new IommuException(Errno.EIO, "as the test says");
                    }
                    super.write64(offset, value);
                }
            });
            var first = rig.start();
            everyKind(rig, first);
            first.leave(policy);
            broken.set(true);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(rig::start).isInstanceOf(IommuException.class).hasMessageContaining("as the test says");
                assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT));
                assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
            }
            broken.set(false);
            everyKind(rig, rig.start());
        }
    }

    /** The page request queue can be neither given to the unit nor taken from it; everything else is given back all the same. */
    @Test
    void aStepOfTheWayBackThatFailsKeepsNoOtherFromBeingTaken() {
        try (var rig = full()) {
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write64(long offset, long value) {
                    if (offset == PageRequestQueueAddressRegister.OFFSET) {
                        throw new IommuException(Errno.EIO, value == 0 ? "the way back" : "the way there");
                    }
                    super.write64(offset, value);
                }
            });
            assertThatThrownBy(rig::start).hasMessage("the way there").satisfies(e -> assertThat(e.getSuppressed()).singleElement()
                    .satisfies(suppressed -> assertThat(suppressed).hasMessage("the way back")));
            assertThat(rig.registers().read32(GlobalStatusRegister.OFFSET) & GlobalStatusRegister.QIES.mask()).isZero();
            assertThat(rig.arena().allocatedBytes()).as("the page request queue, which the unit may have").isEqualTo(PageRequestRing.BYTES);
        }
    }

    /** Whichever allocation fails, of the start or later: an error that says so, and nothing lost. */
    @Test
    void whateverAllocationFails() {
        for (int n = 0; n < 60; n++) {
            try (var rig = full()) {
                rig.scarce().failAfter(n);
                VtdUnit unit;
                try {
                    unit = rig.start();
                } catch (IommuException e) {
                    assertThat(rig.arena().allocatedBytes()).as("allocation %d of the start", n).isZero();
                    continue;
                }
                try {
                    everyKind(rig, unit);
                } catch (IommuException | AssertionError e) {
                    assertThat(rig.read(DISK, 0x5000)).as("allocation %d", n).isNegative();
                }
                unit.leave(LeavePolicy.BLOCK);
                assertThat(rig.arena().allocatedBytes()).as("allocation %d", n).isEqualTo(4096);
            }
        }
    }

    @Test
    void aFaultIsLoggedWithTheEntriesItMetAndNotTooOften() {
        try (var rig = full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            Rig.domain(unit, nic).attachDev(nic, Optional.empty());
            var said = new ArrayList<String>();
            var now = new long[1];
            var dump = new FaultDump(new TableWalk(unit.capabilities(), unit.window(), rig.memory()), new Patience(1, () -> now[0]),
                    said::add);
            long high = sluicegate.spec.vtd.FaultRecord.SID.set(0, NIC);
            var fault = FaultLog.decode(0x5000, sluicegate.spec.vtd.FaultRecord.FR.set(high,
                    FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT.code()));
            for (int i = 0; i < 25; i++) {
                dump.show(fault);
            }
            assertThat(said).hasSize(10);
            assertThat(said.get(0)).startsWith("rig:dmar0: source 0010 at 0x5000: FIRST_STAGE_ENTRY_NOT_PRESENT; its tables are:")
                    .contains("\n  PASID entry 0 at 0x").endsWith("FIRST_STAGE_ENTRY_NOT_PRESENT, "
                    + FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT.sentence());
            now[0] = 6_000_000_000L;
            dump.show(fault);
            assertThat(said).hasSize(11);
            dump.show(FaultLog.decode(0, sluicegate.spec.vtd.FaultRecord.FR.set(high, FaultReason.INTERRUPT_REQUEST_RESERVED.code())));
            assertThat(said).as("interrupts meet no page tables").hasSize(11);
        }
    }

    @Test
    void theWalkAgreesWithTheHardwareAboutBrokenEntries() {
        try (var rig = full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.domain(unit, nic);
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            domain.attachDev(nic, Optional.empty());
            var steps = unit.walk(nic, Pasid.NONE, 0x1000);
            long root = steps.get(1).address();
            long context = steps.get(2).address();
            long directory = steps.get(3).address();
            long entry = steps.get(4).address();
            breakAndCheck(rig, unit, nic, root, 1L << 3, "SM_ROOT_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, root, 1L << 45, "SM_CONTEXT_ENTRY_UNREADABLE");
            breakAndCheck(rig, unit, nic, context, 1L << 5, "SM_CONTEXT_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, context, 1L << 45, "PASID_DIRECTORY_ENTRY_UNREADABLE");
            breakAndCheck(rig, unit, nic, directory, 1L << 2, "PASID_DIRECTORY_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, directory, 1L << 45, "PASID_ENTRY_UNREADABLE");
            breakAndCheck(rig, unit, nic, entry, 1L << 10, "PASID_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, entry, 7L << 6, "PASID_ENTRY_INVALID");
            breakAndCheck(rig, unit, nic, entry + 16, 1L << 45, "FIRST_STAGE_ROOT_UNREADABLE");
            breakAndCheck(rig, unit, nic, steps.get(5).address(), 1L << 7, "FIRST_STAGE_ENTRY_RESERVED");
            breakAndCheck(rig, unit, nic, steps.get(6).address(), 1L << 45, "FIRST_STAGE_ENTRY_UNREADABLE");
        }
    }

    private static void breakAndCheck(Rig rig, VtdUnit unit, TestDevice device, long address, long bits, String fault) {
        long good = rig.memory().get64(address);
        rig.memory().set64(address, good | bits);
        var steps = unit.walk(device, Pasid.NONE, 0x1000);
        assertThat(steps.get(steps.size() - 1).outcome()).startsWith(fault);
        assertThat(rig.model().probe(NIC, Pasid.NONE, 0x1000, Access.READ))
                .isInstanceOfSatisfying(Translation.Fault.class,
                        found -> assertThat(found.name()).isEqualTo(fault));
        rig.memory().set64(address, good);
    }
}
