package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Backing page of a virtual processor's interrupt controller, as far as the unit writes it: eight registers of 32 bits, 16 bytes
 * apart, have a bit for each vector that is requested (AMD64 architecture, volume 2, 15.29.3; the registers stand where those
 * of an APIC do, 16.3.2).
 *
 * <pre>
 *   31 0
 * +------+
 * |  IRR |
 * +------+
 * </pre>
 */
public final class VirtualApicPage {

    private static final String SECTION = "24593 15.29.3";

    /** Bits 31:0: vectors that are requested. */
    public static final Field IRR = Field.bits("IRR", 31, 0, SECTION, "vectors that are requested");

    /** One of the eight. */
    public static final Layout LAYOUT = Layout.of("vAPIC interrupt request register", SECTION, 32, IRR);

    /** Where the first of them is in the page. */
    public static final int IRR_OFFSET = 0x200;

    /** Size of the page. */
    public static final int BYTES = 4096;

    private static final int STRIDE = 16;

    private VirtualApicPage() {
    }

    /** Where in the page the bit of a vector is, as a byte offset of its register. */
    public static int offset(int vector) {
        return IRR_OFFSET + (vector >>> 5) * STRIDE;
    }

    /** The bit of a vector in its register. */
    public static long bit(int vector) {
        return 1L << (vector & 31);
    }
}
