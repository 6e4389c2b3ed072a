package sluicegate.spec.amdvi;

import java.util.List;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * The capability block in the configuration space of a unit.
 *
 * <pre>
 * Capability header:
 *   31 29     28       27        26        25         24      23 19     18 16     15 8     7 0
 * +-------+--------+--------+---------+----------+----------+--------+---------+--------+-------+
 * |   0   | CAPEXT | EFRSUP | NPCACHE | HTTUNNEL | IOTLBSUP | CAPREV | CAPTYPE | CAPPTR | CAPID |
 * +-------+--------+--------+---------+----------+----------+--------+---------+--------+-------+
 *
 * Base address, lower half:
 *   31 14   13 1     0
 * +-------+------+--------+
 * |  BASE |  0   | ENABLE |
 * +-------+------+--------+
 *
 * Devices served:
 *     31 24         23 16         15 8        7       6 5    4 0
 * +------------+-------------+-----------+----------+-----+--------+
 * | LASTDEVICE | FIRSTDEVICE | BUSNUMBER | RNGVALID |  0  | UNITID |
 * +------------+-------------+-----------+----------+-----+--------+
 *
 * Miscellaneous information 0:
 *     31 27     26 23       22      21 15     14 8      7 5      4 0
 * +-----------+-------+-----------+--------+--------+---------+--------+
 * | MSINUMPPR |   0   | HTATSRESV | VASIZE | PASIZE | GVASIZE | MSINUM |
 * +-----------+-------+-----------+--------+--------+---------+--------+
 *
 * Miscellaneous information 1:
 *   31 5     4 0
 * +------+----------+
 * |  0   | MSINUMGA |
 * +------+----------+
 * </pre>
 */
public final class IommuCapability {

    private static final String SECTION = "3.2";

    /** Bits 7:0: capability id, 0Fh: secure device. */
    public static final Field CAPID = Field.bits("CAPID", 7, 0, SECTION, "capability id, 0Fh: secure device");
    /** Bits 15:8: next capability. */
    public static final Field CAPPTR = Field.bits("CAPPTR", 15, 8, SECTION, "next capability");
    /** Bits 18:16: 3: IOMMU. */
    public static final Field CAPTYPE = Field.bits("CAPTYPE", 18, 16, SECTION, "3: IOMMU");
    /** Bits 23:19: revision. */
    public static final Field CAPREV = Field.bits("CAPREV", 23, 19, SECTION, "revision");
    /** Bit 24: device TLBs are supported. */
    public static final Field IOTLBSUP = Field.bit("IOTLBSUP", 24, SECTION, "device TLBs are supported");
    /** Bit 25: HyperTransport tunnel traffic is supported. */
    public static final Field HTTUNNEL = Field.bit("HTTUNNEL", 25, SECTION,
            "HyperTransport tunnel traffic is supported");
    /** Bit 26: not-present entries may be cached as well. */
    public static final Field NPCACHE = Field.bit("NPCACHE", 26, SECTION, "not-present entries may be cached as well");
    /** Bit 27: the extended feature register exists. */
    public static final Field EFRSUP = Field.bit("EFRSUP", 27, SECTION, "the extended feature register exists");
    /** Bit 28: miscellaneous information 1 exists. */
    public static final Field CAPEXT = Field.bit("CAPEXT", 28, SECTION, "miscellaneous information 1 exists");
    /** Bit 0: the register window is accessible and the base is locked. */
    public static final Field ENABLE = Field.bit("ENABLE", 0, SECTION,
            "the register window is accessible and the base is locked");
    /** Bits 31:14: base of the register window, lower half. */
    public static final Field BASE = Field.address("BASE", 31, 14, SECTION, "base of the register window, lower half");
    /** Bits 4:0: HyperTransport unit id. */
    public static final Field UNITID = Field.bits("UNITID", 4, 0, SECTION, "HyperTransport unit id");
    /** Bit 7: the range is valid. */
    public static final Field RNGVALID = Field.bit("RNGVALID", 7, SECTION, "the range is valid");
    /** Bits 15:8: bus. */
    public static final Field BUSNUMBER = Field.bits("BUSNUMBER", 15, 8, SECTION, "bus");
    /** Bits 23:16: first device and function. */
    public static final Field FIRSTDEVICE = Field.bits("FIRSTDEVICE", 23, 16, SECTION, "first device and function");
    /** Bits 31:24: last device and function. */
    public static final Field LASTDEVICE = Field.bits("LASTDEVICE", 31, 24, SECTION, "last device and function");
    /** Bits 4:0: message of the event log and of COMPLETION_WAIT. */
    public static final Field MSINUM = Field.bits("MSINUM", 4, 0, SECTION,
            "message of the event log and of COMPLETION_WAIT");
    /** Bits 7:5: width of guest virtual addresses: 2 for 48 bits, 4 for 57. */
    public static final Field GVASIZE = Field.bits("GVASIZE", 7, 5, SECTION,
            "width of guest virtual addresses: 2 for 48 bits, 4 for 57");
    /** Bits 14:8: width of physical addresses. */
    public static final Field PASIZE = Field.bits("PASIZE", 14, 8, SECTION, "width of physical addresses");
    /** Bits 21:15: width of addresses that host tables translate. */
    public static final Field VASIZE = Field.bits("VASIZE", 21, 15, SECTION,
            "width of addresses that host tables translate");
    /** Bit 22: the HyperTransport ATS address range is reserved. */
    public static final Field HTATSRESV = Field.bit("HTATSRESV", 22, SECTION,
            "the HyperTransport ATS address range is reserved");
    /** Bits 31:27: message of the PPR log. */
    public static final Field MSINUMPPR = Field.bits("MSINUMPPR", 31, 27, SECTION, "message of the PPR log");
    /** Bits 4:0: message of the guest log. */
    public static final Field MSINUMGA = Field.bits("MSINUMGA", 4, 0, SECTION, "message of the guest log");

    /** Capability header. */
    public static final Layout HEADER = Layout.of("IOMMU capability header", SECTION, 32,
            Field.reserved(31, 29, SECTION), CAPEXT, EFRSUP, NPCACHE, HTTUNNEL, IOTLBSUP, CAPREV, CAPTYPE,
            CAPPTR, CAPID);

    /** Base address, lower half. */
    public static final Layout BASE_LOW = Layout.of("IOMMU base address, low", SECTION, 32,
            BASE, Field.reserved(13, 1, SECTION), ENABLE);

    /** Devices served. */
    public static final Layout RANGE = Layout.of("IOMMU range", SECTION, 32,
            LASTDEVICE, FIRSTDEVICE, BUSNUMBER, RNGVALID, Field.reserved(6, 5, SECTION), UNITID);

    /** Miscellaneous information 0. */
    public static final Layout MISC0 = Layout.of("IOMMU miscellaneous information 0", SECTION, 32,
            MSINUMPPR, Field.reserved(26, 23, SECTION), HTATSRESV, VASIZE, PASIZE, GVASIZE, MSINUM);

    /** Miscellaneous information 1. */
    public static final Layout MISC1 = Layout.of("IOMMU miscellaneous information 1", SECTION, 32,
            Field.reserved(31, 5, SECTION), MSINUMGA);

    /** All of these. */
    public static final List<Layout> LAYOUTS = List.of(HEADER, BASE_LOW, RANGE, MISC0, MISC1);

    /** Offset 0x0: capability header. */
    public static final ByteField CAP_HEADER = new ByteField("CAP_HEADER", 0x00, 4, SECTION,
            "capability header");
    /** Offset 0x4: base address, lower half. */
    public static final ByteField CAP_BASE_LOW = new ByteField("CAP_BASE_LOW", 0x04, 4, SECTION,
            "base address, lower half");
    /** Offset 0x8: base address, upper half. */
    public static final ByteField CAP_BASE_HIGH = new ByteField("CAP_BASE_HIGH", 0x08, 4, SECTION,
            "base address, upper half");
    /** Offset 0xc: devices served. */
    public static final ByteField CAP_RANGE = new ByteField("CAP_RANGE", 0x0C, 4, SECTION,
            "devices served");
    /** Offset 0x10: miscellaneous information 0. */
    public static final ByteField CAP_MISC0 = new ByteField("CAP_MISC0", 0x10, 4, SECTION,
            "miscellaneous information 0");
    /** Offset 0x14: miscellaneous information 1, if CAPEXT. */
    public static final ByteField CAP_MISC1 = new ByteField("CAP_MISC1", 0x14, 4, SECTION,
            "miscellaneous information 1, if CAPEXT");

    /** The whole block. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IOMMU capability", SECTION, 0x18,
            CAP_HEADER, CAP_BASE_LOW, CAP_BASE_HIGH, CAP_RANGE, CAP_MISC0, CAP_MISC1);

    /** {@link #CAPID}: secure device. */
    public static final int ID = 0x0F;

    /** {@link #CAPTYPE}: IOMMU. */
    public static final int TYPE_IOMMU = 3;

    private IommuCapability() {
    }
}
