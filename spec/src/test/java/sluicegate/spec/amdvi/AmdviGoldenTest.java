package sluicegate.spec.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;

import sluicegate.spec.Layout;

/**
 * Bytes against names. The bytes were worked out by hand from the manual, or taken from memory and registers of a real
 * Debian kernel (6.12) that drove QEMU's unit; none were made with the classes under test.
 */
class AmdviGoldenTest {

    // device table entries

    @Test
    void entryThatTranslatesWithThreeLevels() {
        long low = DeviceTableEntry.V.set(0, 1);
        low = DeviceTableEntry.TV.set(low, 1);
        low = DeviceTableEntry.MODE.set(low, 3);
        low = DeviceTableEntry.ROOT.setInPlace(low, 0x1_0abc_d000L);
        low = DeviceTableEntry.IR.set(DeviceTableEntry.IW.set(low, 1), 1);
        long domain = DeviceTableEntry.DOMAINID.set(DeviceTableEntry.I.set(0, 1), 0x1234);
        assertBytes("03 d6 bc 0a 01 00 00 60 34 12 00 00 01 00 00 00", low, domain);
    }

    @Test
    void entriesOfAKernel() {
        assertThat(DeviceTableEntry.LAYOUT.describe(0x6000_0001_4250_9603L, 0xe, 0x2000_0001_4614_e013L, 0)).isEqualTo(
                "V=1 TV=1 MODE=0x3 ROOT=0x142509000 IR=1 IW=1 DOMAINID=0xe IV=1 INTTABLEN=0x9 INTROOT=0x14614e000"
                        + " INTCTL=0x2");
        assertThat(DeviceTableEntry.LAYOUT.describe(0x6000_0000_0000_0003L, 0x16, 0x1, 0)).as("passes unchanged")
                .isEqualTo("V=1 TV=1 IR=1 IW=1 DOMAINID=0x16 IV=1");
        assertThat(DeviceTableEntry.LAYOUT.describe(0x3, 0, 0x1, 0)).as("blocked: no permission")
                .isEqualTo("V=1 TV=1 IV=1");
    }

    @Test
    void theRootOfTheGcr3TableIsSplitInThree() {
        long root = 0x000A_BCDE_F123_4000L;
        long low = DeviceTableEntry.setGcr3RootLow(0, root);
        long high = DeviceTableEntry.setGcr3RootHigh(0, root);
        assertThat(low).as("bits 14:12 at 60:58").isEqualTo((root >>> 12 & 7) << 58);
        assertThat(high).as("bits 30:15 at 95:80, bits 51:31 at 127:107")
                .isEqualTo((root >>> 15 & 0xFFFF) << 16 | root >>> 31 << 43);
        assertThat(DeviceTableEntry.gcr3Root(low, high)).isEqualTo(root);
        assertThat(DeviceTableEntry.gcr3Root(~low, ~high)).isEqualTo(~root & 0x000F_FFFF_FFFF_F000L);
        assertThatIllegalArgumentException().isThrownBy(() -> DeviceTableEntry.setGcr3RootLow(0, 0x1001));
        assertThatIllegalArgumentException().isThrownBy(() -> DeviceTableEntry.setGcr3RootHigh(0, 1L << 52));
    }

    @Test
    void reservedBitsOfDeviceTableEntries() {
        Layout dte = DeviceTableEntry.LAYOUT;
        assertThat(dte.reservedMask(0)).isEqualTo(0x8000_0000_0000_007CL);
        assertThat(dte.reservedMask(1)).isZero();
        assertThat(dte.reservedMask(2)).isEqualTo(0x0830_0000_0000_0000L);
        assertThat(dte.reservedMask(3)).isEqualTo(0x003F_0000_0000_7FFFL);
        // A unit that has no feature and no device TLBs: all but V, TV, MODE, ROOT, IR, IW and what was there from the first revision.
        assertThat(DeviceTableEntry.reservedMask(0, 0, false)).isEqualTo(0x9FF0_0000_0000_01FCL);
        assertThat(DeviceTableEntry.reservedMask(1, 0, false)).isEqualTo(0xFFFF_FC01_FFFF_0000L);
        assertThat(DeviceTableEntry.reservedMask(2, 0, false)).isEqualTo(0x08F0_0000_0000_0000L);
        assertThat(DeviceTableEntry.reservedMask(3, 0, false)).isEqualTo(-1L);
        assertThat(DeviceTableEntry.reservedMask(1, -1L, true)).isZero();
    }

    /** 4 KiB to 2^51 bytes; of sizes that NEXT 7 tells those between a level's and the next one's (2.2.3). */
    @Test
    void sizesOfPagesBelongToLevels() {
        assertThat(HostPageEntry.canBeIn(1, 0, 12)).isTrue();
        assertThat(HostPageEntry.canBeIn(5, 0, 48)).isTrue();
        assertThat(HostPageEntry.canBeIn(6, 0, 57)).isFalse();
        long sized = HostPageEntry.NEXT.set(0, HostPageEntry.NEXT_SIZED_PAGE);
        assertThat(HostPageEntry.canBeIn(1, sized, 12)).isFalse();
        assertThat(HostPageEntry.canBeIn(1, sized, 13)).isTrue();
        assertThat(HostPageEntry.canBeIn(1, sized, 20)).isTrue();
        assertThat(HostPageEntry.canBeIn(1, sized, 21)).isFalse();
        assertThat(HostPageEntry.canBeIn(2, sized, 21)).isFalse();
        assertThat(HostPageEntry.canBeIn(5, sized, 51)).isTrue();
        assertThat(HostPageEntry.canBeIn(5, sized, 52)).isFalse();
    }

    // page tables

    @Test
    void hostEntriesOfAKernel() {
        long table = 0x6000_0001_4246_8401L;
        assertThat(HostPageEntry.layout(table)).isSameAs(HostPageEntry.TABLE);
        assertThat(HostPageEntry.TABLE.describe(table)).isEqualTo("PR=1 NEXT=0x2 ADDR=0x142468000 IR=1 IW=1");
        long page = 0x7000_0001_4282_0001L;
        assertThat(HostPageEntry.isLeaf(page)).isTrue();
        assertThat(HostPageEntry.PAGE.describe(page)).isEqualTo("PR=1 ADDR=0x142820000 FC=1 IR=1 IW=1");
        assertThat(HostPageEntry.TABLE.reservedMask(0)).isEqualTo(0x1FF0_0000_0000_0000L);
        assertThat(HostPageEntry.PAGE.reservedMask(0)).isEqualTo(0x07F0_0000_0000_0000L);
    }

    @Test
    void sizesOfPagesThatNextLevelSevenTells() {
        assertThat(HostPageEntry.sizedPage(0, 13)).as("8 KiB at 0").isEqualTo(0xE00);
        assertThat(HostPageEntry.sizedPage(0x4000, 14)).as("16 KiB").isEqualTo(0x5E00);
        assertThat(HostPageEntry.sizedPage(0x1_0000, 16)).as("64 KiB").isEqualTo(0x1_7E00);
        assertThat(HostPageEntry.sizedPage(0x40_0000, 22)).as("4 MiB").isEqualTo(0x5F_FE00);
        for (int shift = 13; shift < 52; shift++) {
            long address = 0x000A_5A5A_5A5A_5000L & -1L << shift & 0x000F_FFFF_FFFF_F000L;
            long entry = HostPageEntry.sizedPage(address, shift) | HostPageEntry.PR.mask();
            assertThat(HostPageEntry.pageShift(1, entry)).isEqualTo(shift);
            assertThat(HostPageEntry.pageAddress(entry, shift)).isEqualTo(address);
        }
        assertThat(HostPageEntry.pageShift(2, 1)).isEqualTo(21);
        assertThat(HostPageEntry.coverShift(6)).isEqualTo(57);
        assertThatIllegalArgumentException().isThrownBy(() -> HostPageEntry.sizedPage(1L << 52, 13));
    }

    @Test
    void guestEntries() {
        long large = GuestPageEntry.PS.set(GuestPageEntry.ADDR_2M.setInPlace(0x7, 0x4060_0000L), 1);
        assertThat(large).isEqualTo(0x4060_0087L);
        assertThat(GuestPageEntry.layout(2, large)).isSameAs(GuestPageEntry.PAGE_2M);
        assertThat(GuestPageEntry.isLeaf(4, large)).isFalse();
        assertThat(GuestPageEntry.layout(3, 0x67)).isSameAs(GuestPageEntry.TABLE);
        assertThat(GuestPageEntry.UPPER_TABLE.reservedMask(0)).isEqualTo(0x180);
        assertThat(GuestPageEntry.PAGE_1G.reservedMask(0)).isEqualTo(0x3FFF_E000L);
        assertThat(GuestPageEntry.A.mask() | GuestPageEntry.D.mask()).isEqualTo(0x60);
        assertThat(GuestPageEntry.NX.mask()).isEqualTo(Long.MIN_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> GuestPageEntry.layout(6, 0));
        assertThat(Gcr3Entry.LAYOUT.describe(0x1_2345_6001L)).isEqualTo("V=1 CR3=0x123456000");
        assertThat(Gcr3Entry.index(0xABCDE, 0)).isEqualTo(0x0DE);
        assertThat(Gcr3Entry.index(0xABCDE, 1)).isEqualTo(0x15E);
        assertThat(Gcr3Entry.index(0xABCDE, 2)).isEqualTo(0x2);
    }

    // commands

    @Test
    void completionWaitOfAKernel() {
        long[] wait = {0x1000_0001_401f_2001L, 0xdf0};
        assertThat(CommandCode.of(wait[0])).isEqualTo(CommandCode.COMPLETION_WAIT);
        assertThat(CompletionWaitCommand.LAYOUT.describe(wait))
                .isEqualTo("S=1 STORE=0x1401f2000 OPCODE=0x1 DATA=0xdf0");
        long low = CommandRecord.OPCODE.set(0, CommandCode.COMPLETION_WAIT);
        low = CompletionWaitCommand.I.set(CompletionWaitCommand.F.set(low, 1), 1);
        assertBytes("06 00 00 00 00 00 00 10 00 00 00 00 00 00 00 00", low, 0);
    }

    @Test
    void invalidationOfPagesOfAKernel() {
        assertThat(InvalidateIommuPagesCommand.LAYOUT.describe(0x3000_0013_0000_0000L, 0xfff8_6002L))
                .isEqualTo("DOMAINID=0x13 OPCODE=0x3 PDE=1 ADDRESS=0xfff86000");
        assertThat(InvalidateIommuPagesCommand.LAYOUT.describe(0x3000_000e_0000_0000L, 0xffef_3003L))
                .isEqualTo("DOMAINID=0xe OPCODE=0x3 S=1 PDE=1 ADDRESS=0xffef3000");
        long low = InvalidateIommuPagesCommand.PASID.set(CommandRecord.OPCODE.set(0,
                CommandCode.INVALIDATE_IOMMU_PAGES), 0xABCDE);
        long high = InvalidateIommuPagesCommand.GN.set(InvalidateIommuPagesCommand.S.set(0, 1), 1)
                | InvalidateIommuPagesCommand.ALL_PAGES;
        assertBytes("de bc 0a 00 00 00 00 30 05 f0 ff ff ff ff ff 7f", low, high);
    }

    @Test
    void invalidationOfADeviceTlbSplitsItsPasid() {
        long low = CommandRecord.OPCODE.set(0, CommandCode.INVALIDATE_IOTLB_PAGES);
        low = InvalidateIotlbPagesCommand.DEVICEID.set(low, 0x0301);
        low = InvalidateIotlbPagesCommand.QUEUEID.set(low, 0x0301);
        low = InvalidateIotlbPagesCommand.MAXPEND.set(low, 0x20);
        low = InvalidateIotlbPagesCommand.setPasid(low, 0xABCDE);
        long high = InvalidateIotlbPagesCommand.GN.mask() | 0x5000;
        assertBytes("01 03 bc 20 01 03 de 4a 04 50 00 00 00 00 00 00", low, high);
        assertThat(InvalidateIotlbPagesCommand.pasid(low)).isEqualTo(0xABCDE);
        long none = InvalidateIotlbPagesCommand.setPasid(low, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InvalidateIotlbPagesCommand.setPasid(none, 1 << 20));
    }

    @Test
    void kindsOfInvalidationOfADeviceTlb() {
        assertThat(InvalidateIotlbPagesCommand.LAYOUT.describe(0x4000_0301_2000_0301L, 0x5035L)).isEqualTo(
                "DEVICEID=0x301 MAXPEND=0x20 QUEUEID=0x301 OPCODE=0x4 S=1 GN=1 TYPE=0x3 ADDRESS=0x5000");
        assertThat(InvalidateIotlbPagesCommand.LAYOUT.reservedMask(1)).isEqualTo(0xfcaL);
    }

    /** Of a real machine whose interrupt was aborted: {@code address=0xfffffffdf8140200 flags=0x0a00}. */
    @Test
    void interruptsInEvents() {
        assertThat(InterruptMessage.EVENT_ADDRESS.describe(0xffff_fffd_f814_0200L))
                .isEqualTo("HT_DEST=0x2 HT_VECTOR=0x14 HT_RANGE=0xfffffffdf8");
        assertThat(InterruptMessage.eventAddress(0xfee0_2000L, 0x14)).isEqualTo(0xffff_fffd_f814_0200L);
        assertThat(InterruptMessage.eventAddress(0xfeef_f004L, 0xcf21)).as("logical, level, all ones")
                .isEqualTo(0xffff_fffd_f821_ff7cL);
    }

    @Test
    void answerToAPageRequest() {
        long low = CommandRecord.OPCODE.set(0, CommandCode.COMPLETE_PPR_REQUEST);
        low = CompletePprCommand.DEVICEID.set(CompletePprCommand.PASID.set(low, 0x12345), 0x10);
        long high = CompletePprCommand.TAG.set(CompletePprCommand.GN.mask(), 0x1AB);
        high = CompletePprCommand.CODE.set(high, CompletePprCommand.FAILURE);
        assertBytes("10 00 00 00 45 23 01 70 04 00 00 00 ab f1 00 00", low, high);
    }

    @Test
    void otherCommands() {
        long entry = InvalidateDevTabEntryCommand.DEVICEID.set(0x2000_0000_0000_0000L, 0x8100);
        assertBytes("00 81 00 00 00 00 00 20 00 00 00 00 00 00 00 00", entry, 0);
        assertThat(InvalidateAllCommand.LAYOUT.reservedMask(0)).isEqualTo(0x0FFF_FFFF_FFFF_FFFFL);
        long low = CommandRecord.OPCODE.set(0, CommandCode.PREFETCH_IOMMU_PAGES);
        low = PrefetchIommuPagesCommand.PFCOUNT.set(PrefetchIommuPagesCommand.DEVICEID.set(low, 0x18), 3);
        assertBytes("18 00 00 03 00 00 00 60 10 40 00 00 00 00 00 00", low,
                PrefetchIommuPagesCommand.INVAL.set(0x4000, 1));
        for (int code = 1; code <= 8; code++) {
            assertThat(CommandCode.layout(code)).isPresent();
        }
        assertThat(CommandCode.layout(0)).isEmpty();
        assertThat(CommandCode.layout(CommandCode.INSERT_GUEST_EVENT)).isEmpty();
    }

    // records

    @Test
    void pageFaultsAsKernelsPrintThem() {
        // xhci_hcd: IO_PAGE_FAULT domain=0x0000 address=0xffb8a000 flags=0x0020
        long low = 0x20L << EventFlags.SHIFT | 0x2L << 60 | 0x0100;
        assertThat(IoPageFaultEvent.LAYOUT.describe(low, 0xffb8_a000L))
                .isEqualTo("DEVICEID=0x100 RW=1 CODE=0x2 OPERAND=0xffb8a000");
        assertThat(EventLogRecord.FLAGS.get(low)).isEqualTo(0x20);
        // ahci: flags=0x0070
        assertThat(EventFlags.LAYOUT.describe(0x70L << EventFlags.SHIFT)).isEqualTo("PR=1 RW=1 PE=1");
        assertThat(EventFlags.LAYOUT.describe(0x8L << EventFlags.SHIFT)).as("an interrupt").isEqualTo("I=1");
        assertThat(EventLogRecord.pasid(0x0000_BCDE_000A_0000L)).isEqualTo(0xABCDE);
        assertThat(EventFlags.RZ.mask() | EventFlags.TR.mask()).isEqualTo(0x180L << EventFlags.SHIFT);
    }

    @Test
    void recordsOfEveryEvent() {
        for (EventCode event : EventCode.values()) {
            assertThat(event.layout().name()).isEqualTo(event.name());
            assertThat(event.layout().field("CODE")).isSameAs(EventLogRecord.CODE);
            assertThat(EventCode.of(event.code())).contains(event);
        }
        assertThat(Arrays.stream(EventCode.values()).mapToInt(EventCode::code))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14);
        assertThat(EventCode.of(0)).isEmpty();
        assertThat(EventCode.of(15)).isEmpty();
        assertThat(DevTabHardwareErrorEvent.TYPE.mask()).isEqualTo(3L << 57);
        assertThat(InvalidDeviceRequestEvent.TYPE.mask()).isEqualTo(7L << 57);
        assertThat(HardwareErrorType.of(0)).isEmpty();
        assertThat(DeviceRequestType.of(1)).contains(DeviceRequestType.PRETRANSLATED);
        assertThat(TranslationRequestType.of(0)).contains(TranslationRequestType.NOT_ENABLED);
    }

    @Test
    void recordOfAPageRequest() {
        // read and write of the page at 0x7f0000123000 with PASID 0xa1234, group 5, last, of 03:00.0
        long low = ByteBuffer.wrap(HexFormat.of().parseHex("0003341205" + "2a2411")).order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        assertThat(PprRecord.LAYOUT.describe(low, 0x7f00_0012_3000L)).isEqualTo(
                "DEVICEID=0x300 PASID_15_0=0x1234 TAG=0x205 PASID_19_16=0xa R=1 W=1 GN=1 CODE=0x1"
                        + " ADDRESS=0x7f0000123000");
        assertThat(PprRecord.pasid(low)).isEqualTo(0xA1234);
        assertThat(PprRecord.group(low)).isEqualTo(5);
        assertThat(PprRecord.isLast(low)).isTrue();
        assertThat(PprRecord.US.mask() | PprRecord.RZ.mask()).isEqualTo(0xC0L << EventFlags.SHIFT);
    }

    /** As {@code amd_iommu_activate_guest_mode} fills {@code struct irte_ga}. */
    @Test
    void entryOfAnInterruptToAVirtualProcessor() {
        long low = VirtualInterruptEntry.REMAPEN.mask() | VirtualInterruptEntry.GUESTMODE.mask()
                | VirtualInterruptEntry.GALOGINTR.mask() | VirtualInterruptEntry.ISRUN.mask();
        low = VirtualInterruptEntry.GATAG.set(VirtualInterruptEntry.DESTINATION_LO.set(low, 0x45_6789), 0xdead_beefL);
        long high = VirtualInterruptEntry.ROOT.setInPlace(VirtualInterruptEntry.VECTOR.set(0, 0x31), 0x000a_bcde_f123_4000L);
        high = VirtualInterruptEntry.DESTINATION_HI.set(high, 0x12);
        assertBytes("c5 89 67 45 ef be ad de 31 40 23 f1 de bc 0a 12", low, high);
        assertThat(VirtualInterruptEntry.LAYOUT.reservedMask(0)).isEqualTo(0x18);
        assertThat(VirtualInterruptEntry.LAYOUT.reservedMask(1)).isEqualTo(0x00f0_0000_0000_0f00L);
        assertThat(VirtualInterruptEntry.GAPPIDIS.mask()).isEqualTo(0x20);
    }

    /** Vectors 0, 31, 0x31 and 255 where an APIC has them: registers 200h to 270h. */
    @Test
    void requestedVectorsOfAVirtualProcessor() {
        assertThat(VirtualApicPage.offset(0)).isEqualTo(0x200);
        assertThat(VirtualApicPage.offset(31)).isEqualTo(0x200);
        assertThat(VirtualApicPage.bit(31)).isEqualTo(0x8000_0000L);
        assertThat(VirtualApicPage.offset(0x31)).isEqualTo(0x210);
        assertThat(VirtualApicPage.bit(0x31)).isEqualTo(0x2_0000L);
        assertThat(VirtualApicPage.offset(255)).isEqualTo(0x270);
    }

    /** As {@code GA_TAG}, {@code GA_DEVID} and {@code GA_REQ_TYPE} take it apart. */
    @Test
    void recordOfTheGuestLog() {
        assertThat(GuestLogRecord.LAYOUT.describe(0x1000_0118_dead_beefL)).isEqualTo("GATAG=0xdeadbeef DEVICEID=0x118 CODE=0x1");
    }

    // registers

    @Test
    void registersOfAKernelOnQemu() {
        assertThat(DeviceTableBaseRegister.LAYOUT.describe(0x0400_01ffL)).isEqualTo("SIZE=0x1ff BASE=0x4000000");
        assertThat(DeviceTableBaseRegister.entries(0x0400_01ffL)).isEqualTo(65536);
        assertThat(CommandBufferBaseRegister.LAYOUT.describe(0x0900_0001_401f_6000L))
                .isEqualTo("COMBASE=0x1401f6000 COMLEN=0x9");
        assertThat(CommandBufferBaseRegister.entries(0x0900_0001_401f_6000L)).isEqualTo(512);
        assertThat(ControlRegister.LAYOUT.describe(0x3148fL)).isEqualTo(
                "IOMMUEN=1 HTTUNEN=1 EVENTLOGEN=1 EVENTINTEN=1 INVTIMEOUT=0x4 COHERENT=1 CMDBUFEN=1"
                        + " GTEN=1 GAEN=1");
        assertThat(InvalidationTimeout.of(4)).contains(InvalidationTimeout.S_1);
        assertThat(ExtendedFeatureRegister.LAYOUT.describe(0x29d3L)).isEqualTo(
                "PREFSUP=1 PPRSUP=1 GTSUP=1 IASUP=1 GASUP=1 HESUP=1 HATS=0x2 GATS=0x2");
        assertThat(ExtendedFeatureRegister.hostLevels(0x29d3L)).isEqualTo(6);
        assertThat(ExtendedFeatureRegister.guestLevels(0x29d3L)).as("a reserved code").isZero();
        assertThat(ExtendedFeatureRegister.gcr3Levels(0x29d3L)).isEqualTo(1);
        assertThat(StatusRegister.LAYOUT.describe(0x18)).isEqualTo("EVENTLOGRUN=1 CMDBUFRUN=1");
        assertThat(CommandBufferTailRegister.LAYOUT.describe(0xb40)).isEqualTo("CMDTAILPTR=0xb40");
    }

    @Test
    void registersOfARealMachine() {
        // AMD-Vi: Extended features (0x246577efa2254afa, 0x10): a server's
        long features = 0x246577efa2254afaL;
        assertThat(ExtendedFeatureRegister.LAYOUT.describe(features)).startsWith(
                "PPRSUP=1 NXSUP=1 GTSUP=1 GAPPISUP=1 IASUP=1 GASUP=1 PCSUP=1 HATS=0x2 GLXSUP=0x1")
                .contains("PASMAX=0xf").contains("GIOSUP=1").contains("EPHSUP=1");
        assertThat(ExtendedFeatureRegister.HDSUP.isSet(features)).isFalse();
        assertThat(ExtendedFeatureRegister.pasidBits(features)).isEqualTo(16);
        assertThat(ExtendedFeatureRegister.gcr3Levels(features)).isEqualTo(2);
        assertThat(ExtendedFeatureRegister.guestLevels(features)).isEqualTo(4);
        assertThat(ExtendedFeatureRegister.GAMSUP.get(features)).isEqualTo(VirtualInterruptEntry.MODE_VIRTUAL_APIC);
        assertThat(ExtendedFeature2Register.GAPPIDISSUP.isSet(0x10)).isTrue();
        assertThat(ExtendedFeature2Register.LAYOUT.describe(0x902)).as("FEATURE_* of amd_iommu_types.h")
                .isEqualTo("SEVSNPIOSUP=1 NUMINTREMAPSUP=0x1 HTRANGEIGNORE=1");
        assertThat(ControlRegister.LAYOUT.describe(1L << 43)).as("CONTROL_NUM_INT_REMAP_MODE").isEqualTo("NUMINTREMAPMODE=0x1");
    }

    @Test
    void placesOfRegisters() {
        assertThat(AmdviRegisters.at(0x2020)).contains(StatusRegister.REGISTER);
        assertThat(AmdviRegisters.at(0x3c)).contains(PprLogBaseRegister.REGISTER);
        assertThat(AmdviRegisters.at(0x3ff8)).isEmpty();
        assertThat(DeviceTableSegmentRegister.offset(1)).isEqualTo(0x100);
        assertThat(DeviceTableSegmentRegister.offset(7)).isEqualTo(0x130);
        assertThat(DeviceTableSegmentRegister.entries(0xff)).isEqualTo(32768);
        assertThat(MsiAddressLowRegister.OFFSET).isEqualTo(0x15c);
        assertThat(XtInterruptRegister.OFFSET).isEqualTo(0x170);
        assertThat(StatusRegister.WRITE_ONE_TO_CLEAR).isEqualTo(0x68E67L);
    }

    @Test
    void capabilityOfQemu() {
        assertThat(IommuCapability.HEADER.describe(0x1f03_000fL)).isEqualTo(
                "CAPID=0xf CAPTYPE=0x3 IOTLBSUP=1 HTTUNNEL=1 NPCACHE=1 EFRSUP=1 CAPEXT=1");
        assertThat(IommuCapability.BASE_LOW.describe(0xfed8_0001L)).isEqualTo("ENABLE=1 BASE=0xfed80000");
        assertThat(IommuCapability.MISC0.describe(48L << 15 | 40L << 8 | 2L << 5))
                .isEqualTo("GVASIZE=0x2 PASIZE=0x28 VASIZE=0x30");
    }

    private static void assertBytes(String hex, long low, long high) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(low).putLong(high);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(bytes.array())).isEqualTo(hex);
    }
}
