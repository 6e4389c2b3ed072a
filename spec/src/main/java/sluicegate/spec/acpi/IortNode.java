package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Head of every node of the {@link IortTable}. It begins at no aligned address: the fields are packed.
 *
 * <pre>
 *       +----------------+
 *  0x00 | TYPE           | 1 byte
 *       +----------------+
 *  0x01 | LENGTH         | 2 bytes
 *       +----------------+
 *  0x03 | REVISION       | 1 byte
 *       +----------------+
 *  0x04 | IDENTIFIER     | 4 bytes
 *       +----------------+
 *  0x08 | MAPPING_COUNT  | 4 bytes
 *       +----------------+
 *  0x0c | MAPPING_OFFSET | 4 bytes
 *       +----------------+
 * </pre>
 */
public final class IortNode {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 16;

    /** Offset 0x00: what it is, see IortNodeType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see IortNodeType");
    /** Offset 0x01: bytes of the node, this head and its id mappings included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x01, 2, SECTION,
            "bytes of the node, this head and its id mappings included");
    /** Offset 0x03: revision of the format of this node. */
    public static final ByteField REVISION = new ByteField("REVISION", 0x03, 1, SECTION,
            "revision of the format of this node");
    /** Offset 0x04: unique number of the node; zero in older tables. */
    public static final ByteField IDENTIFIER = new ByteField("IDENTIFIER", 0x04, 4, SECTION,
            "unique number of the node; zero in older tables");
    /** Offset 0x08: number of id mappings. */
    public static final ByteField MAPPING_COUNT = new ByteField("MAPPING_COUNT", 0x08, 4, SECTION,
            "number of id mappings");
    /** Offset 0x0c: bytes from the start of the node to its id mappings. */
    public static final ByteField MAPPING_OFFSET = new ByteField("MAPPING_OFFSET", 0x0C, 4, SECTION,
            "bytes from the start of the node to its id mappings");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT node", SECTION, SIZE,
            TYPE, LENGTH, REVISION, IDENTIFIER, MAPPING_COUNT, MAPPING_OFFSET);

    private IortNode() {
    }
}
