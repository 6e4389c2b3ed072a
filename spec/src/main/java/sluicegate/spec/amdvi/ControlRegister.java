package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * IOMMU Control Register: what is switched on.
 *
 * <p>Bits of features that the unit lacks are reserved.
 *
 * <pre>
 *     63 61            60               59            58       57     56        55          54          53
 * +-----------+------------------+-------------+-------------+----+--------+---------+-------------+----------+
 * | SNPAVICEN | GSTBUFFERTRPMODE | IRTCACHEDIS | GCR3TRPMODE | 0  | TMPMEN | GAPPIEN | GAUPDATEDIS | VIOMMUEN |
 * +-----------+------------------+-------------+-------------+----+--------+---------+-------------+----------+
 *     52         51        50    49        48         47 46       45         44 43              42
 * +--------+------------+------+----+-------------+-----------+-------+-----------------+---------------+
 * | VCMDEN | INTCAPXTEN | XTEN | 0  | GDUPDATEDIS | HADUPDATE | EPHEN | NUMINTREMAPMODE | PPRAUTORSPAON |
 * +--------+------------+------+----+-------------+-----------+-------+-----------------+---------------+
 *        41          40          39          38 37         36 34          33 32
 * +--------------+--------+--------------+------------+-------------+----------------+
 * | BLKSTOPMRKEN | MARCEN | PPRAUTORSPEN | PRIVABRTEN | DEVTBLSEGEN | DUALEVENTLOGEN |
 * +--------------+--------+--------------+------------+-------------+----------------+
 *      31 30          29        28     27 25       24         23        22     21 18    17     16      15
 * +--------------+---------+---------+-------+-----------+----------+--------+-------+------+------+-------+
 * | DUALPPRLOGEN | GAINTEN | GALOGEN | GAMEN | SMIFLOGEN | SLFWBDIS | SMIFEN |  CRW  | GAEN | GTEN | PPREN |
 * +--------------+---------+---------+-------+-----------+----------+--------+-------+------+------+-------+
 *      14         13         12       11       10          9         8         7 5            4
 * +----------+----------+----------+------+----------+-----------+--------+------------+--------------+
 * | PPRINTEN | PPRLOGEN | CMDBUFEN | ISOC | COHERENT | RESPASSPW | PASSPW | INVTIMEOUT | COMWAITINTEN |
 * +----------+----------+----------+------+----------+-----------+--------+------------+--------------+
 *       3            2           1         0
 * +------------+------------+---------+---------+
 * | EVENTINTEN | EVENTLOGEN | HTTUNEN | IOMMUEN |
 * +------------+------------+---------+---------+
 * </pre>
 */
public final class ControlRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0018;

    /** Bits 63:61: virtual interrupt controller while SNP is on. */
    public static final Field SNPAVICEN = Field.bits("SNPAVICEN", 63, 61, SECTION,
            "virtual interrupt controller while SNP is on");
    /** Bit 60: guest buffers are at guest physical addresses. */
    public static final Field GSTBUFFERTRPMODE = Field.bit("GSTBUFFERTRPMODE", 60, SECTION,
            "guest buffers are at guest physical addresses");
    /** Bit 59: interrupt remapping table entries are not cached. */
    public static final Field IRTCACHEDIS = Field.bit("IRTCACHEDIS", 59, SECTION,
            "interrupt remapping table entries are not cached");
    /** Bit 58: the GCR3 table root pointer is a guest physical address. */
    public static final Field GCR3TRPMODE = Field.bit("GCR3TRPMODE", 58, SECTION,
            "the GCR3 table root pointer is a guest physical address");
    /** Bit 56: tiered memory migration. */
    public static final Field TMPMEN = Field.bit("TMPMEN", 56, SECTION, "tiered memory migration");
    /** Bit 55: interrupts of the guest virtual interrupt controller to host processors. */
    public static final Field GAPPIEN = Field.bit("GAPPIEN", 55, SECTION,
            "interrupts of the guest virtual interrupt controller to host processors");
    /** Bit 54: interrupt remapping entries of guests are not written. */
    public static final Field GAUPDATEDIS = Field.bit("GAUPDATEDIS", 54, SECTION,
            "interrupt remapping entries of guests are not written");
    /** Bit 53: virtual units for guests. */
    public static final Field VIOMMUEN = Field.bit("VIOMMUEN", 53, SECTION, "virtual units for guests");
    /** Bit 52: command buffers of guests are processed. */
    public static final Field VCMDEN = Field.bit("VCMDEN", 52, SECTION, "command buffers of guests are processed");
    /** Bit 51: interrupts of the unit are sent as the x2APIC interrupt control registers say. */
    public static final Field INTCAPXTEN = Field.bit("INTCAPXTEN", 51, SECTION,
            "interrupts of the unit are sent as the x2APIC interrupt control registers say");
    /** Bit 50: x2APIC destinations of 32 bits. */
    public static final Field XTEN = Field.bit("XTEN", 50, SECTION, "x2APIC destinations of 32 bits");
    /** Bit 48: dirty bits of guest tables are not written. */
    public static final Field GDUPDATEDIS = Field.bit("GDUPDATEDIS", 48, SECTION,
            "dirty bits of guest tables are not written");
    /** Bits 47:46: accessed and dirty bits of host tables; 00b leaves it to each DTE.HAD. */
    public static final Field HADUPDATE = Field.bits("HADUPDATE", 47, 46, SECTION,
            "accessed and dirty bits of host tables; 00b leaves it to each DTE.HAD");
    /** Bit 45: enhanced handling of page requests: DTE.PPR is honoured. */
    public static final Field EPHEN = Field.bit("EPHEN", 45, SECTION,
            "enhanced handling of page requests: DTE.PPR is honoured");
    /** Bits 44:43: how many interrupts of a device are remapped, see NUMINTREMAPMODE_2K; bit 43 was DomainIDPNE once. */
    public static final Field NUMINTREMAPMODE = Field.bits("NUMINTREMAPMODE", 44, 43, SECTION,
            "how many interrupts of a device are remapped, see NUMINTREMAPMODE_2K; bit 43 was DomainIDPNE once");
    /** Bit 42: page requests are always answered by the unit. */
    public static final Field PPRAUTORSPAON = Field.bit("PPRAUTORSPAON", 42, SECTION,
            "page requests are always answered by the unit");
    /** Bit 41: stop markers are not logged. */
    public static final Field BLKSTOPMRKEN = Field.bit("BLKSTOPMRKEN", 41, SECTION, "stop markers are not logged");
    /** Bit 40: memory access routing and control. */
    public static final Field MARCEN = Field.bit("MARCEN", 40, SECTION, "memory access routing and control");
    /** Bit 39: page requests that find the log full are answered by the unit. */
    public static final Field PPRAUTORSPEN = Field.bit("PPRAUTORSPEN", 39, SECTION,
            "page requests that find the log full are answered by the unit");
    /** Bits 38:37: privileged requests without a PASID are aborted. */
    public static final Field PRIVABRTEN = Field.bits("PRIVABRTEN", 38, 37, SECTION,
            "privileged requests without a PASID are aborted");
    /** Bits 36:34: device table segments: 2 to that power. */
    public static final Field DEVTBLSEGEN = Field.bits("DEVTBLSEGEN", 36, 34, SECTION,
            "device table segments: 2 to that power");
    /** Bits 33:32: dual event logs. */
    public static final Field DUALEVENTLOGEN = Field.bits("DUALEVENTLOGEN", 33, 32, SECTION, "dual event logs");
    /** Bits 31:30: dual PPR logs. */
    public static final Field DUALPPRLOGEN = Field.bits("DUALPPRLOGEN", 31, 30, SECTION, "dual PPR logs");
    /** Bit 29: interrupts of the guest log. */
    public static final Field GAINTEN = Field.bit("GAINTEN", 29, SECTION, "interrupts of the guest log");
    /** Bit 28: guest interrupt log. */
    public static final Field GALOGEN = Field.bit("GALOGEN", 28, SECTION, "guest interrupt log");
    /** Bits 27:25: guest virtual interrupt controller mode. */
    public static final Field GAMEN = Field.bits("GAMEN", 27, 25, SECTION, "guest virtual interrupt controller mode");
    /** Bit 24: filtered SMIs are logged. */
    public static final Field SMIFLOGEN = Field.bit("SMIFLOGEN", 24, SECTION, "filtered SMIs are logged");
    /** Bit 23: writes to the unit itself are not written back. */
    public static final Field SLFWBDIS = Field.bit("SLFWBDIS", 23, SECTION,
            "writes to the unit itself are not written back");
    /** Bit 22: SMIs are filtered. */
    public static final Field SMIFEN = Field.bit("SMIFEN", 22, SECTION, "SMIs are filtered");
    /** Bits 21:18: implementation defined. */
    public static final Field CRW = Field.bits("CRW", 21, 18, SECTION, "implementation defined");
    /** Bit 17: guest virtual interrupt controller: 128-bit interrupt remapping entries. */
    public static final Field GAEN = Field.bit("GAEN", 17, SECTION,
            "guest virtual interrupt controller: 128-bit interrupt remapping entries");
    /** Bit 16: guest translation. */
    public static final Field GTEN = Field.bit("GTEN", 16, SECTION, "guest translation");
    /** Bit 15: page requests. */
    public static final Field PPREN = Field.bit("PPREN", 15, SECTION, "page requests");
    /** Bit 14: interrupts of the PPR log. */
    public static final Field PPRINTEN = Field.bit("PPRINTEN", 14, SECTION, "interrupts of the PPR log");
    /** Bit 13: PPR log. */
    public static final Field PPRLOGEN = Field.bit("PPRLOGEN", 13, SECTION, "PPR log");
    /** Bit 12: command buffer. */
    public static final Field CMDBUFEN = Field.bit("CMDBUFEN", 12, SECTION, "command buffer");
    /** Bit 11: isochronous bit of walks. */
    public static final Field ISOC = Field.bit("ISOC", 11, SECTION, "isochronous bit of walks");
    /** Bit 10: walks snoop caches. */
    public static final Field COHERENT = Field.bit("COHERENT", 10, SECTION, "walks snoop caches");
    /** Bit 9: responses may pass posted writes. */
    public static final Field RESPASSPW = Field.bit("RESPASSPW", 9, SECTION, "responses may pass posted writes");
    /** Bit 8: requests may pass posted writes. */
    public static final Field PASSPW = Field.bit("PASSPW", 8, SECTION, "requests may pass posted writes");
    /** Bits 7:5: how long a device may take to answer an invalidation, see InvalidationTimeout. */
    public static final Field INVTIMEOUT = Field.bits("INVTIMEOUT", 7, 5, SECTION,
            "how long a device may take to answer an invalidation, see InvalidationTimeout");
    /** Bit 4: interrupts of COMPLETION_WAIT. */
    public static final Field COMWAITINTEN = Field.bit("COMWAITINTEN", 4, SECTION, "interrupts of COMPLETION_WAIT");
    /** Bit 3: interrupts of the event log. */
    public static final Field EVENTINTEN = Field.bit("EVENTINTEN", 3, SECTION, "interrupts of the event log");
    /** Bit 2: event log. */
    public static final Field EVENTLOGEN = Field.bit("EVENTLOGEN", 2, SECTION, "event log");
    /** Bit 1: HyperTransport tunnel traffic is translated. */
    public static final Field HTTUNEN = Field.bit("HTTUNEN", 1, SECTION, "HyperTransport tunnel traffic is translated");
    /** Bit 0: the unit translates. */
    public static final Field IOMMUEN = Field.bit("IOMMUEN", 0, SECTION, "the unit translates");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IommuControl", SECTION, 64,
            SNPAVICEN, GSTBUFFERTRPMODE, IRTCACHEDIS, GCR3TRPMODE, Field.reserved(57, 57, SECTION),
            TMPMEN, GAPPIEN, GAUPDATEDIS, VIOMMUEN, VCMDEN, INTCAPXTEN, XTEN,
            Field.reserved(49, 49, SECTION), GDUPDATEDIS, HADUPDATE, EPHEN,
            NUMINTREMAPMODE, PPRAUTORSPAON, BLKSTOPMRKEN, MARCEN,
            PPRAUTORSPEN, PRIVABRTEN, DEVTBLSEGEN, DUALEVENTLOGEN, DUALPPRLOGEN, GAINTEN, GALOGEN, GAMEN,
            SMIFLOGEN, SLFWBDIS, SMIFEN, CRW, GAEN, GTEN, PPREN, PPRINTEN, PPRLOGEN, CMDBUFEN, ISOC,
            COHERENT, RESPASSPW, PASSPW, INVTIMEOUT, COMWAITINTEN, EVENTINTEN, EVENTLOGEN, HTTUNEN,
            IOMMUEN);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** {@link #NUMINTREMAPMODE}: interrupts with DM set have an index of 11 bits. */
    public static final int NUMINTREMAPMODE_2K = 0b01;

    /** Its width where only its lower half is accessed: older units have no more. */
    public static final int LOW_BITS = 32;

    private ControlRegister() {
    }
}
