package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Head of every node of the {@link ViotTable}.
 *
 * <pre>
 *       +----------+
 *  0x00 | TYPE     | 1 byte
 *       +----------+
 *  0x01 | reserved | 1 byte
 *       +----------+
 *  0x02 | LENGTH   | 2 bytes
 *       +----------+
 * </pre>
 */
public final class ViotNode {

    private static final String SECTION = "ACPI 5.2, VIOT";

    /** Bytes of what is described here. */
    public static final int SIZE = 4;

    /** Offset 0x00: what it is, see ViotNodeType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see ViotNodeType");
    /** Offset 0x02: bytes of the node, this head included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the node, this head included");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("VIOT node", SECTION, SIZE,
            TYPE, ByteField.reserved(0x01, 1, SECTION), LENGTH);

    private ViotNode() {
    }
}
