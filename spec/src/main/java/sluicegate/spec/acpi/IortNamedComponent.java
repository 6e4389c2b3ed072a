package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device that the ACPI name space names. The path of its object follows and ends with a zero; id mappings come
 * after it.
 *
 * <pre>
 *       +-------------------+
 *  0x00 | HEAD              | 16 bytes
 *       +-------------------+
 *  0x10 | FLAGS             | 4 bytes
 *       +-------------------+
 *  0x14 | MEMORY_PROPERTIES | 8 bytes
 *       +-------------------+
 *  0x1c | ADDRESS_SIZE      | 1 byte
 *       +-------------------+
 *
 * The flags:
 *   31 6      5 1              0
 * +------+------------+-----------------+
 * |  0   | PASID_BITS | STALL_SUPPORTED |
 * +------+------------+-----------------+
 * </pre>
 */
public final class IortNamedComponent {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 29;

    /** Offset 0x00: see IortNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 16, SECTION, "see IortNode");
    /** Offset 0x10: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x10, 4, SECTION, "flags");
    /** Offset 0x14: see IortMemoryAccess. */
    public static final ByteField MEMORY_PROPERTIES = new ByteField("MEMORY_PROPERTIES", 0x14, 8, SECTION,
            "see IortMemoryAccess");
    /** Offset 0x1c: bits of address that its accesses carry. */
    public static final ByteField ADDRESS_SIZE = new ByteField("ADDRESS_SIZE", 0x1C, 1, SECTION,
            "bits of address that its accesses carry");

    /** Bits 5:1: bits of PASID that the device supports. */
    public static final Field PASID_BITS = Field.bits("PASID_BITS", 5, 1, SECTION,
            "bits of PASID that the device supports");
    /** Bit 0: the device can wait for stalled accesses. */
    public static final Field STALL_SUPPORTED = Field.bit("STALL_SUPPORTED", 0, SECTION,
            "the device can wait for stalled accesses");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT named component", SECTION, SIZE,
            HEAD, FLAGS, MEMORY_PROPERTIES, ADDRESS_SIZE);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("IORT named component flags", SECTION, 32,
            Field.reserved(31, 6, SECTION), PASID_BITS, STALL_SUPPORTED);

    private IortNamedComponent() {
    }
}
