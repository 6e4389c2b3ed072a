package sluicegate.spec.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import sluicegate.spec.Register;

/**
 * Bytes against names. The bytes were worked out by hand from the manual, or taken from memory and registers of real
 * Debian kernels (6.1 with 3 levels, 6.12 with 4 levels and device TLBs) that drove QEMU's unit; none were made with
 * the classes under test.
 */
class VtdGoldenTest {

    // structures in memory

    @Test
    void presentRootEntry() {
        long low = RootEntry.CTP.setInPlace(RootEntry.P.set(0, 1), 0x12345000L);
        assertBytes("01 50 34 12 00 00 00 00 00 00 00 00 00 00 00 00", low, 0);
    }

    @Test
    void rootEntryOfAKernel() {
        long[] entry = words("01 e0 5c 42 01 00 00 00 00 00 00 00 00 00 00 00");
        assertThat(RootEntry.LAYOUT.describe(entry)).isEqualTo("P=1 CTP=0x1425ce000");
    }

    @Test
    void contextEntry() {
        long low = ContextEntry.P.set(0, 1);
        low = ContextEntry.FPD.set(low, 1);
        low = ContextEntry.TT.set(low, TranslationType.DEVICE_TLB.code());
        low = ContextEntry.SSPTPTR.setInPlace(low, 0xABCDE000L);
        long high = ContextEntry.AW.set(0, AddressWidth.BITS_48.code());
        high = ContextEntry.DID.set(high, 0x1234);
        assertBytes("07 e0 cd ab 00 00 00 00 02 34 12 00 00 00 00 00", low, high);
    }

    @Test
    void contextEntriesOfAKernel() {
        assertThat(ContextEntry.LAYOUT.describe(words("01 10 6d 42 01 00 00 00 01 0e 00 00 00 00 00 00")))
                .isEqualTo("P=1 SSPTPTR=0x1426d1000 AW=0x1 DID=0xe");
        assertThat(ContextEntry.LAYOUT.describe(words("05 70 5d 42 01 00 00 00 02 16 00 00 00 00 00 00")))
                .as("with device TLB").isEqualTo("P=1 TT=0x1 SSPTPTR=0x1425d7000 AW=0x2 DID=0x16");
        long[] passThrough = words("09 00 00 00 00 00 00 00 01 09 00 00 00 00 00 00");
        assertThat(TranslationType.of(ContextEntry.TT.get(passThrough[0]))).contains(TranslationType.PASS_THROUGH);
        assertThat(AddressWidth.of(ContextEntry.AW.get(passThrough[1]))).contains(AddressWidth.BITS_39);
        assertThat(ContextEntry.DID.get(passThrough[1])).isEqualTo(9);
    }

    @Test
    void reservedBitsOfTablesAreThoseThatTheManualReserves() {
        assertThat(RootEntry.LAYOUT.reservedMask(0)).isEqualTo(0xFFEL);
        assertThat(RootEntry.LAYOUT.reservedMask(1)).isEqualTo(-1L);
        assertThat(ContextEntry.LAYOUT.reservedMask(0)).isEqualTo(0xFF0L);
        assertThat(ContextEntry.LAYOUT.reservedMask(1)).isEqualTo(0xFFFF_FFFF_FF00_0080L);
        assertThat(SecondStageEntry.UPPER_TABLE.reservedMask(0)).isEqualTo(0x4000_0000_0000_0880L);
        assertThat(SecondStageEntry.TABLE.reservedMask(0)).isEqualTo(0x4000_0000_0000_0800L);
        assertThat(SecondStageEntry.PAGE_1G.reservedMask(0)).isEqualTo(0x3FFF_F000L);
        assertThat(SecondStageEntry.PAGE_2M.reservedMask(0)).isEqualTo(0x1F_F000L);
        assertThat(SecondStageEntry.PAGE_4K.reservedMask(0)).isZero();
    }

    @Test
    void secondStageEntries() {
        long table = SecondStageEntry.ADDR.setInPlace(SecondStageEntry.RW, 0x14346b000L);
        assertThat(table).as("topmost entry of a kernel's table").isEqualTo(0x14346b003L);
        assertThat(SecondStageEntry.layout(3, table)).isSameAs(SecondStageEntry.TABLE);
        assertThat(SecondStageEntry.isLeaf(3, table)).isFalse();

        long small = SecondStageEntry.SNP.set(SecondStageEntry.ADDR.setInPlace(SecondStageEntry.R.mask(), 0x7000), 1);
        assertThat(small).isEqualTo(0x7801);
        assertThat(SecondStageEntry.isLeaf(1, small)).isTrue();

        long large = SecondStageEntry.PS.set(SecondStageEntry.ADDR_2M.setInPlace(SecondStageEntry.RW, 0x4060_0000L), 1);
        assertThat(large).isEqualTo(0x4060_0083L);
        assertThat(SecondStageEntry.layout(2, large)).isSameAs(SecondStageEntry.PAGE_2M);
        assertThat(SecondStageEntry.pageAddress(2).inPlace(large)).isEqualTo(0x4060_0000L);
        assertThatIllegalArgumentException().isThrownBy(() -> SecondStageEntry.ADDR_2M.setInPlace(0, 0x40601000L));

        long huge = SecondStageEntry.PS.set(SecondStageEntry.ADDR_1G.setInPlace(SecondStageEntry.RW, 0x8000_0000L), 1);
        assertThat(huge).isEqualTo(0x8000_0083L);
        assertThat(SecondStageEntry.isLeaf(3, huge)).isTrue();
        assertThat(SecondStageEntry.layout(3, huge)).isSameAs(SecondStageEntry.PAGE_1G);

        assertThat(SecondStageEntry.isLeaf(4, huge)).as("no page above 1 GiB").isFalse();
        assertThat(SecondStageEntry.layout(4, huge).describe(huge)).contains("RSVD");
        assertThat(SecondStageEntry.TM.mask()).isEqualTo(1L << 62);
        assertThat(SecondStageEntry.A.mask() | SecondStageEntry.D.mask()).isEqualTo(0x300);
        assertThatIllegalArgumentException().isThrownBy(() -> SecondStageEntry.layout(6, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> SecondStageEntry.pageAddress(4));
    }

    // descriptors

    @Test
    void contextCacheDescriptor() {
        long low = ContextCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.CONTEXT_CACHE);
        low = ContextCacheInvalidateDescriptor.G.set(low, ContextCacheInvalidateDescriptor.DEVICE);
        low = ContextCacheInvalidateDescriptor.DID.set(low, 8);
        low = ContextCacheInvalidateDescriptor.SID.set(low, 0x38);
        assertBytes("31 00 08 00 38 00 00 00 00 00 00 00 00 00 00 00", low, 0);
        low = ContextCacheInvalidateDescriptor.FM.set(low, 3);
        assertBytes("31 00 08 00 38 00 03 00 00 00 00 00 00 00 00 00", low, 0);
        assertThat(ContextCacheInvalidateDescriptor.LAYOUT.reservedMask(0)).isEqualTo(0xFFFC_0000_0000_F1C0L);
    }

    @Test
    void iotlbDescriptorsOfAKernel() {
        long low = IotlbInvalidateDescriptor.TYPE.set(0, DescriptorType.IOTLB);
        low = IotlbInvalidateDescriptor.G.set(low, IotlbInvalidateDescriptor.DOMAIN);
        low = IotlbInvalidateDescriptor.DR.set(IotlbInvalidateDescriptor.DW.set(low, 1), 1);
        low = IotlbInvalidateDescriptor.DID.set(low, 8);
        assertBytes("e2 00 08 00 00 00 00 00 00 00 00 00 00 00 00 00", low, 0);

        long[] page = words("f2 00 14 00 00 00 00 00 00 80 ff ff 00 00 00 00");
        assertThat(IotlbInvalidateDescriptor.LAYOUT.describe(page))
                .isEqualTo("TYPE=0x2 G=0x3 DW=1 DR=1 DID=0x14 ADDR=0xffff8000");
        long high = IotlbInvalidateDescriptor.IH.set(IotlbInvalidateDescriptor.AM.set(page[1], 9), 1);
        assertBytes("f2 00 14 00 00 00 00 00 49 80 ff ff 00 00 00 00", page[0], high);
    }

    @Test
    void deviceTlbDescriptor() {
        long[] captured = words("03 00 00 00 00 08 00 00 00 60 fe ff 00 00 00 00");
        assertThat(DeviceTlbInvalidateDescriptor.LAYOUT.describe(captured))
                .isEqualTo("TYPE=0x3 SID=0x800 ADDR=0xfffe6000");
        long low = DeviceTlbInvalidateDescriptor.MIP.set(captured[0], 0x1F);
        low = DeviceTlbInvalidateDescriptor.PFSID_LO.set(low, 0xD);
        low = DeviceTlbInvalidateDescriptor.PFSID_HI.set(low, 0xABC);
        long high = DeviceTlbInvalidateDescriptor.S.set(captured[1], 1);
        assertBytes("03 d0 1f 00 00 08 c0 ab 01 60 fe ff 00 00 00 00", low, high);
    }

    @Test
    void interruptEntryCacheDescriptor() {
        long low = InterruptEntryCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.INTERRUPT_ENTRY_CACHE);
        low = InterruptEntryCacheInvalidateDescriptor.G.set(low, 1);
        low = InterruptEntryCacheInvalidateDescriptor.IM.set(low, 2);
        low = InterruptEntryCacheInvalidateDescriptor.IIDX.set(low, 0x1234);
        assertBytes("14 00 00 10 34 12 00 00 00 00 00 00 00 00 00 00", low, 0);
    }

    @Test
    void waitDescriptorOfAKernel() {
        long low = InvalidationWaitDescriptor.TYPE.set(0, DescriptorType.WAIT);
        low = InvalidationWaitDescriptor.SW.set(low, 1);
        low = InvalidationWaitDescriptor.STDATA.set(low, 2);
        long high = InvalidationWaitDescriptor.STADDR.setInPlace(0, 0x1_4005_2004L);
        assertBytes("25 00 00 00 02 00 00 00 04 20 05 40 01 00 00 00", low, high);
        low = InvalidationWaitDescriptor.IF.set(0, 1) | InvalidationWaitDescriptor.FN.mask()
                | InvalidationWaitDescriptor.PD.mask();
        assertThat(low).isEqualTo(0xD0);
    }

    @Test
    void descriptorTypes() {
        assertThat(DescriptorType.of(words("25 00 00 00 02 00 00 00 04 20 05 40 01 00 00 00")[0]))
                .isEqualTo(DescriptorType.WAIT);
        assertThat(DescriptorType.of(0xE0F)).isEqualTo(0x7F);
        assertThat(DescriptorType.TYPE.mask()).isEqualTo(IotlbInvalidateDescriptor.TYPE.mask());
        assertThat(DescriptorType.TYPE_HI.mask()).isEqualTo(IotlbInvalidateDescriptor.TYPE_HI.mask());
    }

    // registers

    @Test
    void capabilitiesOfQemuWith39Bits() {
        long cap = 0x00d2_008c_2226_0206L;
        assertThat(CapabilityRegister.LAYOUT.describe(cap)).isEqualTo(
                "ND=0x6 SAGAW=0x2 MGAW=0x26 FRO=0x22 SSLPS=0x3 PSI=1 MAMV=0x12 DWD=1 DRD=1");
        assertThat(CapabilityRegister.domainCount(cap)).isEqualTo(65536);
        assertThat(CapabilityRegister.guestAddressWidth(cap)).isEqualTo(39);
        assertThat(CapabilityRegister.faultRecordingOffset(cap)).isEqualTo(0x220);
        assertThat(CapabilityRegister.faultRecordingCount(cap)).isEqualTo(1);
        assertThat(CapabilityRegister.supports(cap, AddressWidth.BITS_39)).isTrue();
        assertThat(CapabilityRegister.supports(cap, AddressWidth.BITS_48)).isFalse();
        assertThat(CapabilityRegister.supports2M(cap)).isTrue();
        assertThat(CapabilityRegister.supports1G(cap)).isTrue();
        assertThat(FaultRecord.offset(cap, 2)).isEqualTo(0x240);
    }

    @Test
    void capabilitiesOfQemuWith48Bits() {
        long cap = 0x00d2_008c_222f_0606L;
        assertThat(CapabilityRegister.guestAddressWidth(cap)).isEqualTo(48);
        assertThat(CapabilityRegister.supports(cap, AddressWidth.BITS_39)).isTrue();
        assertThat(CapabilityRegister.supports(cap, AddressWidth.BITS_48)).isTrue();
        assertThat(CapabilityRegister.supports(cap, AddressWidth.BITS_57)).isFalse();
        long cachingMode = CapabilityRegister.CM.set(cap, 1);
        assertThat(cachingMode ^ cap).isEqualTo(0x80);
    }

    /** The reset value that Intel's datasheet gives for a unit of the second and third Core generation. */
    @Test
    void capabilitiesOfAnIntelDatasheet() {
        long cap = 0x00C9_0080_2066_0262L;
        assertThat(CapabilityRegister.LAYOUT.describe(cap)).isEqualTo(
                "ND=0x2 PLMR=1 PHMR=1 SAGAW=0x2 MGAW=0x26 ZLR=1 FRO=0x20 PSI=1 MAMV=0x9 DWD=1 DRD=1");
        assertThat(CapabilityRegister.domainCount(cap)).isEqualTo(256);
        assertThat(CapabilityRegister.faultRecordingOffset(cap)).isEqualTo(0x200);
    }

    @Test
    void extendedCapabilities() {
        assertThat(ExtendedCapabilityRegister.LAYOUT.describe(0xf00f4a)).as("QEMU")
                .isEqualTo("QI=1 IR=1 PT=1 IRO=0xf MHMV=0xf");
        assertThat(ExtendedCapabilityRegister.LAYOUT.describe(0xf00f4e)).as("QEMU with device TLBs")
                .isEqualTo("QI=1 DT=1 IR=1 PT=1 IRO=0xf MHMV=0xf");
        assertThat(ExtendedCapabilityRegister.invalidateAddressOffset(0xf00f4a)).isEqualTo(0xF0);
        assertThat(ExtendedCapabilityRegister.iotlbInvalidateOffset(0xf00f4a)).isEqualTo(0xF8);
        assertThat(ExtendedCapabilityRegister.LAYOUT.describe(0xF050DA)).as("datasheet of the seventh Core generation")
                .isEqualTo("QI=1 IR=1 EIM=1 PT=1 SC=1 IRO=0x50 MHMV=0xf");
        long scalable = 1L << 43 | 1L << 46 | 1L << 47 | 0x13L << 35;
        assertThat(ExtendedCapabilityRegister.LAYOUT.describe(scalable)).isEqualTo("PSS=0x13 SMTS=1 SSTS=1 FSTS=1");
        assertThat(ExtendedCapabilityRegister.pasidWidth(scalable)).isEqualTo(20);
    }

    @Test
    void globalStatusOfAKernel() {
        assertThat(GlobalStatusRegister.LAYOUT.describe(0xc7000000L))
                .isEqualTo("IRTPS=1 IRES=1 QIES=1 RTPS=1 TES=1");
    }

    @Test
    void everyStatusBitStandsWhereItsCommandStands() {
        assertThat(GlobalStatusRegister.TES.mask()).isEqualTo(GlobalCommandRegister.TE.mask()).isEqualTo(1L << 31);
        assertThat(GlobalStatusRegister.RTPS.mask()).isEqualTo(GlobalCommandRegister.SRTP.mask()).isEqualTo(1L << 30);
        assertThat(GlobalStatusRegister.FLS.mask()).isEqualTo(GlobalCommandRegister.SFL.mask()).isEqualTo(1L << 29);
        assertThat(GlobalStatusRegister.AFLS.mask()).isEqualTo(GlobalCommandRegister.EAFL.mask()).isEqualTo(1L << 28);
        assertThat(GlobalStatusRegister.WBFS.mask()).isEqualTo(GlobalCommandRegister.WBF.mask()).isEqualTo(1L << 27);
        assertThat(GlobalStatusRegister.QIES.mask()).isEqualTo(GlobalCommandRegister.QIE.mask()).isEqualTo(1L << 26);
        assertThat(GlobalStatusRegister.IRES.mask()).isEqualTo(GlobalCommandRegister.IRE.mask()).isEqualTo(1L << 25);
        assertThat(GlobalStatusRegister.IRTPS.mask()).isEqualTo(GlobalCommandRegister.SIRTP.mask())
                .isEqualTo(1L << 24);
        assertThat(GlobalStatusRegister.CFIS.mask()).isEqualTo(GlobalCommandRegister.CFI.mask()).isEqualTo(1L << 23);
    }

    @Test
    void aCommandCarriesWhatIsOnAndNoOldOneShot() {
        int status = 0xc7000000;
        assertThat(GlobalCommandRegister.command(status, GlobalCommandRegister.TE, false)).isEqualTo(0x06000000);
        assertThat(GlobalCommandRegister.command(0, GlobalCommandRegister.SRTP, true)).isEqualTo(0x40000000);
        assertThat(GlobalCommandRegister.command(0x44000000, GlobalCommandRegister.TE, true)).isEqualTo(0x84000000);
    }

    @Test
    void addressRegistersOfAKernel() {
        assertThat(RootTableAddressRegister.LAYOUT.describe(0x1_425c_2000L)).isEqualTo("RTA=0x1425c2000");
        assertThat(RootTableAddressRegister.TTM.get(0x1_425c_2400L)).isEqualTo(RootTableAddressRegister.SCALABLE_MODE);
        assertThat(InvalidationQueueAddressRegister.LAYOUT.describe(0x1_401c_2000L)).isEqualTo("IQA=0x1401c2000");
        assertThat(InvalidationQueueAddressRegister.queueBytes(0x1_401c_2000L)).isEqualTo(4096);
        assertThat(InvalidationQueueAddressRegister.queueBytes(0x7)).isEqualTo(0x80000);
        assertThat(InvalidationQueueAddressRegister.descriptorBytes(0x800)).isEqualTo(32);
        assertThat(InvalidationQueueTailRegister.QT.inPlace(0xa40)).isEqualTo(0xa40);
        assertThat(InvalidationQueueTailRegister.QT.get(0xa40)).as("index of a descriptor").isEqualTo(0xa4);
        assertThat(InvalidationQueueHeadRegister.QH.mask()).isEqualTo(0x7fff0);
        assertThat(InterruptRemappingTableAddressRegister.LAYOUT.describe(0x1_4020_000fL))
                .isEqualTo("S=0xf IRTA=0x140200000");
    }

    @Test
    void registerBasedInvalidation() {
        long ccmd = ContextCommandRegister.ICC.set(0, 1);
        ccmd = ContextCommandRegister.CIRG.set(ccmd, ContextCommandRegister.DEVICE);
        ccmd = ContextCommandRegister.FM.set(ccmd, 1);
        ccmd = ContextCommandRegister.SID.set(ccmd, 0x00F8);
        ccmd = ContextCommandRegister.DID.set(ccmd, 0x0042);
        assertThat(ccmd).isEqualTo(0xE000_0001_00F8_0042L);
        assertThat(ContextCommandRegister.CAIG.mask()).isEqualTo(3L << 59);

        long iotlb = IotlbInvalidateRegister.IVT.set(0, 1);
        iotlb = IotlbInvalidateRegister.IIRG.set(iotlb, IotlbInvalidateRegister.PAGE);
        iotlb = IotlbInvalidateRegister.DR.set(IotlbInvalidateRegister.DW.set(iotlb, 1), 1);
        iotlb = IotlbInvalidateRegister.DID.set(iotlb, 0x42);
        assertThat(iotlb).isEqualTo(0xB003_0042_0000_0000L);
        assertThat(IotlbInvalidateRegister.IAIG.mask()).isEqualTo(3L << 57);

        long iva = InvalidateAddressRegister.ADDR.setInPlace(0, 0x7F_FFFF_F000L);
        iva = InvalidateAddressRegister.IH.set(InvalidateAddressRegister.AM.set(iva, 9), 1);
        assertThat(iva).isEqualTo(0x7F_FFFF_F049L);
    }

    @Test
    void faultRecordOfARead() {
        long low = FaultRecord.FI.setInPlace(0, 0xbdf8_3000L);
        long high = FaultRecord.F.set(0, 1);
        high = FaultRecord.T1.set(high, 1);
        high = FaultRecord.FR.set(high, FaultReason.READ_NOT_PERMITTED.code());
        high = FaultRecord.SID.set(high, 0x0102);
        assertBytes("00 30 f8 bd 00 00 00 00 02 01 00 00 06 00 00 c0", low, high);
        assertThat(RequestType.of(high)).isEqualTo(RequestType.READ);
    }

    @Test
    void faultRecordWithPasid() {
        long high = FaultRecord.F.set(0, 1);
        high = FaultRecord.T2.set(high, 1);
        high = FaultRecord.AT.set(high, FaultRecord.AT_TRANSLATED);
        high = FaultRecord.PV.set(high, 0xABCDE);
        high = FaultRecord.PP.set(high, 1);
        high = FaultRecord.EXE.set(high, 1);
        high = FaultRecord.PRIV.set(high, 1);
        high = FaultRecord.FR.set(high, 0x59);
        high = FaultRecord.SID.set(high, 0xFFFF);
        assertBytes("00 00 00 00 00 00 00 00 ff ff 00 f0 59 de bc aa", 0, high);
        assertThat(RequestType.of(high)).isEqualTo(RequestType.PAGE_REQUEST);
        assertThat(FaultRecord.interruptIndex(0x001d_0000_0000_0000L)).isEqualTo(0x1d);
    }

    @Test
    void faultStatus() {
        assertThat(FaultStatusRegister.LAYOUT.describe(0x502)).as("from a kernel log").isEqualTo("PPF=1 FRI=0x5");
        assertThat(FaultStatusRegister.LAYOUT.describe(0x3)).isEqualTo("PFO=1 PPF=1");
        assertThat(FaultStatusRegister.LAYOUT.describe(0x70)).isEqualTo("IQE=1 ICE=1 ITE=1");
    }

    @Test
    void eventAndErrorRegisters() {
        assertThat(FaultEventControlRegister.LAYOUT.describe(0xC0000000L)).isEqualTo("IP=1 IM=1");
        assertThat(FaultEventAddressRegister.MA.inPlace(0xfee01004L)).isEqualTo(0xfee01004L);
        assertThat(FaultEventDataRegister.IMD.get(0x21)).isEqualTo(0x21);
        assertThat(InvalidationQueueErrorRecordRegister.LAYOUT.describe(0x0100_0800_0000_0004L))
                .isEqualTo("IQEI=0x4 ITESID=0x800 ICESID=0x100");
        assertThat(InvalidationQueueError.of(4)).contains(InvalidationQueueError.RESERVED_FIELD);
        assertThat(InvalidationQueueError.of(8)).isEmpty();
        assertThat(PageRequestStatusRegister.LAYOUT.describe(3)).isEqualTo("PPR=1 PRO=1");
        assertThat(PageRequestQueueTailRegister.PQT.mask()).isEqualTo(0x7ffe0);
    }

    @Test
    void registersStandWhereTheManualPutsThem() {
        int[] offsets = VtdRegisters.ALL.stream().mapToInt(Register::offset).toArray();
        assertThat(offsets).containsExactly(0x00, 0x08, 0x10, 0x18, 0x1C, 0x20, 0x28, 0x34, 0x38, 0x3C, 0x40, 0x44,
                0x58, 0x64, 0x68, 0x6C, 0x70, 0x78,
                0x80, 0x88, 0x90, 0x9C, 0xA0, 0xA4, 0xA8, 0xAC, 0xB0, 0xB8, 0xC0, 0xC8,
                0xD0, 0xDC, 0xE0, 0xE4, 0xE8, 0xEC);
        assertThat(VtdRegisters.ALL.stream().filter(r -> r.bits() == 64).mapToInt(Register::offset)).containsExactly(
                0x08, 0x10, 0x20, 0x28, 0x58, 0x70, 0x78, 0x80, 0x88, 0x90, 0xB0, 0xB8, 0xC0, 0xC8, 0xD0);
        int end = 0;
        for (Register register : VtdRegisters.ALL) {
            assertThat(register.offset()).as(register.name()).isGreaterThanOrEqualTo(end);
            end = register.offset() + register.bytes();
        }
        assertThat(VtdRegisters.at(0x0C)).contains(CapabilityRegister.REGISTER);
        assertThat(VtdRegisters.at(0x1B)).contains(GlobalCommandRegister.REGISTER);
        assertThat(VtdRegisters.at(0x30)).isEmpty();
    }

    // numbers with names

    @Test
    void faultReasonsHaveTheManualsNumbers() {
        assertThat(IntStream.range(0, 0x20).mapToObj(FaultReason::of).flatMap(r -> r.stream())).containsExactly(
                FaultReason.ROOT_ENTRY_NOT_PRESENT, FaultReason.CONTEXT_ENTRY_NOT_PRESENT,
                FaultReason.CONTEXT_ENTRY_INVALID, FaultReason.ADDRESS_BEYOND_WIDTH, FaultReason.WRITE_NOT_PERMITTED,
                FaultReason.READ_NOT_PERMITTED, FaultReason.SECOND_STAGE_ENTRY_UNREADABLE,
                FaultReason.ROOT_ENTRY_UNREADABLE, FaultReason.CONTEXT_ENTRY_UNREADABLE,
                FaultReason.ROOT_ENTRY_RESERVED,
                FaultReason.CONTEXT_ENTRY_RESERVED, FaultReason.SECOND_STAGE_ENTRY_RESERVED,
                FaultReason.TRANSLATION_TYPE_BLOCKED, FaultReason.ADDRESS_IN_INTERRUPT_RANGE);
        assertThat(FaultReason.of(0)).isEmpty();
        assertThat(FaultReason.of(-1)).isEmpty();
        assertThat(FaultReason.of(0x100)).isEmpty();
        assertThat(FaultReason.of(0x25)).contains(FaultReason.INTERRUPT_COMPATIBILITY_BLOCKED);
        assertThat(FaultReason.of(0x39)).contains(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT);
        assertThat(FaultReason.of(0x59)).contains(FaultReason.PASID_ENTRY_NOT_PRESENT);
        assertThat(FaultReason.of(0x71)).contains(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT);
        assertThat(FaultReason.of(0x80)).contains(FaultReason.SM_ADDRESS_NOT_CANONICAL);
        assertThat(FaultReason.of(0x87)).contains(FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE);
        for (FaultReason reason : FaultReason.values()) {
            assertThat(FaultReason.of(reason.code())).contains(reason);
            assertThat(reason.meaning()).isNotBlank();
            assertThat(reason.section()).isNotBlank();
            assertThat(reason.isInterrupt()).isEqualTo(reason.condition().isEmpty());
        }
        assertThat(Arrays.stream(FaultReason.values()).mapToInt(FaultReason::code)).doesNotHaveDuplicates();
    }

    @Test
    void faultsOfTheRootTableCannotBeSilenced() {
        assertThat(FaultReason.values()).filteredOn(r -> r.code() < 0x20 && !r.qualified()).containsExactly(
                FaultReason.ROOT_ENTRY_NOT_PRESENT, FaultReason.ROOT_ENTRY_UNREADABLE,
                FaultReason.CONTEXT_ENTRY_UNREADABLE, FaultReason.ROOT_ENTRY_RESERVED);
    }

    @Test
    void widthsAndTranslationTypes() {
        assertThat(AddressWidth.of(0)).isEmpty();
        assertThat(AddressWidth.of(4)).isEmpty();
        assertThat(AddressWidth.of(3)).contains(AddressWidth.BITS_57);
        for (AddressWidth width : AddressWidth.values()) {
            assertThat(width.bits()).isEqualTo(12 + 9 * width.levels());
            assertThat(width.levels()).isEqualTo(width.code() + 2);
        }
        assertThat(TranslationType.of(3)).isEmpty();
        assertThat(TranslationType.of(0)).contains(TranslationType.UNTRANSLATED);
    }

    private static void assertBytes(String hex, long low, long high) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(low).putLong(high);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(bytes.array())).isEqualTo(hex);
    }

    private static long[] words(String hex) {
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.ofDelimiter(" ").parseHex(hex)).order(ByteOrder.LITTLE_ENDIAN);
        return new long[] {bytes.getLong(), bytes.getLong()};
    }
}
