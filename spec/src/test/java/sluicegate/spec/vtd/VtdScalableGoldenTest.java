package sluicegate.spec.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;

/**
 * Bytes against names, scalable mode. The bytes were worked out by hand from the manual, or taken from memory of real
 * Debian kernels (6.1 with second-stage, 6.12 with first-stage tables); none were made with the classes under test.
 */
class VtdScalableGoldenTest {

    @Test
    void rootEntriesHaveTwoHalves() {
        long low = ScalableRootEntry.LCTP.setInPlace(ScalableRootEntry.LP.set(0, 1), 0x1_40f3_7000L);
        long high = ScalableRootEntry.UCTP.setInPlace(ScalableRootEntry.UP.set(0, 1), 0x1_40f3_8000L);
        assertBytes("01 70 f3 40 01 00 00 00 01 80 f3 40 01 00 00 00", low, high);
        assertThat(ScalableRootEntry.LAYOUT.reservedMask(0)).isEqualTo(0xffe);
        assertThat(ScalableRootEntry.LAYOUT.reservedMask(1)).isEqualTo(0xffe);
    }

    @Test
    void contextEntryOfAKernel() {
        long[] entry = words("01 94 f3 40 01 00 00 00 00 00 00 00 00 00 00 00"
                + " 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
        assertThat(ScalableContextEntry.LAYOUT.describe(entry)).isEqualTo("P=1 PDTS=0x2 PASIDDIRPTR=0x140f39000");
        assertThat(ScalableContextEntry.directoryEntries(entry[0])).isEqualTo(512);
    }

    @Test
    void contextEntryWithEverything() {
        long low = ScalableContextEntry.P.set(0, 1);
        low = ScalableContextEntry.FPD.set(low, 1);
        low = ScalableContextEntry.DTE.set(low, 1);
        low = ScalableContextEntry.PASIDE.set(low, 1);
        low = ScalableContextEntry.PRE.set(low, 1);
        low = ScalableContextEntry.PDTS.set(low, 7);
        low = ScalableContextEntry.PASIDDIRPTR.setInPlace(low, 0xABCD_E000L);
        long high = ScalableContextEntry.RID_PASID.set(0, 0xABCDE);
        high = ScalableContextEntry.RID_PRIV.set(high, 1);
        assertBytes("1f ee cd ab 00 00 00 00 de bc 1a 00 00 00 00 00", low, high);
        assertThat(ScalableContextEntry.directoryEntries(low)).as("all of 20 bits, 64 PASIDs each").isEqualTo(1 << 14);
        assertThat(ScalableContextEntry.LAYOUT.reservedMask(0)).isEqualTo(0x1e0);
        assertThat(ScalableContextEntry.LAYOUT.reservedMask(1)).isEqualTo(0xffff_ffff_ffe0_0000L);
        assertThat(ScalableContextEntry.LAYOUT.reservedMask(2) & ScalableContextEntry.LAYOUT.reservedMask(3)).isEqualTo(-1);
    }

    @Test
    void pasidDirectory() {
        assertThat(PasidDirectoryEntry.LAYOUT.describe(0x1_40f6_f001L)).isEqualTo("P=1 SMPTBLPTR=0x140f6f000");
        assertThat(PasidDirectoryEntry.FPD.mask()).isEqualTo(2);
        assertThat(PasidDirectoryEntry.LAYOUT.reservedMask(0)).isEqualTo(0xffc);
        assertThat(PasidDirectoryEntry.index(0xfffff)).isEqualTo(0x3fff);
        assertThat(PasidEntry.index(0xfffff)).isEqualTo(0x3f);
    }

    @Test
    void pasidEntriesOfKernels() {
        assertThat(PasidEntry.LAYOUT.describe(0x49, 6, 0x1_421a_e000L, 0, 0, 0, 0, 0)).as("first stage")
                .isEqualTo("P=1 AW=0x2 PGTT=0x1 DID=0x6 FSPTPTR=0x1421ae000");
        assertThat(PasidEntry.LAYOUT.describe(0x1_426c_c089L, 6, 0, 0, 0, 0, 0, 0)).as("second stage")
                .isEqualTo("P=1 AW=0x2 PGTT=0x2 SSPTPTR=0x1426cc000 DID=0x6");
        assertThat(PasidEntry.LAYOUT.describe(0x109, 1, 1, 0, 0, 0, 0, 0)).as("pass-through")
                .isEqualTo("P=1 AW=0x2 PGTT=0x4 DID=0x1 SRE=1");
    }

    @Test
    void pasidEntryWithEverything() {
        long first = PasidEntry.P.mask() | PasidEntry.FPD.mask() | PasidEntry.SSEE.mask() | PasidEntry.SSADE.mask();
        first = PasidEntry.AW.set(first, AddressWidth.BITS_57.code());
        first = PasidEntry.PGTT.set(first, PasidTranslationType.NESTED.code());
        first = PasidEntry.SSPTPTR.setInPlace(first, 0x1234_5000L);
        long second = PasidEntry.DID.set(0, 0xBEEF);
        second |= PasidEntry.PWSNP.mask() | PasidEntry.PGSNP.mask();
        second = PasidEntry.EMT.set(second, 0b101);
        second = PasidEntry.PAT.set(second, 0x0704_0106L);
        assertBytes("ef 52 34 12 00 00 00 00 ef be 80 29 06 01 04 07", first, second);
        assertThat(PasidEntry.CD.mask()).isEqualTo(1L << 25);
        assertThat(PasidEntry.EMTE.mask()).isEqualTo(1L << 26);
        assertThat(PasidEntry.PWT.mask()).isEqualTo(1L << 30);
        assertThat(PasidEntry.PCD.mask()).isEqualTo(1L << 31);
        long third = PasidEntry.SRE.mask() | PasidEntry.ERE.mask();
        assertThat(third).isEqualTo(3);
        third = PasidEntry.FSPM.set(third, FirstStageMode.LEVELS_5.code());
        assertThat(third).isEqualTo(7);
        assertThat(PasidEntry.WPE.mask() | PasidEntry.NXE.mask() | PasidEntry.SMEP.mask() | PasidEntry.EAFE.mask())
                .isEqualTo(0xf0);
        assertThat(PasidEntry.LAYOUT.reservedMask(0)).isEqualTo(0xc00);
        assertThat(PasidEntry.LAYOUT.reservedMask(1)).isEqualTo(0x7f_0000);
        assertThat(PasidEntry.LAYOUT.reservedMask(2)).isEqualTo(0xf00);
        for (int word = 3; word < 8; word++) {
            assertThat(PasidEntry.LAYOUT.reservedMask(word)).isEqualTo(-1);
        }
        assertThat(PasidEntry.BYTES * PasidEntry.COUNT).isEqualTo(4096);
    }

    @Test
    void firstStageEntriesOfAKernel() {
        assertThat(FirstStageEntry.UPPER_TABLE.describe(0x1_4575_1027L)).isEqualTo("P=1 RW=1 US=1 A=1 ADDR=0x145751000");
        long leaf = 0x1_463e_b067L;
        assertThat(FirstStageEntry.PAGE_4K.describe(leaf)).isEqualTo("P=1 RW=1 US=1 A=1 D=1 ADDR=0x1463eb000");
        assertThat(FirstStageEntry.layout(1, leaf)).isSameAs(FirstStageEntry.PAGE_4K);
        assertThat(FirstStageEntry.isLeaf(1, leaf)).isTrue();
    }

    @Test
    void firstStagePages() {
        long large = FirstStageEntry.PS.mask() | FirstStageEntry.P.mask() | FirstStageEntry.PAT_LARGE.mask()
                | FirstStageEntry.XD.mask();
        large = FirstStageEntry.ADDR_2M.setInPlace(large, 0x4060_0000L);
        assertThat(large).isEqualTo(0x8000_0000_4060_1081L);
        assertThat(FirstStageEntry.layout(2, large)).isSameAs(FirstStageEntry.PAGE_2M);
        assertThat(FirstStageEntry.pageAddress(2).inPlace(large)).isEqualTo(0x4060_0000L);
        assertThat(FirstStageEntry.layout(3, large)).isSameAs(FirstStageEntry.PAGE_1G);
        assertThat(FirstStageEntry.layout(3, large).describe(large)).contains("RSVD");
        assertThat(FirstStageEntry.layout(4, large)).isSameAs(FirstStageEntry.UPPER_TABLE);
        assertThat(FirstStageEntry.layout(4, large).describe(large)).contains("RSVD");
        assertThat(FirstStageEntry.isLeaf(4, large)).as("no page above 1 GiB").isFalse();
        assertThat(FirstStageEntry.isLeaf(2, FirstStageEntry.PS.clear(large))).isFalse();
        assertThat(FirstStageEntry.PAGE_2M.reservedMask(0)).isEqualTo(0x1f_e000L);
        assertThat(FirstStageEntry.PAGE_1G.reservedMask(0)).isEqualTo(0x3fff_e000L);
        assertThat(FirstStageEntry.PAGE_4K.reservedMask(0) | FirstStageEntry.TABLE.reservedMask(0)).isZero();
        assertThat(FirstStageEntry.UPPER_TABLE.reservedMask(0)).isEqualTo(0x80);
        assertThat(FirstStageEntry.EA.mask() | FirstStageEntry.G.mask()).isEqualTo(0x500);
        assertThatIllegalArgumentException().isThrownBy(() -> FirstStageEntry.layout(6, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> FirstStageEntry.pageAddress(4));
    }

    @Test
    void descriptorsOfAKernel() {
        assertThat(PasidIotlbInvalidateDescriptor.LAYOUT.describe(
                words("36 00 14 00 00 00 00 00 40 f0 fd ff 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")))
                .isEqualTo("TYPE=0x6 G=0x3 DID=0x14 IH=1 ADDR=0xfffdf000");
        assertThat(PasidCacheInvalidateDescriptor.LAYOUT.describe(
                words("17 00 08 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")))
                .isEqualTo("TYPE=0x7 G=0x1 DID=0x8");
    }

    @Test
    void pasidIotlbDescriptor() {
        long low = PasidIotlbInvalidateDescriptor.TYPE.set(0, DescriptorType.PASID_IOTLB);
        low = PasidIotlbInvalidateDescriptor.G.set(low, PasidIotlbInvalidateDescriptor.PAGE);
        low = PasidIotlbInvalidateDescriptor.DID.set(low, 0x1234);
        low = PasidIotlbInvalidateDescriptor.PASID.set(low, 0xABCDE);
        long high = PasidIotlbInvalidateDescriptor.AM.set(0, 9);
        high = PasidIotlbInvalidateDescriptor.IH.set(high, 1);
        high = PasidIotlbInvalidateDescriptor.ADDR.setInPlace(high, 0xFFE0_0000L);
        assertBytes("36 00 34 12 de bc 0a 00 49 00 e0 ff 00 00 00 00", low, high);
        assertThat(PasidIotlbInvalidateDescriptor.LAYOUT.reservedMask(0)).isEqualTo(0xfff0_0000_0000_f1c0L);
        assertThat(PasidIotlbInvalidateDescriptor.LAYOUT.reservedMask(1)).isEqualTo(0xf80L);
    }

    @Test
    void pasidCacheDescriptor() {
        long low = PasidCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.PASID_CACHE);
        low = PasidCacheInvalidateDescriptor.G.set(low, PasidCacheInvalidateDescriptor.PASID_SELECTIVE);
        low = PasidCacheInvalidateDescriptor.DID.set(low, 0x14);
        low = PasidCacheInvalidateDescriptor.PASID.set(low, 0x42);
        assertBytes("17 00 14 00 42 00 00 00 00 00 00 00 00 00 00 00", low, 0);
        assertThat(PasidCacheInvalidateDescriptor.LAYOUT.reservedMask(0)).isEqualTo(0xfff0_0000_0000_f1c0L);
        assertThat(PasidCacheInvalidateDescriptor.LAYOUT.reservedMask(1)).isEqualTo(-1);
    }

    @Test
    void pasidDeviceTlbDescriptor() {
        long low = PasidDeviceTlbInvalidateDescriptor.TYPE.set(0, DescriptorType.PASID_DEVICE_TLB);
        low = PasidDeviceTlbInvalidateDescriptor.MIP.set(low, 0x1f);
        low = PasidDeviceTlbInvalidateDescriptor.PFSID_LO.set(low, 0xD);
        low = PasidDeviceTlbInvalidateDescriptor.SID.set(low, 0x0800);
        low = PasidDeviceTlbInvalidateDescriptor.PASID.set(low, 0x12345);
        low = PasidDeviceTlbInvalidateDescriptor.PFSID_HI.set(low, 0xABC);
        long high = PasidDeviceTlbInvalidateDescriptor.G.set(PasidDeviceTlbInvalidateDescriptor.S.set(0, 1), 1);
        high = PasidDeviceTlbInvalidateDescriptor.ADDR.setInPlace(high, 0x7fff_f000L);
        assertBytes("f8 d1 00 08 45 23 c1 ab 01 f8 ff 7f 00 00 00 00", low, high);
        assertThat(PasidDeviceTlbInvalidateDescriptor.LAYOUT.reservedMask(0)).isZero();
        assertThat(PasidDeviceTlbInvalidateDescriptor.LAYOUT.reservedMask(1)).isEqualTo(0x7feL);
    }

    @Test
    void pageRequestsAndResponses() {
        long low = PageRequestDescriptor.TYPE.set(0, PageRequestDescriptor.PAGE_REQUEST);
        low = PageRequestDescriptor.PP.set(low, 1);
        low = PageRequestDescriptor.SID.set(low, 0x0028);
        low = PageRequestDescriptor.PASID.set(low, 0x12345);
        low = PageRequestDescriptor.EXE.set(low, 1);
        low = PageRequestDescriptor.PRIV.set(low, 1);
        long high = PageRequestDescriptor.RD.mask() | PageRequestDescriptor.WR.mask() | PageRequestDescriptor.LPIG.mask();
        high = PageRequestDescriptor.PRGI.set(high, 0x1ff);
        high = PageRequestDescriptor.ADDR.setInPlace(high, 0x7654_3000L);
        assertBytes("01 01 28 00 45 23 31 00 ff 3f 54 76 00 00 00 00", low, high);

        low = PageGroupResponseDescriptor.TYPE.set(0, DescriptorType.PAGE_GROUP_RESPONSE);
        low = PageGroupResponseDescriptor.PP.set(low, 1);
        low = PageGroupResponseDescriptor.RC.set(low, PageGroupResponseDescriptor.INVALID);
        low = PageGroupResponseDescriptor.SID.set(low, 0x0028);
        low = PageGroupResponseDescriptor.PASID.set(low, 0x12345);
        high = PageGroupResponseDescriptor.LPIG.set(PageGroupResponseDescriptor.PRGI.set(0, 0x155), 1);
        assertBytes("19 10 28 00 45 23 01 00 ac 0a 00 00 00 00 00 00", low, high);
        assertThat(PageGroupResponseDescriptor.LAYOUT.reservedMask(0)).isEqualTo(0xfff0_0000_0000_01e0L);
        assertThat(PageGroupResponseDescriptor.LAYOUT.reservedMask(1)).isEqualTo(0xffff_ffff_ffff_f003L);
    }

    @Test
    void numbersWithNames() {
        assertThat(PasidTranslationType.of(0)).isEmpty();
        assertThat(PasidTranslationType.of(1)).contains(PasidTranslationType.FIRST_STAGE);
        assertThat(PasidTranslationType.of(2)).contains(PasidTranslationType.SECOND_STAGE);
        assertThat(PasidTranslationType.of(3)).contains(PasidTranslationType.NESTED);
        assertThat(PasidTranslationType.of(4)).contains(PasidTranslationType.PASS_THROUGH);
        assertThat(PasidTranslationType.of(5)).isEmpty();
        assertThat(FirstStageMode.of(0)).contains(FirstStageMode.LEVELS_4);
        assertThat(FirstStageMode.of(1)).contains(FirstStageMode.LEVELS_5);
        assertThat(FirstStageMode.of(2)).isEmpty();
        assertThat(FirstStageMode.LEVELS_5.bits()).isEqualTo(57);
        assertThat(FirstStageMode.LEVELS_4.bits()).isEqualTo(48);
    }

    private static void assertBytes(String hex, long low, long high) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(low).putLong(high);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(bytes.array())).isEqualTo(hex);
    }

    private static long[] words(String hex) {
        ByteBuffer bytes = ByteBuffer.wrap(HexFormat.ofDelimiter(" ").parseHex(hex)).order(ByteOrder.LITTLE_ENDIAN);
        long[] words = new long[bytes.capacity() / 8];
        bytes.asLongBuffer().get(words);
        return words;
    }
}
