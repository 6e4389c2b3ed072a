package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Head of every node of the {@link RimtTable}.
 *
 * <pre>
 *       +------------+
 *  0x00 | TYPE       | 1 byte
 *       +------------+
 *  0x01 | REVISION   | 1 byte
 *       +------------+
 *  0x02 | LENGTH     | 2 bytes
 *       +------------+
 *  0x04 | reserved   | 2 bytes
 *       +------------+
 *  0x06 | IDENTIFIER | 2 bytes
 *       +------------+
 * </pre>
 */
public final class RimtNode {

    private static final String SECTION = "RIMT 2";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: what it is, see RimtNodeType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see RimtNodeType");
    /** Offset 0x01: revision of the format of this node. */
    public static final ByteField REVISION = new ByteField("REVISION", 0x01, 1, SECTION,
            "revision of the format of this node");
    /** Offset 0x02: bytes of the node, this head included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the node, this head included");
    /** Offset 0x06: unique number of the node. */
    public static final ByteField IDENTIFIER = new ByteField("IDENTIFIER", 0x06, 2, SECTION,
            "unique number of the node");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RIMT node", SECTION, SIZE,
            TYPE, REVISION, LENGTH, ByteField.reserved(0x04, 2, SECTION), IDENTIFIER);

    private RimtNode() {
    }
}
