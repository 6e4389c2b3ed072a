package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.vtd.AttachTest.assertErrno;
import static sluicegate.hw.vtd.AttachTest.fault;
import static sluicegate.hw.vtd.Rig.RW;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.ReservedRegion;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.VersionRegister;

class UnitLifeTest {
    private static final int NIC = 0x0010;
    /** Root table, ring and status page. */
    private static final long BOUND = 3 * 4096;

    @Test
    void aBoundUnitTranslatesWithEverySourceBlocked() {
        try (var rig = new Rig()) {
            rig.start();
            int status = rig.registers().read32(GlobalStatusRegister.OFFSET);
            for (var field : List.of(GlobalStatusRegister.TES, GlobalStatusRegister.RTPS, GlobalStatusRegister.QIES)) {
                assertThat(field.isSet(status)).as(field.name()).isTrue();
            }
            assertThat(rig.read(NIC, 0)).isEqualTo(fault(FaultReason.ROOT_ENTRY_NOT_PRESENT));
            assertThat(rig.arena().allocatedBytes()).isEqualTo(BOUND);
        }
    }

    @Test
    void aUnitThatCannotTranslateIsRefusedUntouched() {
        refused(real -> WindowFilter.changed(WindowFilter.changed(real, CapabilityRegister.OFFSET, cap -> -1L),
                ExtendedCapabilityRegister.OFFSET, ecap -> -1L));
        refused(real -> WindowFilter.never(real, CapabilityRegister.OFFSET, CapabilityRegister.SAGAW.mask()));
        refused(real -> WindowFilter.changed(real, VersionRegister.OFFSET, version -> 0));
        refused(real -> WindowFilter.always(real, CapabilityRegister.OFFSET, CapabilityRegister.FRO.mask()));
        refused(real -> WindowFilter.always(real, ExtendedCapabilityRegister.OFFSET, ExtendedCapabilityRegister.IRO.mask()));
    }

    private static void refused(UnaryOperator<RegisterWindow> view) {
        try (var rig = new Rig().registers(view)) {
            assertErrno(Errno.ENODEV, rig::start);
            assertThat(rig.arena().allocatedBytes()).isZero();
            assertThat(rig.registers().read32(GlobalStatusRegister.OFFSET)).isZero();
        }
    }

    @Test
    void aStatusBitThatNeverComesIsATimeOutAndTheMemoryIsGivenBack() {
        for (Field status : List.of(GlobalStatusRegister.QIES, GlobalStatusRegister.RTPS, GlobalStatusRegister.TES)) {
            try (var rig = new Rig()) {
                rig.registers(real -> WindowFilter.never(real, GlobalStatusRegister.OFFSET, status.mask()));
                assertErrno(Errno.ETIMEDOUT, rig::start);
                assertThat(rig.arena().allocatedBytes()).as("after " + status.name() + " never came").isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavingBlockedFencesEverySourceWithOnePage(boolean queue) {
        try (var rig = Rig.of(queue, false)) {
            var unit = rig.start();
            translating(rig, unit);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.ROOT_ENTRY_NOT_PRESENT));
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
            assertThat(rig.faults).as("no interrupt after leaving").isEmpty();
        }
    }

    @Test
    void leavingKeptGoesOnTranslating() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            translating(rig, unit);
            unit.leave(LeavePolicy.KEEP);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 0x1008)).isEqualTo(0x20_0008);
        }
    }

    /** Translation on in every command means that no request passed untranslated. */
    @ParameterizedTest
    @ValueSource(strings = {"BLOCK", "KEEP"})
    void theNextDriverTakesOverWithoutSwitchingTranslationOff(LeavePolicy policy) {
        try (var rig = new Rig()) {
            var commands = new ArrayList<Integer>();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == GlobalCommandRegister.OFFSET) {
                        commands.add(value);
                        // A device that never stops: it must find its old target or nothing at all.
                        if (commands.size() > 3) {
                            long answer = rig.read(NIC, 0x1000);
                            assertThat(answer < 0 || answer == 0x20_0000).isTrue();
                        }
                    }
                    super.write32(offset, value);
                }
            });
            var first = rig.start();
            translating(rig, first);
            Rig.map(Rig.domain(first, Rig.device(first, "disk", 0x0118)), 0x1000, 0x1000, 1, RW);
            first.leave(policy);
            commands.clear();
            commands.addAll(List.of(-1, -1, -1));
            var second = rig.start();
            assertThat(commands).hasSizeGreaterThan(5).allMatch(value -> GlobalCommandRegister.TE.isSet(value));
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(fault(FaultReason.ROOT_ENTRY_NOT_PRESENT));
            assertThat(rig.arena().allocatedBytes()).as("all of the first driver's memory is back").isEqualTo(BOUND);
            translating(rig, second);
        }
    }

    /** Every register that the next driver writes, and every device that it attaches, finds DMA going on. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHeldUnitGoesOnTranslatingWhileTheNextDriverTakesOver(boolean scalable) {
        try (var rig = scalable ? Rig.scalable() : new Rig()) {
            var first = rig.start();
            long empty = rig.arena().allocatedBytes();
            translating(rig, first);
            var disk = Rig.device(first, "disk", 0x0118);
            var files = Rig.domain(first, disk);
            Rig.map(files, 0x1000, 0x1000, 1, RW);
            files.attachDev(disk, Optional.empty());
            first.leave(LeavePolicy.KEEP);
            var takingOver = new AtomicBoolean(true);
            rig.held().registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    super.write32(offset, value);
                    look();
                }

                @Override
                public void write64(long offset, long value) {
                    super.write64(offset, value);
                    look();
                }

                private void look() {
                    assertThat(takingOver.get() ? rig.read(NIC, 0x1000) : 0x20_0000).isEqualTo(0x20_0000);
                }
            });
            var second = rig.start();
            translating(rig, second);
            assertThat(rig.read(0x0118, 0x1000)).as("nobody has attached it yet").isEqualTo(0x1000);
            second.adopted();
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(0x0118, 0x1000)).as("nobody has attached it until now").isNegative();
            assertThat(rig.arena().allocatedBytes()).as("one device's tables").isLessThan(2 * empty + (64 << 10));
            takingOver.set(false);
            second.leave(LeavePolicy.BLOCK);
            assertThat(rig.arena().allocatedBytes()).as("the fence").isEqualTo(4096);
        }
    }

    @Test
    void domainIdsOfTablesThatStillTranslateAreNotGivenToOthers() {
        try (var rig = new Rig()) {
            var first = rig.start();
            translating(rig, first);
            first.leave(LeavePolicy.KEEP);
            var second = rig.held().start();
            assertThat(second.domainIds().allocate()).as("2 is in use").isEqualTo(3);
            second.adopted();
            assertThat(second.domainIds().allocate()).isEqualTo(2);
        }
    }

    /** Tables that somebody left behind are input like any other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void brokenTablesThatAreFoundDisturbNothing(boolean inArena) {
        try (var rig = new Rig()) {
            var random = new Random(7);
            long root = inArena ? rig.arena().allocate(4096) : 0x800_0000;
            // What the driver will be given next.
            long[] next = {rig.arena().allocate(4096), rig.arena().allocate(4096), rig.arena().allocate(4096)};
            Arrays.stream(next).forEach(page -> rig.arena().free(page, 4096));
            // Pointers into memory and out of it, to each other and to themselves, all present.
            for (long address = root; address < root + 4096; address += 8) {
                rig.memory().set64(address, random.nextLong(1 << 17) << 12 | random.nextInt(4));
            }
            rig.memory().set64(root + 16, root | 1);
            for (int i = 0; i < next.length; i++) {
                rig.memory().set64(root + 32 + 16 * i, next[i] | 1);
            }
            for (int i = 0; i < 4096; i++) {
                rig.memory().set64(0x200_0000 + i * 4096L, random.nextLong(1 << 17) << 12 | 1);
                rig.memory().set64(0x200_0008 + i * 4096L, 1 + random.nextInt(3));
            }
            rig.registers().write64(RootTableAddressRegister.OFFSET, root);
            rig.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.SRTP.mask());
            rig.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.TE.mask());
            var unit = rig.start();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(BOUND);
            translating(rig, unit);
        }
    }

    private static void translating(Rig rig, VtdUnit unit) {
        var nic = Rig.device(unit, "nic", NIC);
        var domain = Rig.domain(unit, nic);
        Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
        domain.attachDev(nic, Optional.empty());
        assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
    }

    @Test
    void firmwareRangesAreDirectAndRelaxableForDisplaysAndUsb() {
        var rmrr = new ReservedRegion(0xdf80_0000L, 0x80_0000, RW, ReservedRegion.Type.DIRECT);
        try (var rig = new Rig().region(new FirmwareRegion(rmrr, Set.of("disk", "gpu", "usb")))) {
            var unit = rig.start();
            assertThat(unit.reservedRegions(new TestDevice("disk", 0x010601))).hasToString(
                    "[0x00000000df800000 0x00000000dfffffff direct, 0x00000000fee00000 0x00000000feefffff msi]");
            assertThat(unit.reservedRegions(new TestDevice("gpu", 0x030000)).get(0).type())
                    .isEqualTo(ReservedRegion.Type.DIRECT_RELAXABLE);
            assertThat(unit.reservedRegions(new TestDevice("usb", 0x0c0330)).get(0).type())
                    .isEqualTo(ReservedRegion.Type.DIRECT_RELAXABLE);
            assertThat(unit.reservedRegions(new TestDevice("nic", 0x020000))).hasToString(
                    "[0x00000000fee00000 0x00000000feefffff msi]");
            assertThat(unit.reservedRegions(new TestDevice("isa", 0x060100)).get(0)).hasToString(
                    "0x0000000000000000 0x0000000000ffffff direct-relaxable");
        }
    }

    @Test
    void capabilitiesFollowTheRegisters() {
        try (var rig = new Rig(); var poor = new Rig()
                .ecap(ExtendedCapabilityRegister.PT, 0).ecap(ExtendedCapabilityRegister.SC, 0).cap(CapabilityRegister.SSLPS, 0)) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertThat(unit.capable(nic, Capability.CACHE_COHERENCY)).isTrue();
            assertThat(unit.capable(nic, Capability.DEFERRED_FLUSH)).isTrue();
            assertThat(unit.capable(nic, Capability.ENFORCE_CACHE_COHERENCY)).isTrue();
            assertThat(unit.capable(nic, Capability.DIRTY_TRACKING)).isFalse();
            assertThat(unit.defDomainType(nic)).isEmpty();
            assertThat(Rig.domain(unit, nic).pageSizes()).isEqualTo(0x4020_1000L);

            var other = poor.start();
            var disk = Rig.device(other, "disk", NIC);
            assertThat(other.defDomainType(disk)).contains(DomainType.DMA);
            assertThat(other.identityDomain()).isEmpty();
            assertThat(other.capable(disk, Capability.ENFORCE_CACHE_COHERENCY)).isFalse();
            assertThat(Rig.domain(other, disk).pageSizes()).isEqualTo(0x1000);
        }
    }

    @Test
    void theRegistersAreShownDecoded() {
        try (var rig = new Rig()) {
            var unit = rig.start();
            var registers = unit.registers();
            assertThat(registers).extracting("name").contains("CAP_REG", "GSTS_REG", "RTADDR_REG", "IQT_REG", "IOTLB_REG",
                    "FRCD_REG[0]", "FRCD_REG[7]").doesNotHaveDuplicates();
            var status = registers.stream().filter(each -> each.name().equals("GSTS_REG")).findFirst().orElseThrow();
            assertThat(status.fields()).anyMatch(field -> field.name().equals("TES") && field.value() == 1);
            assertThat(unit.registers()).as("reading changes nothing").isEqualTo(registers);
        }
    }
}
