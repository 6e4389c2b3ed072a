package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Head of every capability.
 *
 * <pre>
 *   15 8   7 0
 * +------+-----+
 * | NEXT |  ID |
 * +------+-----+
 * </pre>
 */
public final class CapabilityHeader {

    private static final String SECTION = "PCIe 7.5.3.1";

    /** Bits 15:8: offset of the next capability, 0 at the end. */
    public static final Field NEXT = Field.bits("NEXT", 15, 8, SECTION,
            "offset of the next capability, 0 at the end");
    /** Bits 7:0: capability id, see {@link CapabilityId}. */
    public static final Field ID = Field.bits("ID", 7, 0, SECTION, "capability id, see CapabilityId");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CapabilityHeader", SECTION, 16,
            NEXT, ID);

    private CapabilityHeader() {
    }

    /** The offset of the next capability without its reserved low bits. */
    public static int next(long header) {
        return (int) NEXT.get(header) & 0xFC;
    }
}
