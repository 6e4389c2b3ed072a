package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * DMA Remapping Hardware Unit Definition: one VT-d unit. Device scopes follow.
 *
 * <pre>
 *       +-------------------+
 *  0x00 | TYPE              | 2 bytes
 *       +-------------------+
 *  0x02 | LENGTH            | 2 bytes
 *       +-------------------+
 *  0x04 | FLAGS             | 1 byte
 *       +-------------------+
 *  0x05 | REGISTER_SET_SIZE | 1 byte
 *       +-------------------+
 *  0x06 | SEGMENT           | 2 bytes
 *       +-------------------+
 *  0x08 | REGISTER_BASE     | 8 bytes
 *       +-------------------+
 *
 * The flags:
 *   7 1          0
 * +-----+-----------------+
 * |  0  | INCLUDE_PCI_ALL |
 * +-----+-----------------+
 *
 * The size:
 *   7 4   3           0
 * +-----+---------------+
 * |  0  | SIZE_EXPONENT |
 * +-----+---------------+
 * </pre>
 */
public final class Drhd {

    private static final String SECTION = "VT-d 8.3";

    /** Bytes of what is described here. */
    public static final int SIZE = 16;

    /** Offset 0x00: type of the structure, 0. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 2, SECTION, "type of the structure, 0");
    /** Offset 0x02: bytes of the structure, device scopes included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the structure, device scopes included");
    /** Offset 0x04: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x04, 1, SECTION, "flags");
    /** Offset 0x05: size of the register window, zero in older tables. */
    public static final ByteField REGISTER_SET_SIZE = new ByteField("REGISTER_SET_SIZE", 0x05, 1, SECTION,
            "size of the register window, zero in older tables");
    /** Offset 0x06: PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x06, 2, SECTION, "PCI segment");
    /** Offset 0x08: address of the register window. */
    public static final ByteField REGISTER_BASE = new ByteField("REGISTER_BASE", 0x08, 8, SECTION,
            "address of the register window");

    /** Bit 0: the unit serves all devices of the segment that no other unit names. */
    public static final Field INCLUDE_PCI_ALL = Field.bit("INCLUDE_PCI_ALL", 0, SECTION,
            "the unit serves all devices of the segment that no other unit names");

    /** Bits 3:0: register window of 2 to that power pages of 4 KiB. */
    public static final Field SIZE_EXPONENT = Field.bits("SIZE_EXPONENT", 3, 0, SECTION,
            "register window of 2 to that power pages of 4 KiB");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("DRHD", SECTION, SIZE,
            TYPE, LENGTH, FLAGS, REGISTER_SET_SIZE, SEGMENT, REGISTER_BASE);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("DRHD flags", SECTION, 8,
            Field.reserved(7, 1, SECTION), INCLUDE_PCI_ALL);

    /** The size. */
    public static final Layout SIZE_BITS = Layout.of("DRHD size", SECTION, 8,
            Field.reserved(7, 4, SECTION), SIZE_EXPONENT);

    private Drhd() {
    }
}
