package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device entry of types 46h and 47h.
 *
 * <pre>
 *       +----------------------+
 *  0x00 | TYPE                 | 1 byte
 *       +----------------------+
 *  0x01 | DEVICE_ID            | 2 bytes
 *       +----------------------+
 *  0x03 | DTE_SETTING          | 1 byte
 *       +----------------------+
 *  0x04 | EXTENDED_DTE_SETTING | 4 bytes
 *       +----------------------+
 *
 * The extended setting:
 *        31        30 0
 * +--------------+------+
 * | ATS_DISABLED |  0   |
 * +--------------+------+
 * </pre>
 */
public final class IvhdExtendedEntry {

    private static final String SECTION = "AMD-Vi 5.2.2.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: what it is, see IvhdEntryType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see IvhdEntryType");
    /** Offset 0x01: requester id. */
    public static final ByteField DEVICE_ID = new ByteField("DEVICE_ID", 0x01, 2, SECTION, "requester id");
    /** Offset 0x03: see IvhdEntry. */
    public static final ByteField DTE_SETTING = new ByteField("DTE_SETTING", 0x03, 1, SECTION, "see IvhdEntry");
    /** Offset 0x04: extended setting. */
    public static final ByteField EXTENDED_DTE_SETTING = new ByteField("EXTENDED_DTE_SETTING", 0x04, 4, SECTION,
            "extended setting");

    /** Bit 31: the devices must not use translation services. */
    public static final Field ATS_DISABLED = Field.bit("ATS_DISABLED", 31, SECTION,
            "the devices must not use translation services");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVHD extended entry", SECTION, SIZE,
            TYPE, DEVICE_ID, DTE_SETTING, EXTENDED_DTE_SETTING);

    /** The extended setting. */
    public static final Layout EXTENDED_BITS = Layout.of("IVHD extended DTE setting", SECTION, 32,
            ATS_DISABLED, Field.reserved(30, 0, SECTION));

    private IvhdExtendedEntry() {
    }
}
