package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * RISC-V I/O Mapping Table, {@code RIMT}: IOMMUs of RISC-V and what is behind them. Nodes ({@link RimtNode}) follow at an
 * offset that the table tells.
 *
 * <pre>
 *       +-------------+
 *  0x00 | ACPI_HEADER | 36 bytes
 *       +-------------+
 *  0x24 | NODE_COUNT  | 4 bytes
 *       +-------------+
 *  0x28 | NODE_OFFSET | 4 bytes
 *       +-------------+
 *  0x2c | reserved    | 4 bytes
 *       +-------------+
 * </pre>
 */
public final class RimtTable {

    private static final String SECTION = "RIMT 2";

    /** Bytes of what is described here. */
    public static final int SIZE = 48;

    /** Offset 0x00: see AcpiHeader. */
    public static final ByteField ACPI_HEADER = new ByteField("ACPI_HEADER", 0x00, 36, SECTION, "see AcpiHeader");
    /** Offset 0x24: number of nodes. */
    public static final ByteField NODE_COUNT = new ByteField("NODE_COUNT", 0x24, 4, SECTION, "number of nodes");
    /** Offset 0x28: bytes from the start of the table to the first node. */
    public static final ByteField NODE_OFFSET = new ByteField("NODE_OFFSET", 0x28, 4, SECTION,
            "bytes from the start of the table to the first node");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RIMT", SECTION, SIZE,
            ACPI_HEADER, NODE_COUNT, NODE_OFFSET, ByteField.reserved(0x2C, 4, SECTION));

    /** The signature of the table. */
    public static final String SIGNATURE = "RIMT";

    private RimtTable() {
    }
}
