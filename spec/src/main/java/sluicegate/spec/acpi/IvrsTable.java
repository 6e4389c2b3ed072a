package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * I/O Virtualization Reporting Structure, {@code IVRS}: the AMD IOMMUs of a machine. Blocks ({@link IvrsBlock})
 * follow the fixed part.
 *
 * <pre>
 *       +-------------+
 *  0x00 | ACPI_HEADER | 36 bytes
 *       +-------------+
 *  0x24 | IV_INFO     | 4 bytes
 *       +-------------+
 *  0x28 | reserved    | 8 bytes
 *       +-------------+
 *
 * The information:
 *   31 23         22             21 15           14 8               7 5           4 2       1             0
 * +-------+-----------------+--------------+---------------+--------------------+-----+-----------+---------------+
 * |   0   | HT_ATS_RESERVED | VIRTUAL_SIZE | PHYSICAL_SIZE | GUEST_VIRTUAL_SIZE |  0  | DMA_REMAP | EFR_SUPPORTED |
 * +-------+-----------------+--------------+---------------+--------------------+-----+-----------+---------------+
 * </pre>
 */
public final class IvrsTable {

    private static final String SECTION = "AMD-Vi 5.2.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 48;

    /** Offset 0x00: see AcpiHeader. */
    public static final ByteField ACPI_HEADER = new ByteField("ACPI_HEADER", 0x00, 36, SECTION, "see AcpiHeader");
    /** Offset 0x24: what all units have in common. */
    public static final ByteField IV_INFO = new ByteField("IV_INFO", 0x24, 4, SECTION, "what all units have in common");

    /** Bit 22: the range of HyperTransport translation requests is reserved. */
    public static final Field HT_ATS_RESERVED = Field.bit("HT_ATS_RESERVED", 22, SECTION,
            "the range of HyperTransport translation requests is reserved");
    /** Bits 21:15: bits of a virtual address. */
    public static final Field VIRTUAL_SIZE = Field.bits("VIRTUAL_SIZE", 21, 15, SECTION, "bits of a virtual address");
    /** Bits 14:8: bits of a physical address. */
    public static final Field PHYSICAL_SIZE = Field.bits("PHYSICAL_SIZE", 14, 8, SECTION, "bits of a physical address");
    /** Bits 7:5: width of a guest virtual address, 2 for 48 bits. */
    public static final Field GUEST_VIRTUAL_SIZE = Field.bits("GUEST_VIRTUAL_SIZE", 7, 5, SECTION,
            "width of a guest virtual address, 2 for 48 bits");
    /** Bit 1: firmware asks that DMA is kept off until software has set up remapping. */
    public static final Field DMA_REMAP = Field.bit("DMA_REMAP", 1, SECTION,
            "firmware asks that DMA is kept off until software has set up remapping");
    /** Bit 0: blocks of type 11h and 40h tell the extended feature register. */
    public static final Field EFR_SUPPORTED = Field.bit("EFR_SUPPORTED", 0, SECTION,
            "blocks of type 11h and 40h tell the extended feature register");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVRS", SECTION, SIZE,
            ACPI_HEADER, IV_INFO, ByteField.reserved(0x28, 8, SECTION));

    /** The information. */
    public static final Layout INFO_BITS = Layout.of("IVRS IVinfo", SECTION, 32,
            Field.reserved(31, 23, SECTION), HT_ATS_RESERVED, VIRTUAL_SIZE, PHYSICAL_SIZE, GUEST_VIRTUAL_SIZE,
            Field.reserved(4, 2, SECTION), DMA_REMAP, EFR_SUPPORTED);

    /** The signature of the table. */
    public static final String SIGNATURE = "IVRS";

    private IvrsTable() {
    }
}
