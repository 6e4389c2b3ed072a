package sluicegate.spec.vmsa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Descriptors that Debian kernels wrote (6.1 for stage 1, 6.12 for stage 2), and others worked out by hand. */
class VmsaGoldenTest {

    @Test
    void stageOneTableAndPageOfAKernel() {
        assertThat(Stage1Descriptor.TABLE.describe(0x1_3c3a_1003L)).isEqualTo("VALID=1 TYPE=1 ADDR=0x13c3a1000");
        assertThat(Stage1Descriptor.PAGE_4K.describe(0x60_0000_0809_0e4bL)).isEqualTo(
                "VALID=1 TYPE=1 ATTRINDX=0x2 AP=0x1 SH=0x2 AF=1 NG=1 ADDR=0x8090000 PXN=1 UXN=1");
    }

    @Test
    void stageTwoPageOfAKernel() {
        assertThat(Stage2Descriptor.PAGE_4K.describe(0x1_03af_377fL)).isEqualTo(
                "VALID=1 TYPE=1 MEMATTR=0xf S2AP=0x1 SH=0x3 AF=1 ADDR=0x103af3000");
    }

    @Test
    void bitsWorkedOutByHand() {
        long block = Stage1Descriptor.VALID.set(0, 1);
        block = Stage1Descriptor.ADDR_2M.setInPlace(block, 0x1_2340_0000L);
        block = Stage1Descriptor.AP.set(block, Stage1Descriptor.AP_READ_ONLY | Stage1Descriptor.AP_UNPRIVILEGED);
        block = Stage1Descriptor.AF.set(Stage1Descriptor.NG.set(block, 1), 1);
        block = Stage1Descriptor.SH.set(block, Stage1Descriptor.SH_INNER);
        assertThat(block).isEqualTo(0x1_2340_0fc1L);
        assertThat(Stage1Descriptor.DBM.mask()).isEqualTo(1L << 51);
        assertThat(Stage1Descriptor.CONTIGUOUS.mask()).isEqualTo(1L << 52);
        assertThat(Stage1Descriptor.APTABLE.mask()).isEqualTo(3L << 61);
        assertThat(Stage1Descriptor.ADDR_HIGH.mask()).isEqualTo(0xf000L);
        assertThat(Stage2Descriptor.XN.mask()).isEqualTo(3L << 53);
        assertThat(Stage2Descriptor.S2AP.set(0, Stage2Descriptor.S2AP_WRITE)).isEqualTo(0x80L);
        assertThat(Stage2Descriptor.MEMATTR.set(0, Stage2Descriptor.MEMATTR_WRITE_BACK)).isEqualTo(0x3cL);
    }
}
