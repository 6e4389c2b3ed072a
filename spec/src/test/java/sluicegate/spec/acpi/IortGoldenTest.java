package sluicegate.spec.acpi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;

/** The table that QEMU makes for its machine virt, and nodes worked out by hand, against names. */
class IortGoldenTest {

    /** IORT of QEMU's virt with two root complexes behind the SMMU and one that bypasses it. */
    private static final byte[] IORT = bytes("494f525414010000 03f8424f43485320 4258504320202020 01000000 42585043"
            + "01000000 03000000 30000000 00000000"
            + "00 1800 01 00000000 00000000 00000000 01000000 00000000"
            + "04 5800 04 01000000 01000000 44000000 0000050900000000 01000000 00000000 0000000000000000"
            + "00000000 6a000000 6b000000 6d000000 6c000000 00000000 00000000"
            + "00000000 ffff0000 00000000 30000000 00000000"
            + "02 7400 03 02000000 04000000 24000000 01000000 00 0000 03 00000000 00000000 40 000000"
            + "00000000 00080000 00000000 48000000 00000000"
            + "00200000 00020000 00200000 48000000 00000000"
            + "00080000 00180000 00080000 30000000 00000000"
            + "00220000 ffdd0000 00220000 30000000 00000000");

    @Test
    void tableOfQemu() {
        assertThat(AcpiHeader.signature(IORT, 0)).isEqualTo(IortTable.SIGNATURE);
        assertThat(AcpiHeader.LENGTH.get(IORT, 0)).isEqualTo(IORT.length);
        assertThat(AcpiHeader.checksum(IORT, 0, IORT.length)).isZero();
        assertThat(IortTable.NODE_COUNT.get(IORT, 0)).isEqualTo(3);
        assertThat(IortTable.NODE_OFFSET.get(IORT, 0)).isEqualTo(IortTable.SIZE);

        int its = IortTable.SIZE;
        assertThat(IortNodeType.of(IortNode.TYPE.get(IORT, its))).contains(IortNodeType.ITS_GROUP);
        assertThat(IortItsGroup.ITS_COUNT.get(IORT, its)).isEqualTo(1);
        assertThat(IortItsGroup.ITS_ID.get(IORT, its + IortItsGroup.SIZE)).isZero();

        int smmu = its + (int) IortNode.LENGTH.get(IORT, its);
        assertThat(smmu).isEqualTo(0x48);
        assertThat(IortNodeType.of(IortNode.TYPE.get(IORT, smmu))).contains(IortNodeType.SMMU_V3);
        assertThat(IortNode.LAYOUT.describe(IORT, smmu))
                .isEqualTo("TYPE=0x4 LENGTH=0x58 REVISION=0x4 IDENTIFIER=0x1 MAPPING_COUNT=0x1 MAPPING_OFFSET=0x44");
        assertThat(IortSmmuV3.LAYOUT.describe(IORT, smmu)).isEqualTo("BASE_ADDRESS=0x9050000 FLAGS=0x1"
                + " VATOS_ADDRESS=0x0 MODEL=0x0 EVENT_GSIV=0x6a PRI_GSIV=0x6b GERROR_GSIV=0x6d SYNC_GSIV=0x6c"
                + " PROXIMITY_DOMAIN=0x0 DEVICE_ID_MAPPING_INDEX=0x0");
        assertThat(IortSmmuV3.FLAG_BITS.describe(IortSmmuV3.FLAGS.get(IORT, smmu))).isEqualTo("COHACC_OVERRIDE=1");
        assertThat(IortIdMapping.LAYOUT.describe(IORT, smmu + 0x44)).isEqualTo(
                "INPUT_BASE=0x0 ID_COUNT=0xffff OUTPUT_BASE=0x0 OUTPUT_REFERENCE=0x30 FLAGS=0x0");

        int root = smmu + (int) IortNode.LENGTH.get(IORT, smmu);
        assertThat(IortNodeType.of(IortNode.TYPE.get(IORT, root))).contains(IortNodeType.ROOT_COMPLEX);
        assertThat(IortRootComplex.SEGMENT.get(IORT, root)).isZero();
        assertThat(IortRootComplex.ADDRESS_SIZE.get(IORT, root)).isEqualTo(64);
        int access = root + IortRootComplex.MEMORY_PROPERTIES.offset();
        assertThat(IortMemoryAccess.CACHE_COHERENT.get(IORT, access)).isEqualTo(1);
        assertThat(IortMemoryAccess.FLAG_BITS.describe(IortMemoryAccess.FLAGS.get(IORT, access)))
                .isEqualTo("COHERENT_PATH=1 DEVICE_ATTRIBUTES=1");
        int second = root + (int) IortNode.MAPPING_OFFSET.get(IORT, root) + IortIdMapping.SIZE;
        assertThat(IortIdMapping.LAYOUT.describe(IORT, second)).isEqualTo(
                "INPUT_BASE=0x2000 ID_COUNT=0x200 OUTPUT_BASE=0x2000 OUTPUT_REFERENCE=0x48 FLAGS=0x0");
        assertThat(root + IortNode.LENGTH.get(IORT, root)).isEqualTo(IORT.length);
    }

    @Test
    void nodesThatQemuDoesNotMake() {
        byte[] component = bytes("01 3c00 04 05000000 01000000 28000000 2b000000 01000000 0e 0000 07 30"
                + "5c5f53422e444d413000 00" + "00000000 00000000 34120000 48000000 01000000");
        assertThat(IortNamedComponent.ADDRESS_SIZE.get(component, 0)).isEqualTo(48);
        assertThat(IortNamedComponent.FLAG_BITS.describe(IortNamedComponent.FLAGS.get(component, 0)))
                .isEqualTo("STALL_SUPPORTED=1 PASID_BITS=0x15");
        int access = IortNamedComponent.MEMORY_PROPERTIES.offset();
        assertThat(IortMemoryAccess.HINT_BITS.describe(IortMemoryAccess.HINTS.get(component, access)))
                .isEqualTo("WRITE_ALLOCATE=1 READ_ALLOCATE=1 ALLOCATION_OVERRIDE=1");
        assertThat(IortMemoryAccess.COHERENT_WRITE_BACK.isSet(IortMemoryAccess.FLAGS.get(component, access))).isTrue();
        assertThat(new String(component, IortNamedComponent.SIZE, 9, StandardCharsets.US_ASCII)).isEqualTo("\\_SB.DMA0");
        int mapping = (int) IortNode.MAPPING_OFFSET.get(component, 0);
        assertThat(IortIdMapping.OUTPUT_BASE.get(component, mapping)).isEqualTo(0x1234);
        assertThat(IortIdMapping.SINGLE_MAPPING.isSet(IortIdMapping.FLAGS.get(component, mapping))).isTrue();

        byte[] smmu = bytes("03 5400 01 03000000 00000000 00000000 0000005000000000 0000010000000000 03000000"
                + "02000000 3c000000 01000000 4c000000 00000000 00000000"
                + "61000000 00000000 62000000 01000000 81000000 01000000");
        assertThat(IortSmmu.LAYOUT.describe(smmu, 0)).isEqualTo("BASE_ADDRESS=0x50000000 SPAN=0x10000 MODEL=0x3 FLAGS=0x2"
                + " GLOBAL_INTERRUPT_OFFSET=0x3c CONTEXT_INTERRUPT_COUNT=0x1 CONTEXT_INTERRUPT_OFFSET=0x4c"
                + " PMU_INTERRUPT_COUNT=0x0 PMU_INTERRUPT_OFFSET=0x0");
        assertThat(IortSmmu.FLAG_BITS.describe(2)).isEqualTo("COHERENT_WALK=1");
        assertThat(IortSmmu.INTERRUPT_GSIV.get(smmu, 0x3c + IortSmmu.INTERRUPT_SIZE)).isEqualTo(0x62);
        assertThat(IortSmmu.INTERRUPT_FLAGS.get(smmu, 0x3c + IortSmmu.INTERRUPT_SIZE)).isEqualTo(1);

        byte[] pmcg = bytes("05 2800 02 04000000 00000000 00000000 0020012b00000000 7b000000 48000000"
                + "0020022b00000000");
        assertThat(IortPmcg.LAYOUT.describe(pmcg, 0)).isEqualTo(
                "PAGE0_BASE=0x2b012000 OVERFLOW_GSIV=0x7b NODE_REFERENCE=0x48 PAGE1_BASE=0x2b022000");

        byte[] rmr = bytes("06 4400 03 06000000 01000000 1c000000 17000000 01000000 30000000"
                + "00000000 01000000 00030000 48000000 00000000" + "0000008000000000 0000010000000000 00000000");
        assertThat(IortRmr.FLAG_BITS.describe(IortRmr.FLAGS.get(rmr, 0)))
                .isEqualTo("REMAP_PERMITTED=1 PRIVILEGED=1 ACCESS_ATTRIBUTES=0x5");
        assertThat(IortRmr.RANGE_COUNT.get(rmr, 0)).isEqualTo(1);
        assertThat(IortMemoryRange.LAYOUT.describe(rmr, (int) IortRmr.RANGE_OFFSET.get(rmr, 0)))
                .isEqualTo("BASE_ADDRESS=0x80000000 RANGE_LENGTH=0x10000");

        assertThat(IortRootComplex.ATS_BITS.describe(7))
                .isEqualTo("ATS_SUPPORTED=1 PRI_SUPPORTED=1 PASID_FORWARDING=1");
        assertThat(IortRootComplex.PASID_BITS.describe(0x14)).isEqualTo("MAX_PASID_WIDTH=0x14");
        assertThat(IortSmmuV3.FLAG_BITS.describe(0x1d))
                .isEqualTo("COHACC_OVERRIDE=1 HTTU_OVERRIDE=0x2 PROXIMITY_VALID=1 DEVICE_ID_VALID=1");
    }

    @Test
    void typesHaveTheManualsNumbers() {
        for (IortNodeType type : IortNodeType.values()) {
            assertThat(type.code()).isEqualTo(type.ordinal());
            assertThat(IortNodeType.of(type.code())).contains(type);
            assertThat(type.meaning()).isNotBlank();
        }
        assertThat(IortNodeType.of(7)).isEmpty();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
