package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Device Table Segment 1 to 7 Base Address Registers: seven alike, 8 bytes apart; this describes the first.
 *
 * <p>With n segments (a power of two) a segment serves 65536 / n device ids.
 *
 * <pre>
 *   63 52   51 32
 * +-------+-------+
 * |   0   |  BASE |
 * +-------+-------+
 *   31 12   11 8   7 0
 * +-------+------+------+
 * |  BASE |  0   | SIZE |
 * +-------+------+------+
 * </pre>
 */
public final class DeviceTableSegmentRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0100;

    /** Bits 51:12: the segment. */
    public static final Field BASE = Field.address("BASE", 51, 12, SECTION, "the segment");
    /** Bits 7:0: its size in units of 4 KiB, less one. */
    public static final Field SIZE = Field.bits("SIZE", 7, 0, SECTION, "its size in units of 4 KiB, less one");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("DevTabSegBase", SECTION, 64,
            Field.reserved(63, 52, SECTION), BASE, Field.reserved(11, 8, SECTION), SIZE);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** How many segments there can be besides segment 0. */
    public static final int COUNT = 7;

    private DeviceTableSegmentRegister() {
    }

    /** Byte offset of the register of segment 1 to 7. */
    public static int offset(int segment) {
        return OFFSET + Long.BYTES * (segment - 1);
    }

    /** How many entries the segment has, from the register. */
    public static int entries(long register) {
        return ((int) SIZE.get(register) + 1) * (4096 / DeviceTableEntry.BYTES);
    }
}
