package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Device Table Base Address Register: where the device table is, or its first segment.
 *
 * <p>Each 4 KiB hold 128 entries. With {@link ControlRegister#DEVTBLSEGEN} set this is segment 0.
 *
 * <pre>
 *   63 52   51 32
 * +-------+-------+
 * |   0   |  BASE |
 * +-------+-------+
 *   31 12   11 9   8 0
 * +-------+------+------+
 * |  BASE |  0   | SIZE |
 * +-------+------+------+
 * </pre>
 */
public final class DeviceTableBaseRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0000;

    /** Bits 51:12: the device table. */
    public static final Field BASE = Field.address("BASE", 51, 12, SECTION, "the device table");
    /** Bits 8:0: its size in units of 4 KiB, less one. */
    public static final Field SIZE = Field.bits("SIZE", 8, 0, SECTION, "its size in units of 4 KiB, less one");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("DevTabBase", SECTION, 64,
            Field.reserved(63, 52, SECTION), BASE, Field.reserved(11, 9, SECTION), SIZE);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private DeviceTableBaseRegister() {
    }

    /** How many entries the table has, from the register. */
    public static int entries(long register) {
        return ((int) SIZE.get(register) + 1) * (4096 / DeviceTableEntry.BYTES);
    }
}
