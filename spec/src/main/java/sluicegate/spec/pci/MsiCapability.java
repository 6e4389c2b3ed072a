package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Message Signalled Interrupts. What follows the control register and the address depends on ADDRESS_64 and
 * PER_VECTOR_MASKING.
 *
 * <pre>
 *       +-------------------+
 *  0x00 | CAPABILITY_HEADER | 2 bytes
 *       +-------------------+
 *  0x02 | CONTROL_REGISTER  | 2 bytes
 *       +-------------------+
 *  0x04 | MESSAGE_ADDRESS   | 4 bytes
 *       +-------------------+
 *
 * The message control register:
 *   15 11            10                  9                 8                7
 * +-------+----------------------+---------------+--------------------+------------+
 * |   0   | EXTENDED_DATA_ENABLE | EXTENDED_DATA | PER_VECTOR_MASKING | ADDRESS_64 |
 * +-------+----------------------+---------------+--------------------+------------+
 *   6                     4   3                      1     0
 * +-------------------------+--------------------------+--------+
 * | MULTIPLE_MESSAGE_ENABLE | MULTIPLE_MESSAGE_CAPABLE | ENABLE |
 * +-------------------------+--------------------------+--------+
 * </pre>
 */
public final class MsiCapability {

    private static final String SECTION = "PCIe 7.7.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: see {@link CapabilityHeader}. */
    public static final ByteField CAPABILITY_HEADER = new ByteField("CAPABILITY_HEADER", 0x00, 2, SECTION,
            "see CapabilityHeader");
    /** Offset 0x02: what the function can do and what is switched on. */
    public static final ByteField CONTROL_REGISTER = new ByteField("CONTROL_REGISTER", 0x02, 2, SECTION,
            "what the function can do and what is switched on");
    /** Offset 0x04: where an interrupt writes, low half. */
    public static final ByteField MESSAGE_ADDRESS = new ByteField("MESSAGE_ADDRESS", 0x04, 4, SECTION,
            "where an interrupt writes, low half");

    /** Bit 10: messages have 32 bits. */
    public static final Field EXTENDED_DATA_ENABLE = Field.bit("EXTENDED_DATA_ENABLE", 10, SECTION,
            "messages have 32 bits");
    /** Bit 9: messages can have 32 bits. */
    public static final Field EXTENDED_DATA = Field.bit("EXTENDED_DATA", 9, SECTION, "messages can have 32 bits");
    /** Bit 8: mask and pending registers are there. */
    public static final Field PER_VECTOR_MASKING = Field.bit("PER_VECTOR_MASKING", 8, SECTION,
            "mask and pending registers are there");
    /** Bit 7: the upper address register is there. */
    public static final Field ADDRESS_64 = Field.bit("ADDRESS_64", 7, SECTION, "the upper address register is there");
    /** Bits 6:4: messages in use: 2 to that power. */
    public static final Field MULTIPLE_MESSAGE_ENABLE = Field.bits("MULTIPLE_MESSAGE_ENABLE", 6, 4, SECTION,
            "messages in use: 2 to that power");
    /** Bits 3:1: messages wanted: 2 to that power. */
    public static final Field MULTIPLE_MESSAGE_CAPABLE = Field.bits("MULTIPLE_MESSAGE_CAPABLE", 3, 1, SECTION,
            "messages wanted: 2 to that power");
    /** Bit 0: MSI is on. */
    public static final Field ENABLE = Field.bit("ENABLE", 0, SECTION, "MSI is on");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("MSI capability", SECTION, SIZE,
            CAPABILITY_HEADER, CONTROL_REGISTER, MESSAGE_ADDRESS);

    /** The message control register. */
    public static final Layout CONTROL = Layout.of("MSI message control register", SECTION, 16,
            Field.reserved(15, 11, SECTION), EXTENDED_DATA_ENABLE, EXTENDED_DATA, PER_VECTOR_MASKING, ADDRESS_64,
            MULTIPLE_MESSAGE_ENABLE, MULTIPLE_MESSAGE_CAPABLE, ENABLE);

    /** Offset of the upper half of the message address, with ADDRESS_64. */
    public static final int MESSAGE_UPPER_ADDRESS = 0x08;

    private MsiCapability() {
    }

    /** Offset of the 16-bit message data. */
    public static int messageData(boolean address64) {
        return address64 ? 0x0C : 0x08;
    }
}
