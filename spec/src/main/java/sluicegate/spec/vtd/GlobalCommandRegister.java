package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Global Command Register, {@code GCMD_REG}: switches functions on and off, one at a time.
 *
 * <p>Write-only. Software writes the state that {@link GlobalStatusRegister} shows, without its one-shot bits,
 * changed in one bit, and waits until the status follows.
 *
 * <pre>
 *   31    30     29    28     27    26    25     24     23   22 0
 * +----+------+-----+------+-----+-----+-----+-------+-----+------+
 * | TE | SRTP | SFL | EAFL | WBF | QIE | IRE | SIRTP | CFI |  0   |
 * +----+------+-----+------+-----+-----+-----+-------+-----+------+
 * </pre>
 */
public final class GlobalCommandRegister {

    private static final String SECTION = "11.4.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x18;

    /** Bit 31: translation enable. */
    public static final Field TE = Field.bit("TE", 31, SECTION, "translation enable");
    /** Bit 30: set root table pointer (one shot). */
    public static final Field SRTP = Field.bit("SRTP", 30, SECTION, "set root table pointer (one shot)");
    /** Bit 29: set fault log pointer (one shot). */
    public static final Field SFL = Field.bit("SFL", 29, SECTION, "set fault log pointer (one shot)");
    /** Bit 28: enable advanced fault logging. */
    public static final Field EAFL = Field.bit("EAFL", 28, SECTION, "enable advanced fault logging");
    /** Bit 27: write buffer flush (one shot). */
    public static final Field WBF = Field.bit("WBF", 27, SECTION, "write buffer flush (one shot)");
    /** Bit 26: queued invalidation enable. */
    public static final Field QIE = Field.bit("QIE", 26, SECTION, "queued invalidation enable");
    /** Bit 25: interrupt remapping enable. */
    public static final Field IRE = Field.bit("IRE", 25, SECTION, "interrupt remapping enable");
    /** Bit 24: set interrupt remapping table pointer (one shot). */
    public static final Field SIRTP = Field.bit("SIRTP", 24, SECTION,
            "set interrupt remapping table pointer (one shot)");
    /** Bit 23: let compatibility-format interrupts pass. */
    public static final Field CFI = Field.bit("CFI", 23, SECTION, "let compatibility-format interrupts pass");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("GCMD_REG", SECTION, 32,
            TE, SRTP, SFL, EAFL, WBF, QIE, IRE, SIRTP, CFI, Field.reserved(22, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** The bits that start something instead of keeping it on. */
    public static final long ONE_SHOT = SRTP.mask() | SFL.mask() | WBF.mask() | SIRTP.mask();

    private GlobalCommandRegister() {
    }

    /** What to write to change one bit: the lasting part of a status value with that bit as wanted. */
    public static int command(int status, Field field, boolean on) {
        long lasting = Integer.toUnsignedLong(status) & ~ONE_SHOT;
        return (int) (on ? lasting | field.mask() : lasting & ~field.mask());
    }
}
