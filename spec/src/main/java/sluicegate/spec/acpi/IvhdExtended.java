package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * I/O Virtualization Hardware Definition of type 11h or 40h: one unit, with what its feature registers hold. Device
 * entries ({@link IvhdEntry}) follow. Up to INFO it is as {@link Ivhd}.
 *
 * <pre>
 *       +---------------------+
 *  0x00 | TYPE                | 1 byte
 *       +---------------------+
 *  0x01 | FLAGS               | 1 byte
 *       +---------------------+
 *  0x02 | LENGTH              | 2 bytes
 *       +---------------------+
 *  0x04 | DEVICE_ID           | 2 bytes
 *       +---------------------+
 *  0x06 | CAPABILITY_OFFSET   | 2 bytes
 *       +---------------------+
 *  0x08 | BASE_ADDRESS        | 8 bytes
 *       +---------------------+
 *  0x10 | SEGMENT             | 2 bytes
 *       +---------------------+
 *  0x12 | INFO                | 2 bytes
 *       +---------------------+
 *  0x14 | ATTRIBUTES          | 4 bytes
 *       +---------------------+
 *  0x18 | EXTENDED_FEATURES   | 8 bytes
 *       +---------------------+
 *  0x20 | EXTENDED_FEATURES_2 | 8 bytes
 *       +---------------------+
 *
 * The attributes:
 *   31 28       27 23            22 17        16 13     12 0
 * +-------+----------------+---------------+----------+------+
 * |   0   | MSI_NUMBER_PPR | COUNTER_BANKS | COUNTERS |  0   |
 * +-------+----------------+---------------+----------+------+
 * </pre>
 */
public final class IvhdExtended {

    private static final String SECTION = "AMD-Vi 5.2.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 40;

    /** Offset 0x00: type of the block, 11h or 40h. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "type of the block, 11h or 40h");
    /** Offset 0x01: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x01, 1, SECTION, "flags");
    /** Offset 0x02: bytes of the block, device entries included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the block, device entries included");
    /** Offset 0x04: requester id of the unit. */
    public static final ByteField DEVICE_ID = new ByteField("DEVICE_ID", 0x04, 2, SECTION, "requester id of the unit");
    /** Offset 0x06: place of the unit's capability in its configuration space. */
    public static final ByteField CAPABILITY_OFFSET = new ByteField("CAPABILITY_OFFSET", 0x06, 2, SECTION,
            "place of the unit's capability in its configuration space");
    /** Offset 0x08: address of the registers. */
    public static final ByteField BASE_ADDRESS = new ByteField("BASE_ADDRESS", 0x08, 8, SECTION,
            "address of the registers");
    /** Offset 0x10: PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x10, 2, SECTION, "PCI segment");
    /** Offset 0x12: numbers of the unit. */
    public static final ByteField INFO = new ByteField("INFO", 0x12, 2, SECTION, "numbers of the unit");
    /** Offset 0x14: attributes. */
    public static final ByteField ATTRIBUTES = new ByteField("ATTRIBUTES", 0x14, 4, SECTION, "attributes");
    /** Offset 0x18: what the extended feature register holds. */
    public static final ByteField EXTENDED_FEATURES = new ByteField("EXTENDED_FEATURES", 0x18, 8, SECTION,
            "what the extended feature register holds");
    /** Offset 0x20: what the extended feature 2 register holds; zero in older tables. */
    public static final ByteField EXTENDED_FEATURES_2 = new ByteField("EXTENDED_FEATURES_2", 0x20, 8, SECTION,
            "what the extended feature 2 register holds; zero in older tables");

    /** Bits 27:23: number of the message interrupt of page requests. */
    public static final Field MSI_NUMBER_PPR = Field.bits("MSI_NUMBER_PPR", 27, 23, SECTION,
            "number of the message interrupt of page requests");
    /** Bits 22:17: banks of performance counters. */
    public static final Field COUNTER_BANKS = Field.bits("COUNTER_BANKS", 22, 17, SECTION,
            "banks of performance counters");
    /** Bits 16:13: counters of a bank. */
    public static final Field COUNTERS = Field.bits("COUNTERS", 16, 13, SECTION, "counters of a bank");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVHD 11h, 40h", SECTION, SIZE,
            TYPE, FLAGS, LENGTH, DEVICE_ID, CAPABILITY_OFFSET, BASE_ADDRESS, SEGMENT, INFO, ATTRIBUTES,
            EXTENDED_FEATURES, EXTENDED_FEATURES_2);

    /** The attributes. */
    public static final Layout ATTRIBUTE_BITS = Layout.of("IVHD attributes", SECTION, 32,
            Field.reserved(31, 28, SECTION), MSI_NUMBER_PPR, COUNTER_BANKS, COUNTERS, Field.reserved(12, 0, SECTION));

    private IvhdExtended() {
    }
}
