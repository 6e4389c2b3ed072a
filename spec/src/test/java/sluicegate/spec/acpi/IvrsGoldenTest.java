package sluicegate.spec.acpi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;

/** The table that QEMU makes for its machine q35, and blocks worked out by hand, against names. */
class IvrsGoldenTest {

    /** IVRS of QEMU's q35 with one bridge to conventional PCI, shortened and sealed again. */
    private static final byte[] IVRS = sealed("49565253 74000000 0100 424f43485320 4258504320202020 01000000 42585043"
            + "01000000 00280000 0000000000000000"
            + "10 d1 4400 0800 4000 0000d8fe00000000 0000 0000 44000000"
            + "02 0000 00" + "03 0001 00" + "04 ff01 00" + "02 0002 00" + "43 0003 00 00 0003 00" + "04 ff03 00"
            + "00 0000 00" + "48 0000 00 00 a000 01");

    @Test
    void tableOfQemu() {
        assertThat(AcpiHeader.signature(IVRS, 0)).isEqualTo(IvrsTable.SIGNATURE);
        assertThat(AcpiHeader.LENGTH.get(IVRS, 0)).isEqualTo(IVRS.length);
        assertThat(IvrsTable.INFO_BITS.describe(IvrsTable.IV_INFO.get(IVRS, 0))).isEqualTo("PHYSICAL_SIZE=0x28");

        int unit = IvrsTable.SIZE;
        assertThat(IvrsBlockType.of(IvrsBlock.TYPE.get(IVRS, unit))).contains(IvrsBlockType.IVHD_10);
        assertThat(IvrsBlock.LENGTH.get(IVRS, unit)).isEqualTo(0x44);
        assertThat(Ivhd.LAYOUT.describe(IVRS, unit)).isEqualTo("TYPE=0x10 FLAGS=0xd1 LENGTH=0x44 DEVICE_ID=0x8"
                + " CAPABILITY_OFFSET=0x40 BASE_ADDRESS=0xfed80000 SEGMENT=0x0 INFO=0x0 FEATURE_INFO=0x44");
        assertThat(Ivhd.FLAG_BITS.describe(Ivhd.FLAGS.get(IVRS, unit)))
                .isEqualTo("HT_TUNNEL_ENABLE=1 IOTLB_SUPPORTED=1 PREFETCH_SUPPORTED=1 PPR_SUPPORTED=1");
        assertThat(Ivhd.FEATURE_BITS.describe(Ivhd.FEATURE_INFO.get(IVRS, unit)))
                .isEqualTo("GUEST_TRANSLATION=1 GUEST_APIC=1");

        int entry = unit + Ivhd.SIZE;
        assertThat(IvhdEntryType.of(IvhdEntry.TYPE.get(IVRS, entry))).contains(IvhdEntryType.SELECT);
        entry += IvhdEntry.size(0x02);
        assertThat(IvhdEntryType.of(IvhdEntry.TYPE.get(IVRS, entry))).contains(IvhdEntryType.RANGE_START);
        assertThat(IvhdEntry.DEVICE_ID.get(IVRS, entry)).isEqualTo(0x100);
        entry += IvhdEntry.size(0x03);
        assertThat(IvhdEntryType.of(IvhdEntry.TYPE.get(IVRS, entry))).contains(IvhdEntryType.RANGE_END);
        assertThat(IvhdEntry.DEVICE_ID.get(IVRS, entry)).isEqualTo(0x1ff);
        entry += 2 * IvhdEntry.size(0x04);
        assertThat(IvhdEntryType.of(IvhdEntry.TYPE.get(IVRS, entry))).contains(IvhdEntryType.ALIAS_RANGE_START);
        assertThat(IvhdAliasEntry.LAYOUT.describe(IVRS, entry))
                .isEqualTo("TYPE=0x43 DEVICE_ID=0x300 DTE_SETTING=0x0 SOURCE_DEVICE_ID=0x300");
        entry += IvhdEntry.size(0x43) + IvhdEntry.size(0x04);
        assertThat(IvhdEntryType.of(IvhdEntry.TYPE.get(IVRS, entry))).contains(IvhdEntryType.PAD_4);
        entry += IvhdEntry.size(0x00);
        assertThat(IvhdSpecialEntry.LAYOUT.describe(IVRS, entry))
                .isEqualTo("TYPE=0x48 DTE_SETTING=0x0 HANDLE=0x0 SOURCE_DEVICE_ID=0xa0 VARIETY=0x1");
        assertThat(IvhdSpecialVariety.of(1)).contains(IvhdSpecialVariety.IO_APIC);
        assertThat(entry + IvhdEntry.size(0x48)).isEqualTo(IVRS.length);
    }

    @Test
    void blocksThatQemuDoesNotMake() {
        byte[] extended = bytes("40 30 4700 0200 4000 0000a0fe00000000 0100 0f0b 00 80 04 08 ef227e20a2f52206"
                + "1000000000000000" + "f0 a500 40 414d444930303230 0000000000000000 02 09 5c5f53422e46555230");
        assertThat(IvrsBlockType.of(0x40)).contains(IvrsBlockType.IVHD_40);
        assertThat(IvhdExtended.LAYOUT.describe(extended, 0)).isEqualTo("TYPE=0x40 FLAGS=0x30 LENGTH=0x47 DEVICE_ID=0x2"
                + " CAPABILITY_OFFSET=0x40 BASE_ADDRESS=0xfea00000 SEGMENT=0x1 INFO=0xb0f ATTRIBUTES=0x8048000"
                + " EXTENDED_FEATURES=0x622f5a2207e22ef EXTENDED_FEATURES_2=0x10");
        assertThat(Ivhd.INFO_BITS.describe(IvhdExtended.INFO.get(extended, 0))).isEqualTo("MSI_NUMBER=0xf UNIT_ID=0xb");
        assertThat(IvhdExtended.ATTRIBUTE_BITS.describe(IvhdExtended.ATTRIBUTES.get(extended, 0)))
                .isEqualTo("COUNTERS=0x4 COUNTER_BANKS=0x2 MSI_NUMBER_PPR=0x10");
        int device = IvhdExtended.SIZE;
        assertThat(IvhdEntryType.of(IvhdEntry.TYPE.get(extended, device))).contains(IvhdEntryType.ACPI_HID);
        assertThat(IvhdEntry.DTE_BITS.describe(IvhdHidEntry.DTE_SETTING.get(extended, device))).isEqualTo("LINT0_PASS=1");
        assertThat(new String(IvhdHidEntry.HARDWARE_ID.bytes(extended, device), StandardCharsets.US_ASCII))
                .isEqualTo("AMDI0020");
        assertThat(IvhdUidFormat.of(IvhdHidEntry.UID_FORMAT.get(extended, device))).contains(IvhdUidFormat.STRING);
        assertThat(device + IvhdHidEntry.SIZE + IvhdHidEntry.UID_LENGTH.get(extended, device)).isEqualTo(0x47);

        byte[] noAts = bytes("46 2000 d7 00000080");
        assertThat(IvhdExtendedEntry.EXTENDED_BITS.describe(IvhdExtendedEntry.EXTENDED_DTE_SETTING.get(noAts, 0)))
                .isEqualTo("ATS_DISABLED=1");
        assertThat(IvhdEntry.DTE_BITS.describe(IvhdExtendedEntry.DTE_SETTING.get(noAts, 0))).isEqualTo("INIT_PASS=1"
                + " EXTINT_PASS=1 NMI_PASS=1 SYSTEM_MANAGEMENT=0x1 LINT0_PASS=1 LINT1_PASS=1");

        byte[] memory = bytes("22 08 2000 0001 ff0f 0200 000000000000 0010199600000000 0010000000000000");
        assertThat(Ivmd.LAYOUT.describe(memory, 0)).isEqualTo("TYPE=0x22 FLAGS=0x8 LENGTH=0x20 DEVICE_ID=0x100"
                + " AUXILIARY=0xfff SEGMENT=0x2 START_ADDRESS=0x96191000 MEMORY_LENGTH=0x1000");
        assertThat(Ivmd.FLAG_BITS.describe(0x0f)).isEqualTo("UNITY=1 READ=1 WRITE=1 EXCLUSION_RANGE=1");
        assertThat(IvrsTable.INFO_BITS.describe(0x203043))
                .isEqualTo("EFR_SUPPORTED=1 DMA_REMAP=1 GUEST_VIRTUAL_SIZE=0x2 PHYSICAL_SIZE=0x30 VIRTUAL_SIZE=0x40");
        assertThat(Ivhd.FEATURE_BITS.describe(0x80048f7fL)).contains("HATS=0x2", "PASID_MAX=0xf", "GUEST_CR3_LEVELS=0x3");
    }

    @Test
    void typesHaveTheManualsNumbers() {
        assertThat(IvrsBlockType.values()).extracting(IvrsBlockType::code).containsExactly(0x10, 0x11, 0x20, 0x21, 0x22, 0x40);
        assertThat(IvhdEntryType.values()).extracting(IvhdEntryType::code)
                .containsExactly(0, 1, 2, 3, 4, 64, 66, 67, 70, 71, 72, 240);
        assertThat(IvhdSpecialVariety.values()).extracting(IvhdSpecialVariety::code).containsExactly(1, 2);
        assertThat(IvhdUidFormat.values()).extracting(IvhdUidFormat::code).containsExactly(0, 1, 2);
        assertThat(IvrsBlockType.of(0x51)).isEmpty();
        assertThat(IvhdEntryType.of(5)).isEmpty();
        assertThat(IvhdEntry.size(0x3f)).isEqualTo(4);
        assertThat(IvhdEntry.size(0x40)).isEqualTo(8);
    }

    private static byte[] sealed(String hex) {
        byte[] table = bytes(hex);
        AcpiHeader.LENGTH.put(table, 0, table.length);
        AcpiHeader.seal(table, 0, table.length);
        return table;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
