package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * I/O Virtualization Memory Definition: memory that devices use from before the operating system.
 *
 * <pre>
 *       +---------------+
 *  0x00 | TYPE          | 1 byte
 *       +---------------+
 *  0x01 | FLAGS         | 1 byte
 *       +---------------+
 *  0x02 | LENGTH        | 2 bytes
 *       +---------------+
 *  0x04 | DEVICE_ID     | 2 bytes
 *       +---------------+
 *  0x06 | AUXILIARY     | 2 bytes
 *       +---------------+
 *  0x08 | SEGMENT       | 2 bytes
 *       +---------------+
 *  0x0a | reserved      | 6 bytes
 *       +---------------+
 *  0x10 | START_ADDRESS | 8 bytes
 *       +---------------+
 *  0x18 | MEMORY_LENGTH | 8 bytes
 *       +---------------+
 *
 * The flags:
 *   7 4          3            2      1       0
 * +-----+-----------------+-------+------+-------+
 * |  0  | EXCLUSION_RANGE | WRITE | READ | UNITY |
 * +-----+-----------------+-------+------+-------+
 * </pre>
 */
public final class Ivmd {

    private static final String SECTION = "AMD-Vi 5.2.3";

    /** Bytes of what is described here. */
    public static final int SIZE = 32;

    /** Offset 0x00: type of the block: 20h all devices, 21h one, 22h a range. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION,
            "type of the block: 20h all devices, 21h one, 22h a range");
    /** Offset 0x01: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x01, 1, SECTION, "flags");
    /** Offset 0x02: bytes of the block, 32. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION, "bytes of the block, 32");
    /** Offset 0x04: the device, or the first of the range. */
    public static final ByteField DEVICE_ID = new ByteField("DEVICE_ID", 0x04, 2, SECTION,
            "the device, or the first of the range");
    /** Offset 0x06: the last device of the range. */
    public static final ByteField AUXILIARY = new ByteField("AUXILIARY", 0x06, 2, SECTION,
            "the last device of the range");
    /** Offset 0x08: PCI segment; zero in older tables. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x08, 2, SECTION,
            "PCI segment; zero in older tables");
    /** Offset 0x10: first address. */
    public static final ByteField START_ADDRESS = new ByteField("START_ADDRESS", 0x10, 8, SECTION, "first address");
    /** Offset 0x18: bytes. */
    public static final ByteField MEMORY_LENGTH = new ByteField("MEMORY_LENGTH", 0x18, 8, SECTION, "bytes");

    /** Bit 3: accesses there are not translated. */
    public static final Field EXCLUSION_RANGE = Field.bit("EXCLUSION_RANGE", 3, SECTION,
            "accesses there are not translated");
    /** Bit 2: devices may write. */
    public static final Field WRITE = Field.bit("WRITE", 2, SECTION, "devices may write");
    /** Bit 1: devices may read. */
    public static final Field READ = Field.bit("READ", 1, SECTION, "devices may read");
    /** Bit 0: mapped one to one. */
    public static final Field UNITY = Field.bit("UNITY", 0, SECTION, "mapped one to one");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVMD", SECTION, SIZE,
            TYPE, FLAGS, LENGTH, DEVICE_ID, AUXILIARY, SEGMENT, ByteField.reserved(0x0A, 6, SECTION), START_ADDRESS,
            MEMORY_LENGTH);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("IVMD flags", SECTION, 8,
            Field.reserved(7, 4, SECTION), EXCLUSION_RANGE, WRITE, READ, UNITY);

    private Ivmd() {
    }
}
