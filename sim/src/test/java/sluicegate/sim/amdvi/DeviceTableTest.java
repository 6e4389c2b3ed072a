package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.firmware.AmdviFeatures;
import sluicegate.firmware.AmdviFlag;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.Field;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.DeviceTableSegmentRegister;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.ExclusionBaseRegister;
import sluicegate.spec.amdvi.ExclusionLimitRegister;
import sluicegate.spec.amdvi.InvalidDeviceRequestEvent;

/** The device table (2.2.2): what entries say, which are refused, how the table is divided; ranges that are not translated. */
class DeviceTableTest {
    private static final long IOVA = 0x4000_0000L;
    private static final long MESSAGE = 0xfee0_0000L;
    private final Rig rig = new Rig().start();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aDeviceWhoseEntryIsNotValidPasses() {
        rig.dte(Rig.DEVICE, -2L, -1L, -2L, -1L);
        assertThat(rig.write(IOVA)).as("whatever else the entry holds").isEqualTo(IOVA);
        assertThat(rig.interrupt(0x20)).isEqualTo(DmaStatus.OK);
        assertThat(rig.request(7, IOVA, RequestAccess.READ)).isEqualTo(IOVA);
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void withoutValidTranslationEverythingStopsButMessages() {
        rig.dte(Rig.DEVICE, DeviceTableEntry.V.mask(), 0, 0, 0);
        assertThat(rig.read(IOVA)).isNegative();
        assertThat(rig.event().code()).isEqualTo(EventCode.IO_PAGE_FAULT);
        assertThat(rig.interrupt(0x20)).isEqualTo(DmaStatus.OK);
    }

    @Test
    void whatKernelsWriteToBlockADeviceBlocksIt() {
        rig.dte(Rig.DEVICE, 0x3, 0, 0x1, 0);
        assertThat(rig.read(IOVA)).isNegative();
        assertThat(rig.write(IOVA)).isNegative();
        assertThat(rig.events()).extracting(Rig.Event::flags).containsExactly(0x50, 0x70);
    }

    /** Those of the upper half make no difference to DMA: see InterruptRemappingTest. */
    @Test
    void everyReservedBitOfAGoodEntryIsRefused() {
        for (int word = 0; word < DeviceTableEntry.WORDS / 2; word++) {
            long reserved = DeviceTableEntry.LAYOUT.reservedMask(word);
            for (int bit = 0; bit < Long.SIZE; bit++) {
                if ((reserved >>> bit & 1) != 0) {
                    rig.host(Rig.DEVICE, Rig.DOMAIN, 4);
                    rig.changeDte(Rig.DEVICE, word, 1L << bit, 0);
                    assertThat(rig.write(IOVA)).as("bit %d", word * 64 + bit).isNegative();
                    var event = rig.event();
                    assertThat(event.code()).isEqualTo(EventCode.ILLEGAL_DEV_TABLE_ENTRY);
                    assertThat(event.flags()).as("write, reserved bit").isEqualTo(0xA0);
                    assertThat(event.device()).isEqualTo(Rig.DEVICE);
                    assertThat(event.high()).isEqualTo(IOVA);
                }
            }
        }
    }

    /** Fields that are reserved on a unit without the feature. */
    static Stream<List<Object>> features() {
        return Stream.of(
                List.of(AmdviFlag.HOST_ACCESSED, DeviceTableEntry.HAD),
                List.of(AmdviFlag.ENHANCED_PPR, DeviceTableEntry.PPR),
                List.of(AmdviFlag.PAGE_REQUESTS, DeviceTableEntry.GPRP),
                List.of(AmdviFlag.GUEST_IO_PROTECTION, DeviceTableEntry.GIOV),
                List.of(AmdviFlag.GUEST_TRANSLATION, DeviceTableEntry.GV),
                List.of(AmdviFlag.GUEST_TRANSLATION, DeviceTableEntry.GLX),
                List.of(AmdviFlag.GUEST_TRANSLATION, DeviceTableEntry.GCR3_14_12),
                List.of(AmdviFlag.GUEST_TRANSLATION, DeviceTableEntry.GCR3_30_15),
                List.of(AmdviFlag.GUEST_TRANSLATION, DeviceTableEntry.GCR3_51_31),
                List.of(AmdviFlag.IOTLB, DeviceTableEntry.I));
    }

    @ParameterizedTest
    @MethodSource("features")
    void fieldsOfFeaturesThatTheUnitLacksAreReserved(List<Object> pair) {
        var flag = (AmdviFlag) pair.get(0);
        var field = (Field) pair.get(1);
        var missing = switch (flag) {
            case HOST_ACCESSED -> EnumSet.of(flag, AmdviFlag.HOST_DIRTY);
            case IOTLB -> EnumSet.of(flag, AmdviFlag.PAGE_REQUESTS, AmdviFlag.ENHANCED_PPR);
            case GUEST_TRANSLATION -> EnumSet.of(flag, AmdviFlag.GUEST_IO_PROTECTION, AmdviFlag.GCR3_GUEST_ADDRESS);
            default -> EnumSet.of(flag);
        };
        try (var poor = new Rig(Rig.without(missing.toArray(AmdviFlag[]::new))).start()) {
            poor.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
            poor.changeDte(Rig.DEVICE, 1, 0, DeviceTableEntry.I.mask());
            assertThat(poor.read(IOVA)).isEqualTo(0x70_0000);
            poor.changeDte(Rig.DEVICE, field.word(), Long.lowestOneBit(field.mask()), 0);
            poor.invalidateEntry(Rig.DEVICE);
            assertThat(poor.read(IOVA)).as(field.name()).isNegative();
            assertThat(poor.event().flags()).isEqualTo(0x80);
        }
        assertThat(rig.read(IOVA)).isNegative();
    }

    @Test
    void codesThatAreNotAllowedAreRefused() {
        refuses(0, DeviceTableEntry.MODE, 7);
        refuses(0, DeviceTableEntry.HAD, 2);
        refuses(1, DeviceTableEntry.IOCTL, 3);
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.GLX.set(0, 3), 0);
        assertIllegal();
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.changeDte(Rig.DEVICE, 2, DeviceTableEntry.GPTMODE.set(0, 2), 0);
        assertIllegal();
    }

    private void refuses(int word, Field field, long value) {
        rig.host(Rig.DEVICE, Rig.DOMAIN, 4);
        rig.changeDte(Rig.DEVICE, word, field.set(0, value), field.mask());
        assertIllegal();
    }

    private void assertIllegal() {
        assertThat(rig.read(IOVA)).isNegative();
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.ILLEGAL_DEV_TABLE_ENTRY);
        assertThat(event.flags()).as("no reserved bit").isZero();
    }

    @Test
    void depthsBeyondTheUnitsAreRefused() {
        try (var shallow = new Rig(new AmdviFeatures(EnumSet.of(AmdviFlag.IOTLB, AmdviFlag.GUEST_TRANSLATION), 4, 4, 1, 8, 48, 1))
                .start()) {
            shallow.host(Rig.DEVICE, Rig.DOMAIN, 5);
            assertThat(shallow.read(IOVA)).isNegative();
            assertThat(shallow.event().code()).isEqualTo(EventCode.ILLEGAL_DEV_TABLE_ENTRY);
            shallow.guest(Rig.DEVICE, Rig.DOMAIN, 0, DeviceTableEntry.GLX.set(0, 1));
            assertThat(shallow.read(IOVA)).isNegative();
            assertThat(shallow.event().code()).isEqualTo(EventCode.ILLEGAL_DEV_TABLE_ENTRY);
            shallow.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
            shallow.changeDte(Rig.DEVICE, 2, DeviceTableEntry.GPTMODE.set(0, 1), 0);
            assertThat(shallow.read(IOVA)).isNegative();
            assertThat(shallow.event().code()).isEqualTo(EventCode.ILLEGAL_DEV_TABLE_ENTRY);
        }
    }

    @Test
    void entriesOfDevicesBeyondTheTableDoNotExist() {
        rig.setRegister(DeviceTableBaseRegister.OFFSET, Rig.DEVICE_TABLE);
        rig.host(0x7f, Rig.DOMAIN, 0);
        rig.host(0x80, Rig.DOMAIN, 0);
        assertThat(rig.unit.translate(0x7f, Pasid.NONE, IOVA, RequestAccess.READ)).isEqualTo(IOVA);
        assertThat(rig.unit.translate(0x80, Pasid.NONE, IOVA, RequestAccess.READ)).isNegative();
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.IO_PAGE_FAULT);
        assertThat(event.device()).isEqualTo(0x80);
    }

    @Test
    void aTableWhereNoMemoryIsIsAHardwareError() {
        rig.setRegister(DeviceTableBaseRegister.OFFSET, 0x8000_0000L | 0x1ff);
        rig.invalidateAll();
        assertThat(rig.read(IOVA)).isNegative();
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.DEV_TAB_HARDWARE_ERROR);
        assertThat(event.high()).isEqualTo(0x8000_0000L + Rig.DEVICE * 32);
        assertThat(event.flags()).as("master abort").isEqualTo(0x200);
    }

    @Test
    void segmentsDivideTheTableByTheHighestBitsOfTheDeviceId() {
        long segment3 = 0x20_0000;
        int device = 3 << 14 | 0x21;
        rig.memory.set64(segment3 + 0x21 * 32, Rig.hostWord(Rig.DOMAIN, 0));
        rig.setRegister(DeviceTableSegmentRegister.offset(3), segment3 | 1);
        assertThat(rig.unit.translate(device, Pasid.NONE, IOVA, RequestAccess.READ)).as("beyond the table of one segment")
                .isNegative();
        rig.control(ControlRegister.DEVTBLSEGEN.set(0, 2));
        assertThat(rig.unit.translate(device, Pasid.NONE, IOVA, RequestAccess.READ)).isEqualTo(IOVA);
        assertThat(rig.unit.translate(3 << 14 | 0x100, Pasid.NONE, IOVA, RequestAccess.READ)).as("beyond the segment").isNegative();
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        assertThat(rig.read(IOVA)).as("segment 0 is where the table was").isEqualTo(0x70_0000);
    }

    @Test
    void faultsOfADeviceCanBeSilenced() {
        rig.changeDte(Rig.DEVICE, 1, DeviceTableEntry.SA.mask(), 0);
        rig.read(IOVA);
        assertThat(rig.events()).isEmpty();
        rig.changeDte(Rig.DEVICE, 1, DeviceTableEntry.SE.mask(), DeviceTableEntry.SA.mask());
        rig.invalidateEntry(Rig.DEVICE);
        rig.read(IOVA);
        rig.read(IOVA + 0x1000);
        assertThat(rig.events()).as("only the first").hasSize(1);
        rig.invalidateEntry(Rig.DEVICE);
        rig.read(IOVA);
        assertThat(rig.events()).as("the first since it was read again").hasSize(1);
    }

    @Test
    void theInterruptRangeCannotBeRead() {
        rig.entry(Rig.DOMAIN, MESSAGE, 1, 0x70_0000 | Rig.PR | Rig.RW);
        assertThat(rig.read(MESSAGE)).isNegative();
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.INVALID_DEVICE_REQUEST);
        assertThat(InvalidDeviceRequestEvent.TYPE.get(event.low())).isZero();
        assertThat(rig.unit.probe(Rig.DEVICE, Pasid.NONE, MESSAGE, Access.READ)).isInstanceOf(Translation.Fault.class);
        assertThat(rig.unit.probe(Rig.DEVICE, Pasid.NONE, MESSAGE, Access.WRITE)).isInstanceOf(Translation.Mapped.class);
    }

    @Test
    void theExclusionRangeIsNotTranslatedForThoseWhoMayUseIt() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        assertThat(rig.read(IOVA)).isEqualTo(0x70_0000);
        rig.setRegister(ExclusionLimitRegister.OFFSET, IOVA + 0x1000);
        rig.setRegister(ExclusionBaseRegister.OFFSET, IOVA | 1);
        assertThat(rig.read(IOVA)).as("without EX").isEqualTo(0x70_0000);
        rig.changeDte(Rig.DEVICE, 1, DeviceTableEntry.EX.mask(), 0);
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(rig.read(IOVA + 8)).isEqualTo(IOVA + 8);
        assertThat(rig.read(IOVA + 0x1fff)).as("the last page belongs to it").isEqualTo(IOVA + 0x1fff);
        assertThat(rig.read(IOVA + 0x2000)).isNegative();
        rig.changeDte(Rig.DEVICE, 1, 0, DeviceTableEntry.EX.mask());
        rig.invalidateEntry(Rig.DEVICE);
        rig.setRegister(ExclusionBaseRegister.OFFSET, IOVA | 3);
        assertThat(rig.read(IOVA)).as("for all").isEqualTo(IOVA);
        rig.setRegister(ExclusionBaseRegister.OFFSET, IOVA | 2);
        assertThat(rig.read(IOVA)).as("off").isEqualTo(0x70_0000);
    }

    @Test
    void aProbeForetellsWithoutATrace() {
        assertThat(rig.unit.probe(Rig.DEVICE, Pasid.NONE, IOVA, Access.WRITE)).isInstanceOfSatisfying(Translation.Fault.class,
                fault -> {
                    assertThat(fault.name()).isEqualTo("IO_PAGE_FAULT");
                    assertThat(fault.reason()).contains("not present").contains("0x0020");
                });
        rig.changeDte(Rig.DEVICE, 0, 1L << 63, 0);
        assertThat(rig.unit.probe(Rig.DEVICE, Pasid.NONE, IOVA, Access.READ)).isInstanceOfSatisfying(Translation.Fault.class,
                fault -> assertThat(fault.code()).isEqualTo(EventCode.ILLEGAL_DEV_TABLE_ENTRY.code()));
        assertThat(rig.events()).isEmpty();
    }
}
