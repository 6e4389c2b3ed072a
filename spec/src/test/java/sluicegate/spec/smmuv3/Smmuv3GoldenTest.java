package sluicegate.spec.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Bytes against names. The bytes were worked out by hand from the manual, or taken from memory and registers of real
 * Debian kernels (6.1 with stage 1, 6.12 with stage 2) that drove QEMU's unit, or from logs of kernels on hardware; none were
 * made with the classes under test.
 */
class Smmuv3GoldenTest {

    // stream table

    @Test
    void levelOneStreamTableDescriptorOfAKernel() {
        assertThat(L1StreamTableDescriptor.LAYOUT.describe(words("09 40 18 fc 00 00 00 00")))
                .isEqualTo("SPAN=0x9 L2PTR=0xfc184000");
    }

    @Test
    void bypassEntriesAndAbortEntriesOfKernels() {
        assertThat(StreamTableEntry.LAYOUT.describe(words("01 00 00 00 00 00 00 00 00 00 00 00 00 10" + zeros(50))))
                .as("abort, and the shareability that a bypass entry had").isEqualTo("V=1 SHCFG=0x1");
        long bypass = StreamTableEntry.CONFIG.set(StreamTableEntry.V.set(0, 1), StreamTableEntry.CONFIG_BYPASS);
        assertBytes("09 00 00 00 00 00 00 00", bypass);
    }

    @Test
    void stageOneEntryOfAKernel() {
        long[] ste = words("0b f0 39 3c 01 00 00 00 d6" + zeros(55));
        assertThat(StreamTableEntry.LAYOUT.describe(ste)).isEqualTo(
                "V=1 CONFIG=0x5 S1CONTEXTPTR=0x13c39f000 S1DSS=0x2 S1CIR=0x1 S1COR=0x1 S1CSH=0x3");
    }

    @Test
    void stageTwoEntryOfAKernel() {
        long[] ste = words("0d" + zeros(15) + " 01 00 00 00 94 35 4c 04 00 b0 cf 03 01 00 00 00" + zeros(32));
        assertThat(StreamTableEntry.LAYOUT.describe(ste)).isEqualTo("V=1 CONFIG=0x6 S2VMID=0x1 S2T0SZ=0x14 S2SL0=0x2"
                + " S2IR0=0x1 S2OR0=0x1 S2SH0=0x3 S2PS=0x4 S2AA64=1 S2PTW=1 S2R=1 S2TTB=0x103cfb000");
        long word2 = StreamTableEntry.S2VMID.set(0, 1);
        word2 = StreamTableEntry.S2T0SZ.set(word2, 20);
        word2 = StreamTableEntry.S2SL0.set(word2, 2);
        word2 = StreamTableEntry.S2IR0.set(StreamTableEntry.S2OR0.set(word2, 1), 1);
        word2 = StreamTableEntry.S2SH0.set(word2, 3);
        word2 = StreamTableEntry.S2PS.set(word2, AddressSize.BITS_44.code());
        word2 |= StreamTableEntry.S2AA64.mask() | StreamTableEntry.S2PTW.mask() | StreamTableEntry.S2R.mask();
        assertThat(word2).isEqualTo(ste[2]);
        assertThat(StreamTableEntry.S2TTB.setInPlace(0, 0x1_03cf_b000L)).isEqualTo(ste[3]);
    }

    @Test
    void everyByteOfAnEntryThatDriversUse() {
        long word0 = StreamTableEntry.S1CDMAX.set(0, 20);
        word0 = StreamTableEntry.S1FMT.set(word0, StreamTableEntry.S1FMT_64K_L2);
        assertBytes("20 00 00 00 00 00 00 a0", word0);
        long word1 = StreamTableEntry.S1STALLD.set(0, 1);
        word1 = StreamTableEntry.EATS.set(word1, StreamTableEntry.EATS_FULL);
        word1 = StreamTableEntry.STRW.set(word1, StreamTableEntry.STRW_EL2);
        assertBytes("00 00 00 98 00 00 00 00", word1);
        assertBytes("00 00 08 00 00 00 00 00", StreamTableEntry.MEV.set(0, 1));
        assertBytes("00 00 00 02 00 00 00 00", StreamTableEntry.S2FWB.set(0, 1));
        assertBytes("00 00 00 00 1f 10 03 00", StreamTableEntry.MTCFG.set(StreamTableEntry.MEMATTR.set(
                StreamTableEntry.SHCFG.set(StreamTableEntry.PRIVCFG.set(0, 3), 1), 15), 1));
        assertBytes("00 00 00 00 00 00 00 06", StreamTableEntry.S2S.mask() | StreamTableEntry.S2R.mask());
        assertThat(StreamTableEntry.S2HD.mask()).isEqualTo(1L << 55);
        assertThat(StreamTableEntry.S2HA.mask()).isEqualTo(1L << 56);
        assertThat(StreamTableEntry.S2AFFD.mask()).isEqualTo(1L << 53);
        assertThat(StreamTableEntry.S2TG.mask()).isEqualTo(3L << 46);
        assertThat(StreamTableEntry.VMSPTR.mask()).isEqualTo(0x00ff_ffff_ffff_f000L);
        assertThat(StreamTableEntry.LAYOUT.words()).isEqualTo(StreamTableEntry.WORDS);
    }

    // context descriptors

    @Test
    void contextDescriptorOfAKernel() {
        long[] cd = words("10 35 00 c0 04 e2 02 00 00 e0 39 3c 01 00 00 00" + zeros(8) + " 44 ff 04 f4 ff ff ff ff"
                + zeros(32));
        assertThat(ContextDescriptor.LAYOUT.describe(cd)).isEqualTo("T0SZ=0x10 IR0=0x1 OR0=0x1 SH0=0x3 EPD1=1 V=1"
                + " IPS=0x4 AA64=1 R=1 A=1 ASET=1 ASID=0x2 TTB0=0x13c39e000 MAIR0=0xf404ff44 MAIR1=0xffffffff");
    }

    @Test
    void everyByteOfADescriptorThatDriversUse() {
        long word0 = ContextDescriptor.ASID.set(0, 0x1234);
        word0 = ContextDescriptor.HA.set(ContextDescriptor.HD.set(word0, 1), 1);
        word0 = ContextDescriptor.S.set(word0, 1);
        word0 = ContextDescriptor.TBI0.set(word0, 1);
        word0 = ContextDescriptor.TG1.set(ContextDescriptor.T1SZ.set(word0, 0x19), ContextDescriptor.TG1_64K);
        word0 = ContextDescriptor.EPD0.set(ContextDescriptor.TG0.set(word0, ContextDescriptor.TG0_16K), 1);
        assertBytes("80 40 d9 00 40 1c 34 12", word0);
        assertThat(ContextDescriptor.TTB1.setInPlace(0, 0x000f_ffff_ffff_fff0L)).isEqualTo(0x000f_ffff_ffff_fff0L);
        assertThat(ContextDescriptor.HAD0.mask()).isEqualTo(2);
        assertThat(ContextDescriptor.DS.mask()).isEqualTo(1L << 58);
        assertThat(L1ContextDescriptor.LAYOUT.describe(words("01 00 35 12 00 00 00 00"))).isEqualTo("V=1 L2PTR=0x12350000");
    }

    // commands

    @Test
    void commandsOfAKernel() {
        assertCommand("04 00 00 00 00 00 00 00 1f 00 00 00 00 00 00 00", "OPCODE=0x4 RANGE=0x1f");
        assertCommand("46 20 c0 0f 00 00 00 00 00 00 00 00 00 00 00 00", "OPCODE=0x46 CS=0x2 MSH=0x3 MSIATTR=0xf");
        assertCommand("30 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", "OPCODE=0x30");
        assertCommand("03 00 00 00 00 80 00 00 01 00 00 00 00 00 00 00", "OPCODE=0x3 STREAMID=0x8000 LEAF=1");
        assertCommand("01 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00", "OPCODE=0x1 STREAMID=0x10");
        assertCommand("11 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00", "OPCODE=0x11 ASID=0x2");
        assertCommand("12 00 00 00 00 00 09 00 01 67 ff ff 00 00 00 00",
                "OPCODE=0x12 ASID=0x9 LEAF=1 TTL=0x3 TG=0x1 ADDRESS=0xffff6000");
        assertCommand("28 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00", "OPCODE=0x28 VMID=0x2");
        assertCommand("2a 00 00 00 03 00 00 00 01 47 fe ff 00 00 00 00",
                "OPCODE=0x2a VMID=0x3 LEAF=1 TTL=0x3 TG=0x1 ADDRESS=0xfffe4000");
    }

    @Test
    void rangesOfInvalidations() {
        long low = CommandOpcode.OPCODE.set(0, CommandOpcode.TLBI_NH_VA);
        low = TlbiNhVaCommand.NUM.set(TlbiNhVaCommand.SCALE.set(low, 5), 31);
        low = TlbiNhVaCommand.VMID.set(low, 0xABCD);
        assertBytes("12 f0 51 00 cd ab 00 00", low);
    }

    @Test
    void commandsToDevices() {
        long low = AtcInvCommand.SSV.set(CommandOpcode.OPCODE.set(0, CommandOpcode.ATC_INV), 1);
        low = AtcInvCommand.SUBSTREAMID.set(AtcInvCommand.GLOBAL.set(low, 1), 0x12345);
        assertBytes("40 5a 34 12 38 00 00 00", AtcInvCommand.STREAMID.set(low, 0x38));
        assertBytes("34 00 00 00 00 00 00 00", AtcInvCommand.SIZE.set(0, AtcInvCommand.SIZE_ALL));
        assertBytes("00 21 00 00 00 00 00 00", PriRespCommand.PRGINDEX.set(PriRespCommand.RESP.set(0, 2), 0x100));
        assertBytes("44 10 00 00 00 00 00 00", ResumeCommand.AC.set(CommandOpcode.OPCODE.set(0, CommandOpcode.RESUME), 1));
        assertBytes("44 20 00 00 00 00 00 00", ResumeCommand.AB.set(CommandOpcode.OPCODE.set(0, CommandOpcode.RESUME), 1));
        assertThat(SyncCommand.MSIADDRESS.setInPlace(0, 0x1_0000_0004L)).isEqualTo(0x1_0000_0004L);
        assertThat(SyncCommand.MSIDATA.mask()).isEqualTo(0xffff_ffff_0000_0000L);
    }

    // records

    @Test
    void faultsThatQemuReported() {
        assertThat(event("10 00 00 00 f0 00 00 00 00 00 00 00 08 00 00 00 00 00 00 40" + zeros(12)))
                .isEqualTo("ID=0x10 STREAMID=0xf0 RNW=1 INPUTADDR=0x40000000");
        assertThat(event("10 00 00 00 f0 00 00 00 00 00 00 00 88 02 00 00 00 00 80 42 00 00 00 00 00 00 80 42 00 00 00 00"))
                .isEqualTo("ID=0x10 STREAMID=0xf0 RNW=1 S2=1 CLASS=0x2 INPUTADDR=0x42800000 IPA=0x42800000");
    }

    @Test
    void faultsThatHardwareReported() {
        long[] badCd = {0x0000_7f22_0000_280aL, 0x0000_1000_0000_007eL, 0x034e_8670L, 0};
        assertThat(EventType.of(EventRecord.ID.get(badCd[0]))).contains(EventType.C_BAD_CD);
        assertThat(EventRecord.STREAMID.get(badCd[0])).isEqualTo(0x7f22);
        assertThat(EventRecord.SSV.isSet(badCd[0])).isTrue();
        assertThat(EventRecord.SUBSTREAMID.get(badCd[0])).isEqualTo(2);
        long[] translation = {0x0000_7d12_0000_0010L, 0x0000_1200_0000_007cL, 0xfffe_f040L, 0xfffe_f000L};
        assertThat(TranslationFaultEvent.CLASS.get(translation[1])).isEqualTo(TranslationFaultEvent.CLASS_IN);
        assertThat(TranslationFaultEvent.STAG.get(translation[1])).isEqualTo(0x7c);
        assertThat(TranslationFaultEvent.TTRNW.isSet(translation[1])).isTrue();
        assertThat(TranslationFaultEvent.RNW.isSet(translation[1])).as("a write").isFalse();
    }

    @Test
    void fieldsOfRecords() {
        assertBytes("7c 00 00 80 00 00 00 00", TranslationFaultEvent.STALL.set(TranslationFaultEvent.STAG.set(0, 0x7c), 1));
        assertBytes("00 00 00 00 06 00 00 00", TranslationFaultEvent.IND.set(TranslationFaultEvent.PNU.set(0, 1), 1));
        assertThat(TranslationFaultEvent.IPA.mask()).isEqualTo(0x00ff_ffff_ffff_f000L);
        assertThat(WalkAbortEvent.FETCHADDR.mask()).isEqualTo(0x00ff_ffff_ffff_fff8L);
        assertThat(SteFetchEvent.FETCHADDR.word()).isEqualTo(3);
        assertThat(EventType.of(0x0C)).isEmpty();
        assertThat(EventType.F_ACCESS.sentence())
                .isEqualTo("F_ACCESS: the access flag of the descriptor is clear (12h, 7.3.15)");
    }

    @Test
    void pageRequestRecord() {
        long low = PageRequestRecord.STREAMID.set(0, 0x38);
        low = PageRequestRecord.SUBSTREAMID.set(PageRequestRecord.SSV.set(low, 1), 0xABCDE);
        low = PageRequestRecord.LAST.set(PageRequestRecord.R.set(low, 1), 1);
        assertBytes("38 00 00 00 de bc 0a d0", low);
        assertBytes("ff 51 34 12 00 00 00 00", PageRequestRecord.PRGINDEX.set(
                PageRequestRecord.ADDRESS.setInPlace(0, 0x1234_5000L), 0x1ff));
    }

    // registers

    @Test
    void identificationOfQemuWithStageOne() {
        assertThat(Idr0Register.LAYOUT.describe(0x0d40_101aL)).isEqualTo(
                "S1P=1 TTF=0x2 COHACC=1 ASID16=1 TTENDIAN=0x2 STALL_MODEL=0x1 TERM_MODEL=1 ST_LEVEL=0x1");
        assertThat(Idr1Register.LAYOUT.describe(0x0273_0010L)).isEqualTo("SIDSIZE=0x10 EVENTQS=0x13 CMDQS=0x13");
        assertThat(Idr3Register.LAYOUT.describe(0x1404L)).isEqualTo("HAD=1 RIL=1 BBML=0x2");
        assertThat(Idr5Register.LAYOUT.describe(0x74L)).isEqualTo("OAS=0x4 GRAN4K=1 GRAN16K=1 GRAN64K=1");
        assertThat(AddressSize.of(Idr5Register.OAS.get(0x74L))).contains(AddressSize.BITS_44);
        assertThat(AddressSize.holding(41)).contains(AddressSize.BITS_42);
    }

    @Test
    void identificationOfQemuWithStageTwo() {
        assertThat(Idr0Register.LAYOUT.describe(0x0d44_1019L)).isEqualTo(
                "S2P=1 TTF=0x2 COHACC=1 ASID16=1 VMID16=1 TTENDIAN=0x2 STALL_MODEL=0x1 TERM_MODEL=1 ST_LEVEL=0x1");
        assertThat(Idr3Register.XNX.isSet(0x1414L)).isTrue();
    }

    @Test
    void controlRegistersOfAKernel() {
        assertThat(Cr0Register.LAYOUT.describe(0xdL)).isEqualTo("SMMUEN=1 EVENTQEN=1 CMDQEN=1");
        assertThat(Cr1Register.LAYOUT.describe(0xd75L)).isEqualTo(
                "QUEUE_IC=0x1 QUEUE_OC=0x1 QUEUE_SH=0x3 TABLE_IC=0x1 TABLE_OC=0x1 TABLE_SH=0x3");
        assertThat(Cr2Register.LAYOUT.describe(6L)).isEqualTo("RECINVSID=1 PTM=1");
        assertThat(IrqCtrlRegister.LAYOUT.describe(5L)).isEqualTo("GERROR_IRQEN=1 EVENTQ_IRQEN=1");
        assertThat(GbpaRegister.LAYOUT.describe(0x1000L)).isEqualTo("SHCFG=0x1");
        assertThat(GbpaRegister.UPDATE.mask()).isEqualTo(0x8000_0000L);
        assertThat(GbpaRegister.ABORT.mask()).isEqualTo(0x10_0000L);
        assertThat(StrtabBaseRegister.LAYOUT.describe(0x4000_0001_018c_a000L)).isEqualTo("ADDR=0x1018ca000 RA=1");
        assertThat(StrtabBaseCfgRegister.LAYOUT.describe(0x0001_0210L)).isEqualTo("LOG2SIZE=0x10 SPLIT=0x8 FMT=0x1");
        assertThat(CmdqBaseRegister.LAYOUT.describe(0x4000_0000_fc20_0010L)).isEqualTo("LOG2SIZE=0x10 ADDR=0xfc200000 RA=1");
        assertThat(EventqBaseRegister.LAYOUT.describe(0x4000_0000_fc30_000fL)).isEqualTo("LOG2SIZE=0xf ADDR=0xfc300000 WA=1");
        assertThat(CmdqConsRegister.LAYOUT.describe(0x0100_04d6L)).isEqualTo("RD=0x4d6 ERR=0x1");
        assertThat(CommandError.of(1)).contains(CommandError.CERROR_ILL);
        assertThat(EventqProdRegister.OVFLG.mask()).isEqualTo(0x8000_0000L);
    }

    @Test
    void globalErrors() {
        assertThat(GerrorRegister.LAYOUT.describe(0x1fdL)).isEqualTo("CMDQ_ERR=1 EVENTQ_ABT_ERR=1 PRIQ_ABT_ERR=1"
                + " MSI_CMDQ_ABT_ERR=1 MSI_EVENTQ_ABT_ERR=1 MSI_PRIQ_ABT_ERR=1 MSI_GERROR_ABT_ERR=1 SFM_ERR=1");
        assertThat(GerrorNRegister.LAYOUT.fields()).hasSameSizeAs(GerrorRegister.LAYOUT.fields());
    }

    /** With the constants of the patches that were posted for Linux. */
    @Test
    void enhancedCommandQueues() {
        assertThat(Idr1Register.ECMDQ.mask()).isEqualTo(1L << 31);
        assertThat(GerrorRegister.CMDQP_ERR.mask()).isEqualTo(1 << 9);
        assertThat(Idr6Register.LAYOUT.describe(0x0304_0000L))
                .isEqualTo("CMDQ_CONTROL_PAGE_LOG2NUMQ=0x4 CMDQ_CONTROL_PAGE_LOG2NUMP=0x3");
        assertThat(CmdqControlPageBaseRegister.LAYOUT.describe(0x2_0003L))
                .isEqualTo("CMDQ_CONTROL_PAGE_PRESET=1 CMDQGS=0x1 ADDR=0x20000");
        assertThat(CmdqControlPageCfgRegister.LAYOUT.describe(1)).isEqualTo("EN=1");
        assertThat(CmdqControlPageStatusRegister.LAYOUT.describe(1)).isEqualTo("ENACK=1");
        assertThat(EcmdqBaseRegister.LAYOUT.describe(0x4000_0000_fc20_0008L)).isEqualTo("LOG2SIZE=0x8 ADDR=0xfc200000 RA=1");
        assertThat(EcmdqProdRegister.LAYOUT.describe(0x8080_01ffL)).isEqualTo("WR=0x1ff ERRACK=1 EN=1");
        assertThat(EcmdqConsRegister.LAYOUT.describe(0x8180_01feL)).isEqualTo("RD=0x1fe ERR=1 ERR_REASON=0x1 ENACK=1");
        assertThat(Stream.of(Smmuv3Registers.CONTROL_PAGE, Smmuv3Registers.ENHANCED_QUEUE).flatMap(List::stream)
                .map(Register::toString)).containsExactly("SMMU_CMDQ_CONTROL_PAGE_BASE@0x4000", "SMMU_CMDQ_CONTROL_PAGE_CFG@0x4008",
                "SMMU_CMDQ_CONTROL_PAGE_STATUS@0x400c", "SMMU_ECMDQ_BASE@0x0", "SMMU_ECMDQ_PROD@0x8", "SMMU_ECMDQ_CONS@0xc");
    }

    @Test
    void registersStandWhereTheManualSays() {
        assertThat(Smmuv3Registers.at(0x190).map(Register::name)).contains("SMMU_IDR6");
        assertThat(Smmuv3Registers.at(0x24).map(Register::name)).contains("SMMU_CR0ACK");
        assertThat(Smmuv3Registers.at(0x84).map(Register::name)).contains("SMMU_STRTAB_BASE");
        assertThat(Smmuv3Registers.at(0x9C).map(Register::name)).contains("SMMU_CMDQ_CONS");
        assertThat(Smmuv3Registers.at(0xB8).map(Register::name)).contains("SMMU_EVENTQ_IRQ_CFG1");
        assertThat(Smmuv3Registers.at(0xDC).map(Register::name)).contains("SMMU_PRIQ_IRQ_CFG2");
        assertThat(Smmuv3Registers.at(0x100A8).map(Register::name)).contains("SMMU_EVENTQ_PROD");
        assertThat(Smmuv3Registers.at(0x100CC).map(Register::name)).contains("SMMU_PRIQ_CONS");
        assertThat(Smmuv3Registers.at(0xA8)).as("of page 1 only").isEmpty();
    }

    private static void assertCommand(String bytes, String description) {
        long[] command = words(bytes);
        assertThat(CommandOpcode.layout(CommandOpcode.of(command[0])).map(layout -> layout.describe(command)))
                .contains(description);
    }

    private static String event(String bytes) {
        long[] record = words(bytes);
        Layout layout = EventType.of(EventRecord.ID.get(record[0])).orElseThrow().layout();
        return layout.describe(record);
    }

    private static String zeros(int count) {
        return " 00".repeat(count);
    }

    private static void assertBytes(String bytes, long... words) {
        assertThat(words).as(Arrays.toString(words)).isEqualTo(words(bytes));
    }

    private static long[] words(String bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(HexFormat.ofDelimiter(" ").parseHex(bytes.strip())).order(ByteOrder.LITTLE_ENDIAN);
        return IntStream.range(0, buffer.limit() / 8).mapToLong(i -> buffer.getLong(8 * i)).toArray();
    }
}
