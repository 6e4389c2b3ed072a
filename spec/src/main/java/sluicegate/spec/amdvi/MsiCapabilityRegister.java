package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * MSI Capability Header Register: the same as in configuration space.
 *
 * <p>Needs {@link ExtendedFeatureRegister#MSICAPMMIOSUP}.
 *
 * <pre>
 *   31 24     23       22 20         19 17        16     15 8     7 0
 * +-------+--------+------------+-------------+-------+--------+-------+
 * |   0   | ADDR64 | MULTMESSEN | MULTMESSCAP | MSIEN | CAPPTR | CAPID |
 * +-------+--------+------------+-------------+-------+--------+-------+
 * </pre>
 */
public final class MsiCapabilityRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0158;

    /** Bit 23: addresses have 64 bits. */
    public static final Field ADDR64 = Field.bit("ADDR64", 23, SECTION, "addresses have 64 bits");
    /** Bits 22:20: messages granted: 2 to that power. */
    public static final Field MULTMESSEN = Field.bits("MULTMESSEN", 22, 20, SECTION,
            "messages granted: 2 to that power");
    /** Bits 19:17: messages wanted: 2 to that power. */
    public static final Field MULTMESSCAP = Field.bits("MULTMESSCAP", 19, 17, SECTION,
            "messages wanted: 2 to that power");
    /** Bit 16: enabled. */
    public static final Field MSIEN = Field.bit("MSIEN", 16, SECTION, "enabled");
    /** Bits 15:8: next capability. */
    public static final Field CAPPTR = Field.bits("CAPPTR", 15, 8, SECTION, "next capability");
    /** Bits 7:0: capability id, 05h. */
    public static final Field CAPID = Field.bits("CAPID", 7, 0, SECTION, "capability id, 05h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("MsiCapHeader", SECTION, 32,
            Field.reserved(31, 24, SECTION), ADDR64, MULTMESSEN, MULTMESSCAP, MSIEN, CAPPTR, CAPID);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private MsiCapabilityRegister() {
    }
}
