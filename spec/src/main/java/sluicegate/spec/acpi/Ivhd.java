package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * I/O Virtualization Hardware Definition of type 10h: one unit. Device entries ({@link IvhdEntry}) follow.
 *
 * <pre>
 *       +-------------------+
 *  0x00 | TYPE              | 1 byte
 *       +-------------------+
 *  0x01 | FLAGS             | 1 byte
 *       +-------------------+
 *  0x02 | LENGTH            | 2 bytes
 *       +-------------------+
 *  0x04 | DEVICE_ID         | 2 bytes
 *       +-------------------+
 *  0x06 | CAPABILITY_OFFSET | 2 bytes
 *       +-------------------+
 *  0x08 | BASE_ADDRESS      | 8 bytes
 *       +-------------------+
 *  0x10 | SEGMENT           | 2 bytes
 *       +-------------------+
 *  0x12 | INFO              | 2 bytes
 *       +-------------------+
 *  0x14 | FEATURE_INFO      | 4 bytes
 *       +-------------------+
 *
 * The flags:
 *         7                 6               5              4               3                    2
 * +---------------+--------------------+----------+-----------------+-------------+----------------------------+
 * | PPR_SUPPORTED | PREFETCH_SUPPORTED | COHERENT | IOTLB_SUPPORTED | ISOCHRONOUS | RESPONSE_PASS_POSTED_WRITE |
 * +---------------+--------------------+----------+-----------------+-------------+----------------------------+
 *           1                  0
 * +-------------------+------------------+
 * | PASS_POSTED_WRITE | HT_TUNNEL_ENABLE |
 * +-------------------+------------------+
 *
 * The numbers:
 *   15 13    12 8     7 5      4 0
 * +-------+---------+-----+------------+
 * |   0   | UNIT_ID |  0  | MSI_NUMBER |
 * +-------+---------+-----+------------+
 *
 * The features:
 *   31 30   29 28       27 23            22 17        16 13       12 8            7              6
 * +-------+-------+----------------+---------------+----------+-----------+----------------+------------+
 * | HATS  | GATS  | MSI_NUMBER_PPR | COUNTER_BANKS | COUNTERS | PASID_MAX | HARDWARE_ERROR | GUEST_APIC |
 * +-------+-------+----------------+---------------+----------+-----------+----------------+------------+
 *         5                4 3                  2               1          0
 * +----------------+------------------+-------------------+------------+--------+
 * | INVALIDATE_ALL | GUEST_CR3_LEVELS | GUEST_TRANSLATION | NO_EXECUTE | X2APIC |
 * +----------------+------------------+-------------------+------------+--------+
 * </pre>
 */
public final class Ivhd {

    private static final String SECTION = "AMD-Vi 5.2.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 24;

    /** Offset 0x00: type of the block, 10h. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "type of the block, 10h");
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
    /** Offset 0x14: features, as of old. */
    public static final ByteField FEATURE_INFO = new ByteField("FEATURE_INFO", 0x14, 4, SECTION, "features, as of old");

    /** Bit 7: page requests; type 10h only. */
    public static final Field PPR_SUPPORTED = Field.bit("PPR_SUPPORTED", 7, SECTION, "page requests; type 10h only");
    /** Bit 6: prefetch command; type 10h only. */
    public static final Field PREFETCH_SUPPORTED = Field.bit("PREFETCH_SUPPORTED", 6, SECTION,
            "prefetch command; type 10h only");
    /** Bit 5: table walks are coherent with the caches. */
    public static final Field COHERENT = Field.bit("COHERENT", 5, SECTION, "table walks are coherent with the caches");
    /** Bit 4: remote IOTLBs. */
    public static final Field IOTLB_SUPPORTED = Field.bit("IOTLB_SUPPORTED", 4, SECTION, "remote IOTLBs");
    /** Bit 3: recommended setting of CONTROL.Isoc. */
    public static final Field ISOCHRONOUS = Field.bit("ISOCHRONOUS", 3, SECTION, "recommended setting of CONTROL.Isoc");
    /** Bit 2: recommended setting of CONTROL.ResPassPW. */
    public static final Field RESPONSE_PASS_POSTED_WRITE = Field.bit("RESPONSE_PASS_POSTED_WRITE", 2, SECTION,
            "recommended setting of CONTROL.ResPassPW");
    /** Bit 1: recommended setting of CONTROL.PassPW. */
    public static final Field PASS_POSTED_WRITE = Field.bit("PASS_POSTED_WRITE", 1, SECTION,
            "recommended setting of CONTROL.PassPW");
    /** Bit 0: recommended setting of CONTROL.HtTunEn. */
    public static final Field HT_TUNNEL_ENABLE = Field.bit("HT_TUNNEL_ENABLE", 0, SECTION,
            "recommended setting of CONTROL.HtTunEn");

    /** Bits 12:8: HyperTransport unit id. */
    public static final Field UNIT_ID = Field.bits("UNIT_ID", 12, 8, SECTION, "HyperTransport unit id");
    /** Bits 4:0: number of the message interrupt of logs. */
    public static final Field MSI_NUMBER = Field.bits("MSI_NUMBER", 4, 0, SECTION,
            "number of the message interrupt of logs");

    /** Bits 31:30: deepest host table: 0 for 4 levels, 1 for 5, 2 for 6. */
    public static final Field HATS = Field.bits("HATS", 31, 30, SECTION,
            "deepest host table: 0 for 4 levels, 1 for 5, 2 for 6");
    /** Bits 29:28: deepest guest table: 0 for 4 levels, 1 for 5. */
    public static final Field GATS = Field.bits("GATS", 29, 28, SECTION,
            "deepest guest table: 0 for 4 levels, 1 for 5");
    /** Bits 27:23: number of the message interrupt of page requests. */
    public static final Field MSI_NUMBER_PPR = Field.bits("MSI_NUMBER_PPR", 27, 23, SECTION,
            "number of the message interrupt of page requests");
    /** Bits 22:17: banks of performance counters. */
    public static final Field COUNTER_BANKS = Field.bits("COUNTER_BANKS", 22, 17, SECTION,
            "banks of performance counters");
    /** Bits 16:13: counters of a bank. */
    public static final Field COUNTERS = Field.bits("COUNTERS", 16, 13, SECTION, "counters of a bank");
    /** Bits 12:8: bits of PASID, less one. */
    public static final Field PASID_MAX = Field.bits("PASID_MAX", 12, 8, SECTION, "bits of PASID, less one");
    /** Bit 7: hardware error registers. */
    public static final Field HARDWARE_ERROR = Field.bit("HARDWARE_ERROR", 7, SECTION, "hardware error registers");
    /** Bit 6: guest virtual APIC. */
    public static final Field GUEST_APIC = Field.bit("GUEST_APIC", 6, SECTION, "guest virtual APIC");
    /** Bit 5: INVALIDATE_IOMMU_ALL command. */
    public static final Field INVALIDATE_ALL = Field.bit("INVALIDATE_ALL", 5, SECTION, "INVALIDATE_IOMMU_ALL command");
    /** Bits 4:3: levels of GCR3 tables, less one. */
    public static final Field GUEST_CR3_LEVELS = Field.bits("GUEST_CR3_LEVELS", 4, 3, SECTION,
            "levels of GCR3 tables, less one");
    /** Bit 2: guest tables. */
    public static final Field GUEST_TRANSLATION = Field.bit("GUEST_TRANSLATION", 2, SECTION, "guest tables");
    /** Bit 1: no-execute protection. */
    public static final Field NO_EXECUTE = Field.bit("NO_EXECUTE", 1, SECTION, "no-execute protection");
    /** Bit 0: x2APIC interrupts. */
    public static final Field X2APIC = Field.bit("X2APIC", 0, SECTION, "x2APIC interrupts");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVHD", SECTION, SIZE,
            TYPE, FLAGS, LENGTH, DEVICE_ID, CAPABILITY_OFFSET, BASE_ADDRESS, SEGMENT, INFO, FEATURE_INFO);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("IVHD flags", SECTION, 8,
            PPR_SUPPORTED, PREFETCH_SUPPORTED, COHERENT, IOTLB_SUPPORTED, ISOCHRONOUS, RESPONSE_PASS_POSTED_WRITE,
            PASS_POSTED_WRITE, HT_TUNNEL_ENABLE);

    /** The numbers. */
    public static final Layout INFO_BITS = Layout.of("IVHD information", SECTION, 16,
            Field.reserved(15, 13, SECTION), UNIT_ID, Field.reserved(7, 5, SECTION), MSI_NUMBER);

    /** The features. */
    public static final Layout FEATURE_BITS = Layout.of("IVHD features", SECTION, 32,
            HATS, GATS, MSI_NUMBER_PPR, COUNTER_BANKS, COUNTERS, PASID_MAX, HARDWARE_ERROR, GUEST_APIC,
            INVALIDATE_ALL, GUEST_CR3_LEVELS, GUEST_TRANSLATION, NO_EXECUTE, X2APIC);

    private Ivhd() {
    }
}
