package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * One range of an {@link IortRmr} node.
 *
 * <pre>
 *       +--------------+
 *  0x00 | BASE_ADDRESS | 8 bytes
 *       +--------------+
 *  0x08 | RANGE_LENGTH | 8 bytes
 *       +--------------+
 *  0x10 | reserved     | 4 bytes
 *       +--------------+
 * </pre>
 */
public final class IortMemoryRange {

    private static final String SECTION = "DEN0049 3.1.1.5";

    /** Bytes of what is described here. */
    public static final int SIZE = 20;

    /** Offset 0x00: first address, aligned to 64 KiB. */
    public static final ByteField BASE_ADDRESS = new ByteField("BASE_ADDRESS", 0x00, 8, SECTION,
            "first address, aligned to 64 KiB");
    /** Offset 0x08: bytes, a multiple of 64 KiB. */
    public static final ByteField RANGE_LENGTH = new ByteField("RANGE_LENGTH", 0x08, 8, SECTION,
            "bytes, a multiple of 64 KiB");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT memory range", SECTION, SIZE,
            BASE_ADDRESS, RANGE_LENGTH, ByteField.reserved(0x10, 4, SECTION));

    private IortMemoryRange() {
    }
}
