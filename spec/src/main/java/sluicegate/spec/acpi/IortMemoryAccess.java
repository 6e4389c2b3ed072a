package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * How a device accesses memory: part of {@link IortNamedComponent} and {@link IortRootComplex}.
 *
 * <pre>
 *       +----------------+
 *  0x00 | CACHE_COHERENT | 4 bytes
 *       +----------------+
 *  0x04 | HINTS          | 1 byte
 *       +----------------+
 *  0x05 | reserved       | 2 bytes
 *       +----------------+
 *  0x07 | FLAGS          | 1 byte
 *       +----------------+
 *
 * The hints:
 *   7 4            3                  2               1              0
 * +-----+---------------------+---------------+----------------+-----------+
 * |  0  | ALLOCATION_OVERRIDE | READ_ALLOCATE | WRITE_ALLOCATE | TRANSIENT |
 * +-----+---------------------+---------------+----------------+-----------+
 *
 * The flags:
 *   7 3            2                    1                 0
 * +-----+---------------------+-------------------+---------------+
 * |  0  | COHERENT_WRITE_BACK | DEVICE_ATTRIBUTES | COHERENT_PATH |
 * +-----+---------------------+-------------------+---------------+
 * </pre>
 */
public final class IortMemoryAccess {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: 1 if the device is coherent with the caches, else 0. */
    public static final ByteField CACHE_COHERENT = new ByteField("CACHE_COHERENT", 0x00, 4, SECTION,
            "1 if the device is coherent with the caches, else 0");
    /** Offset 0x04: allocation hints. */
    public static final ByteField HINTS = new ByteField("HINTS", 0x04, 1, SECTION, "allocation hints");
    /** Offset 0x07: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x07, 1, SECTION, "flags");

    /** Bit 3: these hints override those of the device. */
    public static final Field ALLOCATION_OVERRIDE = Field.bit("ALLOCATION_OVERRIDE", 3, SECTION,
            "these hints override those of the device");
    /** Bit 2: allocate on read. */
    public static final Field READ_ALLOCATE = Field.bit("READ_ALLOCATE", 2, SECTION, "allocate on read");
    /** Bit 1: allocate on write. */
    public static final Field WRITE_ALLOCATE = Field.bit("WRITE_ALLOCATE", 1, SECTION, "allocate on write");
    /** Bit 0: transient. */
    public static final Field TRANSIENT = Field.bit("TRANSIENT", 0, SECTION, "transient");

    /** Bit 2: accesses become coherent and write-back whatever the device says. */
    public static final Field COHERENT_WRITE_BACK = Field.bit("COHERENT_WRITE_BACK", 2, SECTION,
            "accesses become coherent and write-back whatever the device says");
    /** Bit 1: the device makes its memory attributes inner and outer write-back. */
    public static final Field DEVICE_ATTRIBUTES = Field.bit("DEVICE_ATTRIBUTES", 1, SECTION,
            "the device makes its memory attributes inner and outer write-back");
    /** Bit 0: the path to memory keeps accesses coherent. */
    public static final Field COHERENT_PATH = Field.bit("COHERENT_PATH", 0, SECTION,
            "the path to memory keeps accesses coherent");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT memory access properties", SECTION, SIZE,
            CACHE_COHERENT, HINTS, ByteField.reserved(0x05, 2, SECTION), FLAGS);

    /** The hints. */
    public static final Layout HINT_BITS = Layout.of("IORT allocation hints", SECTION, 8,
            Field.reserved(7, 4, SECTION), ALLOCATION_OVERRIDE, READ_ALLOCATE, WRITE_ALLOCATE, TRANSIENT);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("IORT memory access flags", SECTION, 8,
            Field.reserved(7, 3, SECTION), COHERENT_WRITE_BACK, DEVICE_ATTRIBUTES, COHERENT_PATH);

    private IortMemoryAccess() {
    }
}
