package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device entry of an {@link Ivhd}: these are all the bytes of types below 40h. Types 40h to 7Fh have four more
 * bytes, {@link IvhdHidEntry} as many as it tells.
 *
 * <pre>
 *       +-------------+
 *  0x00 | TYPE        | 1 byte
 *       +-------------+
 *  0x01 | DEVICE_ID   | 2 bytes
 *       +-------------+
 *  0x03 | DTE_SETTING | 1 byte
 *       +-------------+
 *
 * The setting:
 *       7            6               5 4          3      2            1            0
 * +------------+------------+-------------------+---+----------+-------------+-----------+
 * | LINT1_PASS | LINT0_PASS | SYSTEM_MANAGEMENT | 0 | NMI_PASS | EXTINT_PASS | INIT_PASS |
 * +------------+------------+-------------------+---+----------+-------------+-----------+
 * </pre>
 */
public final class IvhdEntry {

    private static final String SECTION = "AMD-Vi 5.2.2.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 4;

    /** Offset 0x00: what it is, see IvhdEntryType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see IvhdEntryType");
    /** Offset 0x01: requester id. */
    public static final ByteField DEVICE_ID = new ByteField("DEVICE_ID", 0x01, 2, SECTION, "requester id");
    /** Offset 0x03: what device table entries get. */
    public static final ByteField DTE_SETTING = new ByteField("DTE_SETTING", 0x03, 1, SECTION,
            "what device table entries get");

    /** Bit 7: LINT1 interrupts pass. */
    public static final Field LINT1_PASS = Field.bit("LINT1_PASS", 7, SECTION, "LINT1 interrupts pass");
    /** Bit 6: LINT0 interrupts pass. */
    public static final Field LINT0_PASS = Field.bit("LINT0_PASS", 6, SECTION, "LINT0 interrupts pass");
    /** Bits 5:4: system management messages: 0 blocked, 1 posted pass, 2 interrupts pass, 3 translated. */
    public static final Field SYSTEM_MANAGEMENT = Field.bits("SYSTEM_MANAGEMENT", 5, 4, SECTION,
            "system management messages: 0 blocked, 1 posted pass, 2 interrupts pass, 3 translated");
    /** Bit 2: NMI interrupts pass. */
    public static final Field NMI_PASS = Field.bit("NMI_PASS", 2, SECTION, "NMI interrupts pass");
    /** Bit 1: external interrupts pass. */
    public static final Field EXTINT_PASS = Field.bit("EXTINT_PASS", 1, SECTION, "external interrupts pass");
    /** Bit 0: INIT interrupts pass. */
    public static final Field INIT_PASS = Field.bit("INIT_PASS", 0, SECTION, "INIT interrupts pass");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVHD device entry", SECTION, SIZE,
            TYPE, DEVICE_ID, DTE_SETTING);

    /** The setting. */
    public static final Layout DTE_BITS = Layout.of("IVHD DTE setting", SECTION, 8,
            LINT1_PASS, LINT0_PASS, SYSTEM_MANAGEMENT, Field.reserved(3, 3, SECTION), NMI_PASS, EXTINT_PASS,
            INIT_PASS);

    /** First type with eight bytes. */
    public static final int FIRST_LONG_TYPE = 0x40;

    /** First type whose length its own fields tell. */
    public static final int FIRST_VARIABLE_TYPE = 0x80;

    /** Bits 7:6 of a type below 80h: four bytes, two to that power times. */
    private static final int LENGTH_SHIFT = 6;

    private IvhdEntry() {
    }

    /** The bytes of an entry of a type below {@link #FIRST_VARIABLE_TYPE}. */
    public static int size(int type) {
        return SIZE << (type >>> LENGTH_SHIFT);
    }
}
