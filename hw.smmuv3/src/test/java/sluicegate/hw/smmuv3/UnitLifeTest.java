package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.smmuv3.Rig.RW;
import static sluicegate.hw.smmuv3.Rig.assertErrno;
import static sluicegate.hw.smmuv3.Rig.fault;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.ReservedRegion;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.sim.smmuv3.TranslationEngine;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.AidrRegister;
import sluicegate.spec.smmuv3.Cr0AckRegister;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.GbpaRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.IrqCtrlAckRegister;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

class UnitLifeTest {
    private static final int NIC = 0x10;
    private static final int DISK = 0x18;

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void aBoundUnitTranslatesWithEveryStreamBlocked(String kind) {
        try (var rig = Rig.of(kind)) {
            rig.start();
            int control = rig.registers().read32(Cr0Register.OFFSET);
            for (var field : List.of(Cr0Register.SMMUEN, Cr0Register.CMDQEN, Cr0Register.EVENTQEN)) {
                assertThat(field.isSet(control)).as(field.name()).isTrue();
            }
            assertThat(Cr0Register.ATSCHK.isSet(control)).isEqualTo(kind.equals("full"));
            assertThat(rig.read(NIC, 0)).isEqualTo(
                    kind.equals("full") ? fault(EventType.C_BAD_STREAMID) : TranslationEngine.ABORTED);
        }
    }

    @Test
    void aUnitThatThisDriverCannotUseIsRefusedUntouched() {
        for (String broken : List.of("S1P S2P", "TTF", "TTENDIAN=3", "TTENDIAN=1", "STALL_MODEL=3", "ST_LEVEL=2", "ATS")) {
            refused(broken, real -> WindowFilter.changed(real, Idr0Register.OFFSET, idr0 -> change(idr0, broken)));
        }
        refused("preset tables", real -> WindowFilter.always(real, Idr1Register.OFFSET, Idr1Register.TABLES_PRESET.mask()));
        refused("preset queues", real -> WindowFilter.always(real, Idr1Register.OFFSET, Idr1Register.QUEUES_PRESET.mask()));
        refused("huge queues", real -> WindowFilter.always(real, Idr1Register.OFFSET, Idr1Register.EVENTQS.mask()));
        refused("tiny queues", real -> WindowFilter.never(real, Idr1Register.OFFSET, Idr1Register.CMDQS.mask()));
        refused("huge stream ids", real -> WindowFilter.always(real, Idr1Register.OFFSET, Idr1Register.SIDSIZE.mask()));
        refused("huge substream ids", real -> WindowFilter.always(real, Idr1Register.OFFSET, Idr1Register.SSIDSIZE.mask()));
        refused("no granule", real -> WindowFilter.changed(real, Idr5Register.OFFSET, idr5 -> 5));
        refused("SMMUv4", real -> WindowFilter.always(real, AidrRegister.OFFSET, 0x10));
        refused("nothing there", real -> WindowFilter.changed(WindowFilter.changed(real, Idr0Register.OFFSET, each -> -1L),
                Idr1Register.OFFSET, each -> -1L));
        refused("one page", real -> new WindowFilter(real) {
            @Override
            public long size() {
                return 0x1_0000;
            }
        });
    }

    /** As the kernel does: such addresses are wider still. */
    @Test
    void anOutputSizeThatIsNotKnownYetCountsAs48Bits() {
        try (var rig = Rig.full()) {
            rig.registers(real -> WindowFilter.always(real, Idr5Register.OFFSET, Idr5Register.OAS.mask()));
            var unit = rig.start();
            translating(rig, unit, NIC);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
        }
    }

    private static long change(long idr0, String what) {
        for (String each : what.split(" ")) {
            var parts = each.split("=");
            idr0 = Idr0Register.LAYOUT.field(parts[0]).set(idr0, parts.length == 1 ? 0 : Long.parseLong(parts[1]));
        }
        return idr0;
    }

    private static void refused(String why, UnaryOperator<RegisterWindow> view) {
        try (var rig = Rig.full().registers(view)) {
            assertErrno(Errno.ENODEV, rig::start);
            assertThat(rig.arena().allocatedBytes()).as(why).isZero();
            assertThat(rig.registers().read32(Cr0Register.OFFSET)).isZero();
            assertThat(GbpaRegister.ABORT.isSet(rig.registers().read32(GbpaRegister.OFFSET))).isFalse();
        }
    }

    @Test
    void anAcknowledgementThatNeverComesIsATimeOutAndEverythingAborts() {
        for (Field part : List.of(Cr0AckRegister.SMMUEN, Cr0AckRegister.CMDQEN, Cr0AckRegister.EVENTQEN, Cr0AckRegister.PRIQEN,
                Cr0AckRegister.ATSCHK)) {
            try (var rig = Rig.full()) {
                rig.registers(real -> WindowFilter.never(real, Cr0AckRegister.OFFSET, part.mask()));
                assertErrno(Errno.ETIMEDOUT, rig::start);
                assertThat(rig.read(NIC, 0x1000)).as(part.name()).isNegative();
            }
        }
        try (var rig = Rig.full()) {
            rig.registers(real -> WindowFilter.never(real, IrqCtrlAckRegister.OFFSET, IrqCtrlAckRegister.EVENTQ_IRQEN.mask()));
            assertErrno(Errno.ETIMEDOUT, rig::start);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(TranslationEngine.ABORTED);
            assertThat(rig.arena().allocatedBytes()).isZero();
        }
        try (var rig = Rig.full()) {
            rig.registers(real -> WindowFilter.always(real, GbpaRegister.OFFSET, GbpaRegister.UPDATE.mask()));
            assertErrno(Errno.ETIMEDOUT, rig::start);
            assertThat(rig.arena().allocatedBytes()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full", "enhanced"})
    void leavingBlockedFencesEveryStreamWithTheStreamTable(String kind) {
        try (var rig = Rig.of(kind)) {
            var unit = rig.start();
            translating(rig, unit, NIC);
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.read(NIC, 0x1000)).isNegative();
            assertThat(rig.read(DISK, 0x1000)).isNegative();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(4096);
            assertThat(rig.faults).as("no interrupt after leaving").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full", "enhanced"})
    void leavingKeptGoesOnTranslatingAndEventsWaitForTheNext(String kind) {
        try (var rig = Rig.of(kind)) {
            var unit = rig.start();
            translating(rig, unit, NIC);
            unit.leave(LeavePolicy.KEEP);
            assertThat(rig.read(NIC, 0x1000)).isEqualTo(0x20_0000);
            assertThat(rig.read(NIC, 0x1008)).isEqualTo(0x20_0008);
            assertThat(rig.read(NIC, 0x5000)).isEqualTo(fault(EventType.F_TRANSLATION));
            assertThat(rig.faults).isEmpty();
            rig.start();
            assertThat(rig.faults).singleElement().satisfies(record -> {
                assertThat(record.name()).isEqualTo("F_TRANSLATION");
                assertThat(record.iova()).isEqualTo(0x5000);
                assertThat(record.sourceId()).isEqualTo(NIC);
            });
        }
    }

    /** Translation on in every value of CR0 means that no request passed untranslated, and none was aborted as a whole. */
    @ParameterizedTest
    @CsvSource({"minimal,BLOCK", "minimal,KEEP", "full,BLOCK", "full,KEEP", "enhanced,BLOCK", "enhanced,KEEP"})
    void theNextDriverTakesOverWithoutSwitchingTranslationOff(String kind, LeavePolicy policy) {
        try (var rig = Rig.of(kind)) {
            var controls = new ArrayList<Integer>();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    super.write32(offset, value);
                    if (offset == Cr0Register.OFFSET) {
                        controls.add(value);
                        long answer = rig.read(NIC, 0x1000);
                        assertThat(answer < 0 || answer == 0x20_0000 || controls.size() == 1).isTrue();
                    }
                }
            });
            var first = rig.start();
            long bound = rig.arena().allocatedBytes();
            translating(rig, first, NIC);
            first.leave(policy);
            controls.clear();
            var second = rig.start();
            assertThat(controls).hasSizeGreaterThan(3).allMatch(value -> Cr0Register.SMMUEN.isSet(value));
            assertThat(rig.read(NIC, 0x1000)).as("blocked until the core attaches it again").isNegative();
            assertThat(rig.arena().allocatedBytes()).as("all of the first driver's memory is back").isEqualTo(bound);
            translating(rig, second, NIC);
        }
    }

    @Test
    void theNextDriverFindsTablesOfEveryKind() {
        try (var rig = Rig.full()) {
            var first = rig.start();
            long bound = rig.arena().allocatedBytes();
            var nic = Rig.probed(first, TestDevice.rich("nic", 20), NIC);
            var plain = Rig.domain(first, nic);
            Rig.map(plain, 0x1000, 0x20_0000, 1, RW);
            Rig.attach(plain, nic);
            var own = Rig.domain(first, nic);
            Rig.map(own, 0x40_0000, 0x30_0000, 600, RW);
            own.setDevPasid(nic, 0x8_1234, java.util.Optional.empty());
            var disk = Rig.device(first, "disk", DISK);
            var stage2 = Rig.domain(first, disk, sluicegate.api.driver.AllocFlag.NEST_PARENT);
            Rig.map(stage2, 0x7000, 0x40_0000, 1, RW);
            Rig.attach(stage2, disk);
            var idle = Rig.device(first, "idle", 0x20);
            Rig.attach(first.identityDomain().orElseThrow(), idle);
            first.leave(LeavePolicy.KEEP);
            assertThat(rig.read(NIC, 0x8_1234, 0x40_0000)).isEqualTo(0x30_0000);
            assertThat(rig.read(DISK, 0x7000)).isEqualTo(0x40_0000);
            assertThat(rig.read(0x20, 0x7000)).isEqualTo(0x7000);
            rig.start();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(bound);
            for (int sid : new int[] {NIC, DISK, 0x20}) {
                assertThat(rig.read(sid, 0x7000)).isNegative();
            }
        }
    }

    /** Tables that somebody left behind are input like any other. */
    @ParameterizedTest
    @ValueSource(strings = {"minimal", "full"})
    void brokenTablesThatAreFoundDisturbNothing(String kind) {
        try (var rig = Rig.of(kind)) {
            var random = new Random(7);
            var unit = rig.start();
            long bound = rig.arena().allocatedBytes();
            unit.leave(LeavePolicy.BLOCK);
            long table = StrtabBaseRegister.ADDR.inPlace(rig.registers().read64(StrtabBaseRegister.OFFSET));
            // What the driver will be given next, and pointers to it, to each other, to themselves and out of memory.
            long next = rig.arena().allocate(4096);
            rig.arena().free(next, 4096);
            for (long address = table; address < table + 4096; address += 8) {
                int kindOfWord = random.nextInt(4);
                rig.memory().set64(address, kindOfWord == 0 ? random.nextLong() : kindOfWord == 1 ? next | 9
                        : random.nextLong(1 << 17) << 12 | random.nextInt(16));
            }
            for (int i = 0; i < 4096; i++) {
                rig.memory().set64(0x200_0000 + i * 4096L, random.nextLong(1 << 17) << 12 | random.nextInt(16));
            }
            var second = rig.start();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(bound);
            translating(rig, second, NIC);
        }
    }

    /** Firmware's tables are not in the arena and are replaced while requests abort. */
    @Test
    void aUnitThatFirmwareLeftOnIsTakenOverWhileEverythingAborts() {
        try (var rig = Rig.minimal()) {
            rig.registers().write64(StrtabBaseRegister.OFFSET, 0x100_0000);
            rig.registers().write32(StrtabBaseCfgRegister.OFFSET, 6);
            rig.memory().set64(0x100_0000 + 64 * NIC, 0b1001);
            rig.registers().write32(Cr0Register.OFFSET, (int) Cr0Register.SMMUEN.mask());
            assertThat(rig.read(NIC, 0x1000)).as("bypass").isEqualTo(0x1000);
            var seen = new ArrayList<Long>();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    super.write32(offset, value);
                    if (offset == Cr0Register.OFFSET) {
                        seen.add(rig.read(NIC, 0x1000));
                    }
                }
            });
            translating(rig, rig.start(), NIC);
            assertThat(seen).hasSizeGreaterThan(2).allMatch(answer -> answer == TranslationEngine.ABORTED);
            assertThat(rig.memory().get64(0x100_0000 + 64 * NIC)).as("firmware's table is left alone").isEqualTo(0b1001);
        }
    }

    static void translating(Rig rig, Smmuv3Unit unit, int sid) {
        var nic = Rig.device(unit, "nic", sid);
        var domain = Rig.domain(unit, nic);
        Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
        Rig.attach(domain, nic);
        assertThat(rig.read(sid, 0x1000)).isEqualTo(0x20_0000);
    }

    @Test
    void reservedRangesAreFirmwaresAndTheDoorbells() {
        var rmr = new ReservedRegion(0xdf80_0000L, 0x80_0000, RW, ReservedRegion.Type.DIRECT);
        try (var rig = Rig.full().region(new FirmwareRegion(rmr, Set.of("disk")))) {
            var unit = rig.start();
            assertThat(unit.reservedRegions(TestDevice.pci("disk"))).hasToString(
                    "[0x00000000df800000 0x00000000dfffffff direct, 0x0000000008000000 0x00000000080fffff msi]");
            assertThat(unit.reservedRegions(TestDevice.platform("mmc", Map.of()))).hasSize(1);
        }
    }

    @Test
    void registersAreShownByName() {
        try (var rig = Rig.full()) {
            var registers = rig.start().registers();
            assertThat(registers).anySatisfy(register -> {
                assertThat(register.name()).isEqualTo("SMMU_CR0");
                assertThat(register.fields()).anyMatch(field -> field.name().equals("SMMUEN") && field.value() == 1);
            }).anySatisfy(register -> assertThat(register.fields())
                    .anyMatch(field -> field.name().equals("OAS") && field.meaning().equals("48 bits")));
        }
    }
}
