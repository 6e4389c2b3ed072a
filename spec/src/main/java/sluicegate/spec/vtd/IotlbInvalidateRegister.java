package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * IOTLB Invalidate Register, {@code IOTLB_REG}.
 *
 * <pre>
 *    63   62   61 60   59   58 57   56 50   49   48   47 32
 * +-----+----+-------+----+-------+-------+----+----+-------+
 * | IVT | 0  |  IIRG | 0  |  IAIG |   0   | DR | DW |  DID  |
 * +-----+----+-------+----+-------+-------+----+----+-------+
 *   31 0
 * +------+
 * |  0   |
 * +------+
 * </pre>
 */
public final class IotlbInvalidateRegister {

    private static final String SECTION = "11.4.6";

    /** Where it is, counted from the place that {@link ExtendedCapabilityRegister#invalidateAddressOffset} gives. */
    public static final int OFFSET = 0x08;

    /** Bit 63: invalidate IOTLB; hardware clears it when done. */
    public static final Field IVT = Field.bit("IVT", 63, SECTION, "invalidate IOTLB; hardware clears it when done");
    /** Bits 61:60: requested granularity. */
    public static final Field IIRG = Field.bits("IIRG", 61, 60, SECTION, "requested granularity");
    /** Bits 58:57: granularity that hardware chose. */
    public static final Field IAIG = Field.bits("IAIG", 58, 57, SECTION, "granularity that hardware chose");
    /** Bit 49: drain reads. */
    public static final Field DR = Field.bit("DR", 49, SECTION, "drain reads");
    /** Bit 48: drain writes. */
    public static final Field DW = Field.bit("DW", 48, SECTION, "drain writes");
    /** Bits 47:32: domain id. */
    public static final Field DID = Field.bits("DID", 47, 32, SECTION, "domain id");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IOTLB_REG", SECTION, 64,
            IVT, Field.reserved(62, 62, SECTION), IIRG, Field.reserved(59, 59, SECTION), IAIG,
            Field.reserved(56, 50, SECTION), DR, DW, DID, Field.reserved(31, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** {@link #IIRG}, {@link #IAIG}: everything. */
    public static final int GLOBAL = 0b01;

    /** {@link #IIRG}, {@link #IAIG}: one domain. */
    public static final int DOMAIN = 0b10;

    /** {@link #IIRG}, {@link #IAIG}: pages of one domain, see {@link InvalidateAddressRegister}. */
    public static final int PAGE = 0b11;

    private IotlbInvalidateRegister() {
    }
}
