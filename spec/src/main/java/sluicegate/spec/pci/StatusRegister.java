package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Status register of every function.
 *
 * <pre>
 *             15                      14                      13                      12
 * +-----------------------+-----------------------+-----------------------+-----------------------+
 * | DETECTED_PARITY_ERROR | SIGNALED_SYSTEM_ERROR | RECEIVED_MASTER_ABORT | RECEIVED_TARGET_ABORT |
 * +-----------------------+-----------------------+-----------------------+-----------------------+
 *             11            10          9              8                           7               6
 * +-----------------------+---------------+--------------------------+---------------------------+---+
 * | SIGNALED_TARGET_ABORT | DEVSEL_TIMING | MASTER_DATA_PARITY_ERROR | FAST_BACK_TO_BACK_CAPABLE | 0 |
 * +-----------------------+---------------+--------------------------+---------------------------+---+
 *         5                 4                  3           2 1            0
 * +---------------+-------------------+------------------+-----+---------------------+
 * | CAPABLE_66MHZ | CAPABILITIES_LIST | INTERRUPT_STATUS |  0  | IMMEDIATE_READINESS |
 * +---------------+-------------------+------------------+-----+---------------------+
 * </pre>
 */
public final class StatusRegister {

    private static final String SECTION = "PCIe 7.5.1.1.4";

    /** Bit 15: received poisoned data. */
    public static final Field DETECTED_PARITY_ERROR = Field.bit("DETECTED_PARITY_ERROR", 15, SECTION,
            "received poisoned data");
    /** Bit 14: sent an error message. */
    public static final Field SIGNALED_SYSTEM_ERROR = Field.bit("SIGNALED_SYSTEM_ERROR", 14, SECTION,
            "sent an error message");
    /** Bit 13: a request of its own was not supported. */
    public static final Field RECEIVED_MASTER_ABORT = Field.bit("RECEIVED_MASTER_ABORT", 13, SECTION,
            "a request of its own was not supported");
    /** Bit 12: a request of its own was aborted. */
    public static final Field RECEIVED_TARGET_ABORT = Field.bit("RECEIVED_TARGET_ABORT", 12, SECTION,
            "a request of its own was aborted");
    /** Bit 11: aborted a request. */
    public static final Field SIGNALED_TARGET_ABORT = Field.bit("SIGNALED_TARGET_ABORT", 11, SECTION,
            "aborted a request");
    /** Bits 10:9: conventional PCI only. */
    public static final Field DEVSEL_TIMING = Field.bits("DEVSEL_TIMING", 10, 9, SECTION, "conventional PCI only");
    /** Bit 8: poisoned data in a request of its own. */
    public static final Field MASTER_DATA_PARITY_ERROR = Field.bit("MASTER_DATA_PARITY_ERROR", 8, SECTION,
            "poisoned data in a request of its own");
    /** Bit 7: conventional PCI only. */
    public static final Field FAST_BACK_TO_BACK_CAPABLE = Field.bit("FAST_BACK_TO_BACK_CAPABLE", 7, SECTION,
            "conventional PCI only");
    /** Bit 5: conventional PCI only. */
    public static final Field CAPABLE_66MHZ = Field.bit("CAPABLE_66MHZ", 5, SECTION, "conventional PCI only");
    /** Bit 4: the capabilities pointer is valid. */
    public static final Field CAPABILITIES_LIST = Field.bit("CAPABILITIES_LIST", 4, SECTION,
            "the capabilities pointer is valid");
    /** Bit 3: an INTx interrupt is pending. */
    public static final Field INTERRUPT_STATUS = Field.bit("INTERRUPT_STATUS", 3, SECTION,
            "an INTx interrupt is pending");
    /** Bit 0: ready as soon as reset is over. */
    public static final Field IMMEDIATE_READINESS = Field.bit("IMMEDIATE_READINESS", 0, SECTION,
            "ready as soon as reset is over");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("Status", SECTION, 16,
            DETECTED_PARITY_ERROR, SIGNALED_SYSTEM_ERROR, RECEIVED_MASTER_ABORT, RECEIVED_TARGET_ABORT,
            SIGNALED_TARGET_ABORT, DEVSEL_TIMING, MASTER_DATA_PARITY_ERROR, FAST_BACK_TO_BACK_CAPABLE,
            Field.reserved(6, 6, SECTION), CAPABLE_66MHZ, CAPABILITIES_LIST, INTERRUPT_STATUS,
            Field.reserved(2, 1, SECTION), IMMEDIATE_READINESS);

    private StatusRegister() {
    }
}
