package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Memory mapped configuration table, {@code MCFG}: where the configuration space of PCI Express is. Allocations
 * follow the fixed part.
 *
 * <pre>
 *       +-------------+
 *  0x00 | ACPI_HEADER | 36 bytes
 *       +-------------+
 *  0x24 | reserved    | 8 bytes
 *       +-------------+
 * </pre>
 */
public final class McfgTable {

    private static final String SECTION = "PCI Firmware 4.1.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 44;

    /** Offset 0x00: see {@link AcpiHeader}. */
    public static final ByteField ACPI_HEADER = new ByteField("ACPI_HEADER", 0x00, 36, SECTION, "see AcpiHeader");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("MCFG", SECTION, SIZE,
            ACPI_HEADER, ByteField.reserved(0x24, 8, SECTION));

    /** The signature of the table. */
    public static final String SIGNATURE = "MCFG";

    private McfgTable() {
    }
}
