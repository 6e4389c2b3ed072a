package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Virtual I/O Translation Table, {@code VIOT}: paravirtual IOMMUs and what is behind them. Nodes ({@link ViotNode}) follow
 * at an offset that the table tells.
 *
 * <pre>
 *       +-------------+
 *  0x00 | ACPI_HEADER | 36 bytes
 *       +-------------+
 *  0x24 | NODE_COUNT  | 2 bytes
 *       +-------------+
 *  0x26 | NODE_OFFSET | 2 bytes
 *       +-------------+
 *  0x28 | reserved    | 8 bytes
 *       +-------------+
 * </pre>
 */
public final class ViotTable {

    private static final String SECTION = "ACPI 5.2, VIOT";

    /** Bytes of what is described here. */
    public static final int SIZE = 48;

    /** Offset 0x00: see AcpiHeader. */
    public static final ByteField ACPI_HEADER = new ByteField("ACPI_HEADER", 0x00, 36, SECTION, "see AcpiHeader");
    /** Offset 0x24: number of nodes. */
    public static final ByteField NODE_COUNT = new ByteField("NODE_COUNT", 0x24, 2, SECTION, "number of nodes");
    /** Offset 0x26: bytes from the start of the table to the first node. */
    public static final ByteField NODE_OFFSET = new ByteField("NODE_OFFSET", 0x26, 2, SECTION,
            "bytes from the start of the table to the first node");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("VIOT", SECTION, SIZE,
            ACPI_HEADER, NODE_COUNT, NODE_OFFSET, ByteField.reserved(0x28, 8, SECTION));

    /** The signature of the table. */
    public static final String SIGNATURE = "VIOT";

    private ViotTable() {
    }
}
