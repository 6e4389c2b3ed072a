package sluicegate.spec.pci;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Header type register: which of the two headers this is.
 *
 * <pre>
 *         7          6           0
 * +----------------+---------------+
 * | MULTI_FUNCTION | HEADER_LAYOUT |
 * +----------------+---------------+
 * </pre>
 */
public final class HeaderTypeRegister {

    private static final String SECTION = "PCIe 7.5.1.1.9";

    /** Bit 7: the device may have more functions than this one. */
    public static final Field MULTI_FUNCTION = Field.bit("MULTI_FUNCTION", 7, SECTION,
            "the device may have more functions than this one");
    /** Bits 6:0: 0 for an endpoint, 1 for a bridge. */
    public static final Field HEADER_LAYOUT = Field.bits("HEADER_LAYOUT", 6, 0, SECTION,
            "0 for an endpoint, 1 for a bridge");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("HeaderType", SECTION, 8,
            MULTI_FUNCTION, HEADER_LAYOUT);

    /** {@link #HEADER_LAYOUT} of an endpoint. */
    public static final int ENDPOINT = 0;

    /** {@link #HEADER_LAYOUT} of a bridge. */
    public static final int BRIDGE = 1;

    private HeaderTypeRegister() {
    }
}
