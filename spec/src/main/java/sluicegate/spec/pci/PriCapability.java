package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Page Request Interface: the device may ask for pages that are not present.
 *
 * <pre>
 *       +------------------------+
 *  0x00 | CAPABILITY_HEADER      | 4 bytes
 *       +------------------------+
 *  0x04 | CONTROL_REGISTER       | 2 bytes
 *       +------------------------+
 *  0x06 | STATUS_REGISTER        | 2 bytes
 *       +------------------------+
 *  0x08 | OUTSTANDING_CAPACITY   | 4 bytes
 *       +------------------------+
 *  0x0c | OUTSTANDING_ALLOCATION | 4 bytes
 *       +------------------------+
 *
 * The control register:
 *   15 2     1       0
 * +------+-------+--------+
 * |  0   | RESET | ENABLE |
 * +------+-------+--------+
 *
 * The status register:
 *                15               14 9      8      7 2     1     0
 * +-----------------------------+------+---------+-----+-------+----+
 * | PRG_RESPONSE_PASID_REQUIRED |  0   | STOPPED |  0  | UPRGI | RF |
 * +-----------------------------+------+---------+-----+-------+----+
 * </pre>
 */
public final class PriCapability {

    private static final String SECTION = "PCIe 10.5.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 16;

    /** Offset 0x00: see {@link ExtendedCapabilityHeader}. */
    public static final ByteField CAPABILITY_HEADER = new ByteField("CAPABILITY_HEADER", 0x00, 4, SECTION,
            "see ExtendedCapabilityHeader");
    /** Offset 0x04: what is switched on. */
    public static final ByteField CONTROL_REGISTER = new ByteField("CONTROL_REGISTER", 0x04, 2, SECTION,
            "what is switched on");
    /** Offset 0x06: what happened. */
    public static final ByteField STATUS_REGISTER = new ByteField("STATUS_REGISTER", 0x06, 2, SECTION,
            "what happened");
    /** Offset 0x08: how many requests the device can have outstanding. */
    public static final ByteField OUTSTANDING_CAPACITY = new ByteField("OUTSTANDING_CAPACITY", 0x08, 4, SECTION,
            "how many requests the device can have outstanding");
    /** Offset 0x0c: how many it may have. */
    public static final ByteField OUTSTANDING_ALLOCATION = new ByteField("OUTSTANDING_ALLOCATION", 0x0C, 4, SECTION,
            "how many it may have");

    /** Bit 1: forget all requests; only while not enabled. */
    public static final Field RESET = Field.bit("RESET", 1, SECTION, "forget all requests; only while not enabled");
    /** Bit 0: page requests are on. */
    public static final Field ENABLE = Field.bit("ENABLE", 0, SECTION, "page requests are on");

    /** Bit 15: responses must have a PASID if the request had one. */
    public static final Field PRG_RESPONSE_PASID_REQUIRED = Field.bit("PRG_RESPONSE_PASID_REQUIRED", 15, SECTION,
            "responses must have a PASID if the request had one");
    /** Bit 8: no requests are outstanding after page requests were switched off. */
    public static final Field STOPPED = Field.bit("STOPPED", 8, SECTION,
            "no requests are outstanding after page requests were switched off");
    /** Bit 1: a response came for a request that is not outstanding. */
    public static final Field UPRGI = Field.bit("UPRGI", 1, SECTION,
            "a response came for a request that is not outstanding");
    /** Bit 0: a response said that page requests fail. */
    public static final Field RF = Field.bit("RF", 0, SECTION, "a response said that page requests fail");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("PRI capability", SECTION, SIZE,
            CAPABILITY_HEADER, CONTROL_REGISTER, STATUS_REGISTER, OUTSTANDING_CAPACITY, OUTSTANDING_ALLOCATION);

    /** The control register. */
    public static final Layout CONTROL = Layout.of("PRI control register", SECTION, 16,
            Field.reserved(15, 2, SECTION), RESET, ENABLE);

    /** The status register. */
    public static final Layout STATUS = Layout.of("PRI status register", SECTION, 16,
            PRG_RESPONSE_PASID_REQUIRED, Field.reserved(14, 9, SECTION), STOPPED, Field.reserved(7, 2, SECTION),
            UPRGI, RF);

    private PriCapability() {
    }
}
