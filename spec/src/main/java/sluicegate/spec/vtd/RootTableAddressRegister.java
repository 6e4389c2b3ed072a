package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Root Table Address Register, {@code RTADDR_REG}: where the root table is and of which kind.
 *
 * <p>Takes effect through {@link GlobalCommandRegister#SRTP}.
 *
 * <pre>
 *   63 32
 * +-------+
 * |  RTA  |
 * +-------+
 *   31 12   11 10   9 0
 * +-------+-------+-----+
 * |  RTA  |  TTM  |  0  |
 * +-------+-------+-----+
 * </pre>
 */
public final class RootTableAddressRegister {

    private static final String SECTION = "11.4.5";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x20;

    /** Bits 63:12: root table address. */
    public static final Field RTA = Field.address("RTA", 63, 12, SECTION, "root table address");
    /** Bits 11:10: translation table mode. */
    public static final Field TTM = Field.bits("TTM", 11, 10, SECTION, "translation table mode");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("RTADDR_REG", SECTION, 64,
            RTA, TTM, Field.reserved(9, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** {@link #TTM}: legacy mode, {@link RootEntry} and {@link ContextEntry}. */
    public static final int LEGACY_MODE = 0b00;

    /** {@link #TTM}: scalable mode. */
    public static final int SCALABLE_MODE = 0b01;

    /** {@link #TTM}: every request is aborted. */
    public static final int ABORT_DMA_MODE = 0b11;

    private RootTableAddressRegister() {
    }
}
