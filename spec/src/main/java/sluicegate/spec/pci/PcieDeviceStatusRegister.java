package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device status register.
 *
 * <pre>
 *   15 7               6                        5                 4                3
 * +------+---------------------------+----------------------+-----------+---------------------+
 * |  0   | EMERGENCY_POWER_REDUCTION | TRANSACTIONS_PENDING | AUX_POWER | UNSUPPORTED_REQUEST |
 * +------+---------------------------+----------------------+-----------+---------------------+
 *        2               1                  0
 * +-------------+-----------------+-------------------+
 * | FATAL_ERROR | NON_FATAL_ERROR | CORRECTABLE_ERROR |
 * +-------------+-----------------+-------------------+
 * </pre>
 */
public final class PcieDeviceStatusRegister {

    private static final String SECTION = "PCIe 7.5.3.5";

    /** Bit 6: emergency power reduction was detected. */
    public static final Field EMERGENCY_POWER_REDUCTION = Field.bit("EMERGENCY_POWER_REDUCTION", 6, SECTION,
            "emergency power reduction was detected");
    /** Bit 5: requests of the function have not been completed yet. */
    public static final Field TRANSACTIONS_PENDING = Field.bit("TRANSACTIONS_PENDING", 5, SECTION,
            "requests of the function have not been completed yet");
    /** Bit 4: auxiliary power was detected. */
    public static final Field AUX_POWER = Field.bit("AUX_POWER", 4, SECTION, "auxiliary power was detected");
    /** Bit 3: received an unsupported request. */
    public static final Field UNSUPPORTED_REQUEST = Field.bit("UNSUPPORTED_REQUEST", 3, SECTION,
            "received an unsupported request");
    /** Bit 2: detected a fatal error. */
    public static final Field FATAL_ERROR = Field.bit("FATAL_ERROR", 2, SECTION, "detected a fatal error");
    /** Bit 1: detected a non-fatal error. */
    public static final Field NON_FATAL_ERROR = Field.bit("NON_FATAL_ERROR", 1, SECTION,
            "detected a non-fatal error");
    /** Bit 0: detected a correctable error. */
    public static final Field CORRECTABLE_ERROR = Field.bit("CORRECTABLE_ERROR", 0, SECTION,
            "detected a correctable error");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Device Status", SECTION, 16,
            Field.reserved(15, 7, SECTION), EMERGENCY_POWER_REDUCTION, TRANSACTIONS_PENDING, AUX_POWER,
            UNSUPPORTED_REQUEST, FATAL_ERROR, NON_FATAL_ERROR, CORRECTABLE_ERROR);

    private PcieDeviceStatusRegister() {
    }
}
