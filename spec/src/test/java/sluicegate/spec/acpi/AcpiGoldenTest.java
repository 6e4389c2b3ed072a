package sluicegate.spec.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;

/** Tables that QEMU made, and structures worked out by hand, against names. */
class AcpiGoldenTest {

    /** DMAR of QEMU's q35 with a few bridges: one DRHD with scopes, one ATSR. */
    private static final byte[] DMAR = bytes("444d4152a8000000012c424f43485320425850432020202001000000425850"
            + "43010000002f0100000000000000000000000070000000000000 00d9fe000000000308000000ff00000108000000000000"
            + "020800000000040001080000000005000208000000000600020800000000070001080000000008000108000000000900"
            + "010800000000 1f0001080000 00001f02010800000000 1f03020800000020000002000800 01000000");

    /** MCFG of QEMU's q35. */
    private static final byte[] MCFG = bytes("4d4346473c000000018c424f4348532042585043202020200100000042585043"
            + "010000000000000000000000000000b000000000000000ff00000000");

    @Test
    void headerOfATable() {
        assertThat(AcpiHeader.signature(DMAR, 0)).isEqualTo(DmarTable.SIGNATURE);
        assertThat(AcpiHeader.LENGTH.get(DMAR, 0)).isEqualTo(0xA8).isEqualTo(DMAR.length);
        assertThat(AcpiHeader.REVISION.get(DMAR, 0)).isEqualTo(1);
        assertThat(new String(AcpiHeader.OEM_ID.bytes(DMAR, 0), StandardCharsets.US_ASCII)).isEqualTo("BOCHS ");
        assertThat(new String(AcpiHeader.OEM_TABLE_ID.bytes(DMAR, 0), StandardCharsets.US_ASCII)).isEqualTo("BXPC    ");
        assertThat(AcpiHeader.CREATOR_REVISION.get(DMAR, 0)).isEqualTo(1);
        assertThat(AcpiHeader.checksum(DMAR, 0, DMAR.length)).isZero();
        assertThat(AcpiHeader.checksum(MCFG, 0, MCFG.length)).isZero();
    }

    @Test
    void aTableIsSealedByItsChecksum() {
        byte[] table = DMAR.clone();
        table[0x30] ^= 0x55;
        assertThat(AcpiHeader.checksum(table, 0, table.length)).isNotZero();
        AcpiHeader.seal(table, 0, table.length);
        assertThat(AcpiHeader.checksum(table, 0, table.length)).isZero();
        AcpiHeader.seal(DMAR.clone(), 0, DMAR.length);
        byte[] same = DMAR.clone();
        AcpiHeader.seal(same, 0, same.length);
        assertThat(same).isEqualTo(DMAR);
    }

    @Test
    void dmarOfQemu() {
        assertThat(DmarTable.HOST_ADDRESS_WIDTH.get(DMAR, 0)).as("48 bits").isEqualTo(0x2f);
        assertThat(DmarTable.FLAG_BITS.describe(DmarTable.FLAGS.get(DMAR, 0))).isEqualTo("INTR_REMAP=1");

        int drhd = DmarTable.SIZE;
        assertThat(DmarStructureType.of(DmarStructure.TYPE.get(DMAR, drhd))).contains(DmarStructureType.DRHD);
        assertThat(Drhd.LENGTH.get(DMAR, drhd)).isEqualTo(0x70);
        assertThat(Drhd.FLAGS.get(DMAR, drhd)).isZero();
        assertThat(Drhd.SEGMENT.get(DMAR, drhd)).isZero();
        assertThat(Drhd.REGISTER_BASE.get(DMAR, drhd)).isEqualTo(0xfed9_0000L);

        int ioApic = drhd + Drhd.SIZE;
        assertThat(DeviceScopeType.of(DeviceScope.TYPE.get(DMAR, ioApic))).contains(DeviceScopeType.IO_APIC);
        assertThat(DeviceScope.LENGTH.get(DMAR, ioApic)).isEqualTo(8);
        assertThat(DeviceScope.START_BUS.get(DMAR, ioApic)).isEqualTo(0xff);
        assertThat(DeviceScope.steps(8)).isEqualTo(1);

        int bridge = ioApic + 16;
        assertThat(DeviceScopeType.of(DeviceScope.TYPE.get(DMAR, bridge))).contains(DeviceScopeType.PCI_SUB_HIERARCHY);
        assertThat(DeviceScope.STEP_DEVICE.get(DMAR, bridge + DeviceScope.SIZE)).isEqualTo(4);
        assertThat(DeviceScope.STEP_FUNCTION.get(DMAR, bridge + DeviceScope.SIZE)).isZero();

        int atsr = drhd + 0x70;
        assertThat(DmarStructureType.of(DmarStructure.TYPE.get(DMAR, atsr))).contains(DmarStructureType.ATSR);
        assertThat(Atsr.LENGTH.get(DMAR, atsr)).isEqualTo(8);
        assertThat(Atsr.FLAG_BITS.describe(Atsr.FLAGS.get(DMAR, atsr))).isEqualTo("ALL_PORTS=1");
        assertThat(atsr + 8).isEqualTo(DMAR.length);
    }

    @Test
    void mcfgOfQemu() {
        assertThat(AcpiHeader.signature(MCFG, 0)).isEqualTo(McfgTable.SIGNATURE);
        int allocation = McfgTable.SIZE;
        assertThat(McfgAllocation.LAYOUT.describe(MCFG, allocation))
                .isEqualTo("BASE_ADDRESS=0xb0000000 SEGMENT=0x0 START_BUS=0x0 END_BUS=0xff");
        assertThat(allocation + McfgAllocation.SIZE).isEqualTo(MCFG.length);
        assertThat(McfgAllocation.configAddress(0xb000_0000L, 1, 2, 3)).isEqualTo(0xb011_3000L);
        assertThat(McfgAllocation.configAddress(0xb000_0000L, 255, 31, 7)).isEqualTo(0xbfff_f000L);
    }

    @Test
    void structuresThatQemuDoesNotMake() {
        byte[] rmrr = bytes("0100 2000 0000 0100 00d0ab7600000000 ffffad7600000000 01080000 00001400");
        assertThat(Rmrr.LAYOUT.describe(rmrr, 0))
                .isEqualTo("TYPE=0x1 LENGTH=0x20 SEGMENT=0x1 REGION_BASE=0x76abd000 REGION_LIMIT=0x76adffff");
        assertThat(DeviceScope.STEP_DEVICE.get(rmrr, Rmrr.SIZE + DeviceScope.SIZE)).isEqualTo(0x14);

        byte[] rhsa = bytes("0300 1400 00000000 0000d9fe00000000 02000000");
        assertThat(Rhsa.LAYOUT.describe(rhsa, 0))
                .isEqualTo("TYPE=0x3 LENGTH=0x14 REGISTER_BASE=0xfed90000 PROXIMITY_DOMAIN=0x2");

        byte[] andd = bytes("0400 1900 000000 05 5c5f53422e504349302e49324330 00 000000");
        assertThat(Andd.LAYOUT.describe(andd, 0)).isEqualTo("TYPE=0x4 LENGTH=0x19 ACPI_DEVICE_NUMBER=0x5");

        byte[] satc = bytes("0500 1000 01 00 0000 01080000 00000200");
        assertThat(Satc.LAYOUT.describe(satc, 0)).isEqualTo("TYPE=0x5 LENGTH=0x10 FLAGS=0x1 SEGMENT=0x0");
        assertThat(Satc.FLAG_BITS.describe(Satc.FLAGS.get(satc, 0))).isEqualTo("ATC_REQUIRED=1");

        byte[] sidp = bytes("0600 1000 0000 0200 0108 18 00 00000200");
        assertThat(Sidp.LAYOUT.describe(sidp, 0)).isEqualTo("TYPE=0x6 LENGTH=0x10 SEGMENT=0x2");
        assertThat(DeviceScope.FLAG_BITS.describe(DeviceScope.FLAGS.get(sidp, Sidp.SIZE)))
                .isEqualTo("ATC_HARDENED=1 ATC_REQUIRED=1");

        byte[] drhd = bytes("0000 1000 01 02 0000 0010d9fe00000000");
        assertThat(Drhd.FLAG_BITS.describe(Drhd.FLAGS.get(drhd, 0))).isEqualTo("INCLUDE_PCI_ALL=1");
        assertThat(Drhd.SIZE_EXPONENT.get(Drhd.REGISTER_SET_SIZE.get(drhd, 0))).isEqualTo(2);

        assertThat(DmarTable.FLAG_BITS.describe(7))
                .isEqualTo("INTR_REMAP=1 X2APIC_OPT_OUT=1 DMA_CTRL_PLATFORM_OPT_IN=1");
    }

    @Test
    void aPathHasWholeStepsOnly() {
        assertThat(DeviceScope.steps(6)).isZero();
        assertThat(DeviceScope.steps(9)).isEqualTo(1);
        assertThat(DeviceScope.steps(10)).isEqualTo(2);
        assertThat(DeviceScope.steps(0)).isZero();
    }

    @Test
    void typesHaveTheManualsNumbers() {
        for (DmarStructureType type : DmarStructureType.values()) {
            assertThat(type.code()).isEqualTo(type.ordinal());
            assertThat(DmarStructureType.of(type.code())).contains(type);
            assertThat(type.meaning()).isNotBlank();
        }
        for (DeviceScopeType type : DeviceScopeType.values()) {
            assertThat(type.code()).isEqualTo(type.ordinal() + 1);
            assertThat(DeviceScopeType.of(type.code())).contains(type);
            assertThat(type.meaning()).isNotBlank();
        }
        assertThat(DmarStructureType.of(7)).isEmpty();
        assertThat(DeviceScopeType.of(0)).isEmpty();
    }

    @Test
    void aTruncatedTableNamesTheField() {
        assertThatIllegalArgumentException().isThrownBy(() -> Drhd.REGISTER_BASE.get(DMAR, DMAR.length - 8))
                .withMessage("field REGISTER_BASE of the structure at 160 ends at 176, beyond the 168 bytes there are");
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
