package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Head of every block in the {@link IvrsTable}.
 *
 * <pre>
 *       +--------+
 *  0x00 | TYPE   | 1 byte
 *       +--------+
 *  0x01 | FLAGS  | 1 byte
 *       +--------+
 *  0x02 | LENGTH | 2 bytes
 *       +--------+
 * </pre>
 */
public final class IvrsBlock {

    private static final String SECTION = "AMD-Vi 5.2.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 4;

    /** Offset 0x00: what it is, see IvrsBlockType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see IvrsBlockType");
    /** Offset 0x01: flags, another meaning for each type. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x01, 1, SECTION,
            "flags, another meaning for each type");
    /** Offset 0x02: bytes of the block, this head included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the block, this head included");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVRS block", SECTION, SIZE,
            TYPE, FLAGS, LENGTH);

    private IvrsBlock() {
    }
}
