package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * One allocation of the {@link McfgTable}: the configuration space of some buses.
 *
 * <pre>
 *       +--------------+
 *  0x00 | BASE_ADDRESS | 8 bytes
 *       +--------------+
 *  0x08 | SEGMENT      | 2 bytes
 *       +--------------+
 *  0x0a | START_BUS    | 1 byte
 *       +--------------+
 *  0x0b | END_BUS      | 1 byte
 *       +--------------+
 *  0x0c | reserved     | 4 bytes
 *       +--------------+
 * </pre>
 */
public final class McfgAllocation {

    private static final String SECTION = "PCI Firmware 4.1.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 16;

    /** Offset 0x00: address at which bus 0 of the segment is, or would be. */
    public static final ByteField BASE_ADDRESS = new ByteField("BASE_ADDRESS", 0x00, 8, SECTION,
            "address at which bus 0 of the segment is, or would be");
    /** Offset 0x08: PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x08, 2, SECTION, "PCI segment");
    /** Offset 0x0a: first bus. */
    public static final ByteField START_BUS = new ByteField("START_BUS", 0x0A, 1, SECTION, "first bus");
    /** Offset 0x0b: last bus. */
    public static final ByteField END_BUS = new ByteField("END_BUS", 0x0B, 1, SECTION, "last bus");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("MCFG allocation", SECTION, SIZE,
            BASE_ADDRESS, SEGMENT, START_BUS, END_BUS, ByteField.reserved(0x0C, 4, SECTION));

    private McfgAllocation() {
    }

    /** Address of the configuration space of a function. */
    public static long configAddress(long baseAddress, int bus, int device, int function) {
        return baseAddress + ((long) bus << 20 | (long) device << 15 | (long) function << 12);
    }
}
