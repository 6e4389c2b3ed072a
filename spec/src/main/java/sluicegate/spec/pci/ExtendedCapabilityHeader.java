package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Head of every extended capability.
 *
 * <pre>
 *   31 20   19   16   15 0
 * +-------+---------+------+
 * |  NEXT | VERSION |  ID  |
 * +-------+---------+------+
 * </pre>
 */
public final class ExtendedCapabilityHeader {

    private static final String SECTION = "PCIe 7.6.3";

    /** Bits 31:20: offset of the next extended capability, 0 at the end. */
    public static final Field NEXT = Field.bits("NEXT", 31, 20, SECTION,
            "offset of the next extended capability, 0 at the end");
    /** Bits 19:16: version of the capability. */
    public static final Field VERSION = Field.bits("VERSION", 19, 16, SECTION, "version of the capability");
    /** Bits 15:0: extended capability id, see {@link ExtendedCapabilityId}. */
    public static final Field ID = Field.bits("ID", 15, 0, SECTION,
            "extended capability id, see ExtendedCapabilityId");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ExtendedCapabilityHeader", SECTION, 32,
            NEXT, VERSION, ID);

    private ExtendedCapabilityHeader() {
    }

    /** The offset of the next extended capability without its reserved low bits. */
    public static int next(long header) {
        return (int) NEXT.get(header) & 0xFFC;
    }
}
