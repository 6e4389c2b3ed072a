package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Invalidate Address Register, {@code IVA_REG}: what a page-selective invalidation is about. Write-only.
 *
 * <pre>
 *   63 32
 * +-------+
 * |  ADDR |
 * +-------+
 *   31 12   11 7   6    5 0
 * +-------+------+----+-----+
 * |  ADDR |  0   | IH |  AM |
 * +-------+------+----+-----+
 * </pre>
 */
public final class InvalidateAddressRegister {

    private static final String SECTION = "11.4.6";

    /** Where it is, counted from the place that {@link ExtendedCapabilityRegister#invalidateAddressOffset} gives. */
    public static final int OFFSET = 0x00;

    /** Bits 63:12: address of the first page. */
    public static final Field ADDR = Field.address("ADDR", 63, 12, SECTION, "address of the first page");
    /** Bit 6: invalidation hint: only leaves were changed. */
    public static final Field IH = Field.bit("IH", 6, SECTION, "invalidation hint: only leaves were changed");
    /** Bits 5:0: address mask: 2 to that power pages, naturally aligned. */
    public static final Field AM = Field.bits("AM", 5, 0, SECTION,
            "address mask: 2 to that power pages, naturally aligned");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IVA_REG", SECTION, 64,
            ADDR, Field.reserved(11, 7, SECTION), IH, AM);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private InvalidateAddressRegister() {
    }
}
