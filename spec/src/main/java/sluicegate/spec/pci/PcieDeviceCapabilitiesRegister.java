package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device capabilities register.
 *
 * <pre>
 *   31 29    28   27                  26   25                  18   17          16
 * +-------+-----+------------------------+------------------------+----+------------------+
 * |   0   | FLR | SLOT_POWER_LIMIT_SCALE | SLOT_POWER_LIMIT_VALUE | 0  | ERR_COR_SUBCLASS |
 * +-------+-----+------------------------+------------------------+----+------------------+
 *               15               14 12   11       9   8         6        5         4               3
 * +----------------------------+-------+------------+-------------+--------------+-------------------+
 * | ROLE_BASED_ERROR_REPORTING |  ign  | L1_LATENCY | L0S_LATENCY | EXTENDED_TAG | PHANTOM_FUNCTIONS |
 * +----------------------------+-------+------------+-------------+--------------+-------------------+
 *   2         0
 * +-------------+
 * | MAX_PAYLOAD |
 * +-------------+
 * </pre>
 */
public final class PcieDeviceCapabilitiesRegister {

    private static final String SECTION = "PCIe 7.5.3.3";

    /** Bit 28: function level reset. */
    public static final Field FLR = Field.bit("FLR", 28, SECTION, "function level reset");
    /** Bits 27:26: captured slot power limit, scale. */
    public static final Field SLOT_POWER_LIMIT_SCALE = Field.bits("SLOT_POWER_LIMIT_SCALE", 27, 26, SECTION,
            "captured slot power limit, scale");
    /** Bits 25:18: captured slot power limit, value. */
    public static final Field SLOT_POWER_LIMIT_VALUE = Field.bits("SLOT_POWER_LIMIT_VALUE", 25, 18, SECTION,
            "captured slot power limit, value");
    /** Bit 16: ERR_COR subclass. */
    public static final Field ERR_COR_SUBCLASS = Field.bit("ERR_COR_SUBCLASS", 16, SECTION, "ERR_COR subclass");
    /** Bit 15: role-based error reporting. */
    public static final Field ROLE_BASED_ERROR_REPORTING = Field.bit("ROLE_BASED_ERROR_REPORTING", 15, SECTION,
            "role-based error reporting");
    /** Bits 11:9: acceptable L1 latency. */
    public static final Field L1_LATENCY = Field.bits("L1_LATENCY", 11, 9, SECTION, "acceptable L1 latency");
    /** Bits 8:6: acceptable L0s latency. */
    public static final Field L0S_LATENCY = Field.bits("L0S_LATENCY", 8, 6, SECTION, "acceptable L0s latency");
    /** Bit 5: 8-bit tags. */
    public static final Field EXTENDED_TAG = Field.bit("EXTENDED_TAG", 5, SECTION, "8-bit tags");
    /** Bits 4:3: how many of the upper bits of the function number may serve as tag. */
    public static final Field PHANTOM_FUNCTIONS = Field.bits("PHANTOM_FUNCTIONS", 4, 3, SECTION,
            "how many of the upper bits of the function number may serve as tag");
    /** Bits 2:0: greatest payload: 128 bytes times 2 to that power. */
    public static final Field MAX_PAYLOAD = Field.bits("MAX_PAYLOAD", 2, 0, SECTION,
            "greatest payload: 128 bytes times 2 to that power");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Device Capabilities", SECTION, 32,
            Field.reserved(31, 29, SECTION), FLR, SLOT_POWER_LIMIT_SCALE, SLOT_POWER_LIMIT_VALUE,
            Field.reserved(17, 17, SECTION), ERR_COR_SUBCLASS, ROLE_BASED_ERROR_REPORTING,
            Field.ignored(14, 12, SECTION), L1_LATENCY, L0S_LATENCY, EXTENDED_TAG, PHANTOM_FUNCTIONS, MAX_PAYLOAD);

    private PcieDeviceCapabilitiesRegister() {
    }
}
