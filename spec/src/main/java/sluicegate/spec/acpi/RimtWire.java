package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * An interrupt wire of an IOMMU.
 *
 * <pre>
 *       +--------+
 *  0x00 | NUMBER | 4 bytes
 *       +--------+
 *  0x04 | FLAGS  | 4 bytes
 *       +--------+
 *
 * The flags:
 *   31 2        1          0
 * +------+-------------+-------+
 * |  0   | ACTIVE_HIGH | LEVEL |
 * +------+-------------+-------+
 * </pre>
 */
public final class RimtWire {

    private static final String SECTION = "RIMT 2";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: global system interrupt. */
    public static final ByteField NUMBER = new ByteField("NUMBER", 0x00, 4, SECTION, "global system interrupt");
    /** Offset 0x04: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x04, 4, SECTION, "flags");

    /** Bit 1: active high. */
    public static final Field ACTIVE_HIGH = Field.bit("ACTIVE_HIGH", 1, SECTION, "active high");
    /** Bit 0: level triggered. */
    public static final Field LEVEL = Field.bit("LEVEL", 0, SECTION, "level triggered");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RIMT interrupt wire", SECTION, SIZE,
            NUMBER, FLAGS);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("RIMT interrupt wire flags", SECTION, 32,
            Field.reserved(31, 2, SECTION), ACTIVE_HIGH, LEVEL);

    private RimtWire() {
    }
}
