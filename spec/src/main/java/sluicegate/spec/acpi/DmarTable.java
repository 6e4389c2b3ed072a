package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * DMA Remapping Reporting table, {@code DMAR}: the VT-d units of a machine. Remapping structures follow the fixed
 * part.
 *
 * <pre>
 *       +--------------------+
 *  0x00 | ACPI_HEADER        | 36 bytes
 *       +--------------------+
 *  0x24 | HOST_ADDRESS_WIDTH | 1 byte
 *       +--------------------+
 *  0x25 | FLAGS              | 1 byte
 *       +--------------------+
 *  0x26 | reserved           | 10 bytes
 *       +--------------------+
 *
 * The flags:
 *   7 3              2                     1              0
 * +-----+--------------------------+----------------+------------+
 * |  0  | DMA_CTRL_PLATFORM_OPT_IN | X2APIC_OPT_OUT | INTR_REMAP |
 * +-----+--------------------------+----------------+------------+
 * </pre>
 */
public final class DmarTable {

    private static final String SECTION = "VT-d 8.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 48;

    /** Offset 0x00: see {@link AcpiHeader}. */
    public static final ByteField ACPI_HEADER = new ByteField("ACPI_HEADER", 0x00, 36, SECTION, "see AcpiHeader");
    /** Offset 0x24: greatest physical address width of DMA, less one. */
    public static final ByteField HOST_ADDRESS_WIDTH = new ByteField("HOST_ADDRESS_WIDTH", 0x24, 1, SECTION,
            "greatest physical address width of DMA, less one");
    /** Offset 0x25: flags of the platform. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x25, 1, SECTION, "flags of the platform");

    /** Bit 2: firmware asks that DMA is kept off until software has set up remapping. */
    public static final Field DMA_CTRL_PLATFORM_OPT_IN = Field.bit("DMA_CTRL_PLATFORM_OPT_IN", 2, SECTION,
            "firmware asks that DMA is kept off until software has set up remapping");
    /** Bit 1: firmware asks not to use x2APIC mode. */
    public static final Field X2APIC_OPT_OUT = Field.bit("X2APIC_OPT_OUT", 1, SECTION,
            "firmware asks not to use x2APIC mode");
    /** Bit 0: the platform supports interrupt remapping. */
    public static final Field INTR_REMAP = Field.bit("INTR_REMAP", 0, SECTION,
            "the platform supports interrupt remapping");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("DMAR", SECTION, SIZE,
            ACPI_HEADER, HOST_ADDRESS_WIDTH, FLAGS, ByteField.reserved(0x26, 10, SECTION));

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("DMAR flags", SECTION, 8,
            Field.reserved(7, 3, SECTION), DMA_CTRL_PLATFORM_OPT_IN, X2APIC_OPT_OUT, INTR_REMAP);

    /** The signature of the table. */
    public static final String SIGNATURE = "DMAR";

    private DmarTable() {
    }
}
