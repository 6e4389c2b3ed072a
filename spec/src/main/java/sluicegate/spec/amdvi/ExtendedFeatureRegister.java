package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Extended Feature Register: what the unit can do.
 *
 * <p>Exists if {@link IommuCapability#EFRSUP} says so.
 *
 * <pre>
 *     63     62         61            60 57           56            55             54         53     52
 * +--------+----+----------------+-------------+--------------+-----------+-----------------+----+-------+
 * | SNPSUP | 0  | GAUPDATEDISSUP | VMTABLESIZE | VMGUARDIOSUP | VIOMMUSUP | INVIOTLBTYPESUP | 0  | HDSUP |
 * +--------+----+----------------+-------------+--------------+-----------+-----------------+----+-------+
 *       51        50       49      48     47         46            45             44         43 42
 * +-----------+--------+-------+--------+----+---------------+------------+---------------+---------+
 * | ATTRFWSUP | EPHSUP | HASUP | GIOSUP | 0  | MSICAPMMIOSUP | PERFOPTSUP | BLKSTOPMRKSUP | MARCSUP |
 * +-----------+--------+-------+--------+----+---------------+------------+---------------+---------+
 *         41                40             39 38         37    36 32
 * +---------------+-------------------+--------------+-------+--------+
 * | PPRAUTORSPSUP | PPROVRFLWEARLYSUP | DEVTBLSEGSUP | USSUP | PASMAX |
 * +---------------+-------------------+--------------+-------+--------+
 *      31     30        29 28        27 26       25 24       23 21    20 18     17 16    15 14    13 12   11 10
 * +---------+----+-----------------+-------+---------------+--------+--------+---------+--------+-------+-------+
 * | SATSSUP | 0  | DUALEVENTLOGSUP |   0   | DUALPPRLOGSUP | GAMSUP | SMIFRC | SMIFSUP | GLXSUP |  GATS |  HATS |
 * +---------+----+-----------------+-------+---------------+--------+--------+---------+--------+-------+-------+
 *     9       8       7       6        5         4       3       2       1         0
 * +-------+-------+-------+-------+----------+-------+-------+-------+--------+---------+
 * | PCSUP | HESUP | GASUP | IASUP | GAPPISUP | GTSUP | NXSUP | XTSUP | PPRSUP | PREFSUP |
 * +-------+-------+-------+-------+----------+-------+-------+-------+--------+---------+
 * </pre>
 */
public final class ExtendedFeatureRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0030;

    /** Bit 63: secure nested paging. */
    public static final Field SNPSUP = Field.bit("SNPSUP", 63, SECTION, "secure nested paging");
    /** Bit 61: ControlRegister.GAUPDATEDIS. */
    public static final Field GAUPDATEDISSUP = Field.bit("GAUPDATEDISSUP", 61, SECTION, "ControlRegister.GAUPDATEDIS");
    /** Bits 60:57: size of the table of virtual machines. */
    public static final Field VMTABLESIZE = Field.bits("VMTABLESIZE", 60, 57, SECTION,
            "size of the table of virtual machines");
    /** Bit 56: VMGuard-IO. */
    public static final Field VMGUARDIOSUP = Field.bit("VMGUARDIOSUP", 56, SECTION, "VMGuard-IO");
    /** Bit 55: virtual units for guests. */
    public static final Field VIOMMUSUP = Field.bit("VIOMMUSUP", 55, SECTION, "virtual units for guests");
    /** Bit 54: types of INVALIDATE_IOTLB_PAGES. */
    public static final Field INVIOTLBTYPESUP = Field.bit("INVIOTLBTYPESUP", 54, SECTION,
            "types of INVALIDATE_IOTLB_PAGES");
    /** Bit 52: dirty bits of host tables are written. */
    public static final Field HDSUP = Field.bit("HDSUP", 52, SECTION, "dirty bits of host tables are written");
    /** Bit 51: attributes are forwarded. */
    public static final Field ATTRFWSUP = Field.bit("ATTRFWSUP", 51, SECTION, "attributes are forwarded");
    /** Bit 50: enhanced handling of page requests. */
    public static final Field EPHSUP = Field.bit("EPHSUP", 50, SECTION, "enhanced handling of page requests");
    /** Bit 49: accessed bits of host tables are written. */
    public static final Field HASUP = Field.bit("HASUP", 49, SECTION, "accessed bits of host tables are written");
    /** Bit 48: guest translation of requests without a PASID (DTE.GIOV). */
    public static final Field GIOSUP = Field.bit("GIOSUP", 48, SECTION,
            "guest translation of requests without a PASID (DTE.GIOV)");
    /** Bit 46: the MSI capability is also in the register window. */
    public static final Field MSICAPMMIOSUP = Field.bit("MSICAPMMIOSUP", 46, SECTION,
            "the MSI capability is also in the register window");
    /** Bit 45: performance optimization register. */
    public static final Field PERFOPTSUP = Field.bit("PERFOPTSUP", 45, SECTION, "performance optimization register");
    /** Bit 44: stop markers can be blocked. */
    public static final Field BLKSTOPMRKSUP = Field.bit("BLKSTOPMRKSUP", 44, SECTION, "stop markers can be blocked");
    /** Bits 43:42: memory access routing and control: apertures. */
    public static final Field MARCSUP = Field.bits("MARCSUP", 43, 42, SECTION,
            "memory access routing and control: apertures");
    /** Bit 41: page requests can be answered by the unit. */
    public static final Field PPRAUTORSPSUP = Field.bit("PPRAUTORSPSUP", 41, SECTION,
            "page requests can be answered by the unit");
    /** Bit 40: early warning of an overflow of the PPR log. */
    public static final Field PPROVRFLWEARLYSUP = Field.bit("PPROVRFLWEARLYSUP", 40, SECTION,
            "early warning of an overflow of the PPR log");
    /** Bits 39:38: device table segments: at most 2 to that power. */
    public static final Field DEVTBLSEGSUP = Field.bits("DEVTBLSEGSUP", 39, 38, SECTION,
            "device table segments: at most 2 to that power");
    /** Bit 37: user and supervisor privilege of guest tables. */
    public static final Field USSUP = Field.bit("USSUP", 37, SECTION, "user and supervisor privilege of guest tables");
    /** Bits 36:32: width of a PASID in bits, less one. */
    public static final Field PASMAX = Field.bits("PASMAX", 36, 32, SECTION, "width of a PASID in bits, less one");
    /** Bit 31: secure ATS. */
    public static final Field SATSSUP = Field.bit("SATSSUP", 31, SECTION, "secure ATS");
    /** Bits 29:28: dual event logs. */
    public static final Field DUALEVENTLOGSUP = Field.bits("DUALEVENTLOGSUP", 29, 28, SECTION, "dual event logs");
    /** Bits 25:24: dual PPR logs. */
    public static final Field DUALPPRLOGSUP = Field.bits("DUALPPRLOGSUP", 25, 24, SECTION, "dual PPR logs");
    /** Bits 23:21: guest virtual interrupt controller modes. */
    public static final Field GAMSUP = Field.bits("GAMSUP", 23, 21, SECTION,
            "guest virtual interrupt controller modes");
    /** Bits 20:18: number of SMI filter registers. */
    public static final Field SMIFRC = Field.bits("SMIFRC", 20, 18, SECTION, "number of SMI filter registers");
    /** Bits 17:16: SMI filter. */
    public static final Field SMIFSUP = Field.bits("SMIFSUP", 17, 16, SECTION, "SMI filter");
    /** Bits 15:14: levels of GCR3 tables, less one. */
    public static final Field GLXSUP = Field.bits("GLXSUP", 15, 14, SECTION, "levels of GCR3 tables, less one");
    /** Bits 13:12: levels of guest tables, less four. */
    public static final Field GATS = Field.bits("GATS", 13, 12, SECTION, "levels of guest tables, less four");
    /** Bits 11:10: levels of host tables, less four. */
    public static final Field HATS = Field.bits("HATS", 11, 10, SECTION, "levels of host tables, less four");
    /** Bit 9: performance counters. */
    public static final Field PCSUP = Field.bit("PCSUP", 9, SECTION, "performance counters");
    /** Bit 8: hardware error registers. */
    public static final Field HESUP = Field.bit("HESUP", 8, SECTION, "hardware error registers");
    /** Bit 7: guest virtual interrupt controller. */
    public static final Field GASUP = Field.bit("GASUP", 7, SECTION, "guest virtual interrupt controller");
    /** Bit 6: INVALIDATE_IOMMU_ALL. */
    public static final Field IASUP = Field.bit("IASUP", 6, SECTION, "INVALIDATE_IOMMU_ALL");
    /** Bit 5: interrupts of guests to host processors. */
    public static final Field GAPPISUP = Field.bit("GAPPISUP", 5, SECTION, "interrupts of guests to host processors");
    /** Bit 4: guest translation. */
    public static final Field GTSUP = Field.bit("GTSUP", 4, SECTION, "guest translation");
    /** Bit 3: no-execute protection. */
    public static final Field NXSUP = Field.bit("NXSUP", 3, SECTION, "no-execute protection");
    /** Bit 2: x2APIC. */
    public static final Field XTSUP = Field.bit("XTSUP", 2, SECTION, "x2APIC");
    /** Bit 1: page requests. */
    public static final Field PPRSUP = Field.bit("PPRSUP", 1, SECTION, "page requests");
    /** Bit 0: PREFETCH_IOMMU_PAGES. */
    public static final Field PREFSUP = Field.bit("PREFSUP", 0, SECTION, "PREFETCH_IOMMU_PAGES");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ExtFeature", SECTION, 64,
            SNPSUP, Field.reserved(62, 62, SECTION), GAUPDATEDISSUP, VMTABLESIZE, VMGUARDIOSUP, VIOMMUSUP,
            INVIOTLBTYPESUP, Field.reserved(53, 53, SECTION), HDSUP, ATTRFWSUP, EPHSUP, HASUP, GIOSUP,
            Field.reserved(47, 47, SECTION), MSICAPMMIOSUP, PERFOPTSUP, BLKSTOPMRKSUP, MARCSUP,
            PPRAUTORSPSUP, PPROVRFLWEARLYSUP, DEVTBLSEGSUP, USSUP, PASMAX, SATSSUP,
            Field.reserved(30, 30, SECTION), DUALEVENTLOGSUP, Field.reserved(27, 26, SECTION),
            DUALPPRLOGSUP, GAMSUP, SMIFRC, SMIFSUP, GLXSUP, GATS, HATS, PCSUP, HESUP, GASUP, IASUP,
            GAPPISUP, GTSUP, NXSUP, XTSUP, PPRSUP, PREFSUP);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ExtendedFeatureRegister() {
    }

    /** How many levels a host table may have: 4 to 6, or 0 for the reserved code. */
    public static int hostLevels(long features) {
        int code = (int) HATS.get(features);
        return code == 3 ? 0 : 4 + code;
    }

    /** How many levels a guest table may have: 4 or 5, or 0 for a reserved code. */
    public static int guestLevels(long features) {
        int code = (int) GATS.get(features);
        return code > 1 ? 0 : 4 + code;
    }

    /** How many levels a GCR3 table may have: 1 to 3, or 0 for the reserved code. */
    public static int gcr3Levels(long features) {
        int code = (int) GLXSUP.get(features);
        return code == 3 ? 0 : 1 + code;
    }

    /** How many bits of a PASID the unit looks at: 1 to 20 make sense. */
    public static int pasidBits(long features) {
        return (int) PASMAX.get(features) + 1;
    }
}
