package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Device entry of type F0h, in blocks of type 40h only: a device that the ACPI name space names. Its unique id
 * follows.
 *
 * <pre>
 *       +---------------+
 *  0x00 | TYPE          | 1 byte
 *       +---------------+
 *  0x01 | DEVICE_ID     | 2 bytes
 *       +---------------+
 *  0x03 | DTE_SETTING   | 1 byte
 *       +---------------+
 *  0x04 | HARDWARE_ID   | 8 bytes
 *       +---------------+
 *  0x0c | COMPATIBLE_ID | 8 bytes
 *       +---------------+
 *  0x14 | UID_FORMAT    | 1 byte
 *       +---------------+
 *  0x15 | UID_LENGTH    | 1 byte
 *       +---------------+
 * </pre>
 */
public final class IvhdHidEntry {

    private static final String SECTION = "AMD-Vi 5.2.2.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 22;

    /** Offset 0x00: what it is, see IvhdEntryType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see IvhdEntryType");
    /** Offset 0x01: requester id. */
    public static final ByteField DEVICE_ID = new ByteField("DEVICE_ID", 0x01, 2, SECTION, "requester id");
    /** Offset 0x03: see IvhdEntry. */
    public static final ByteField DTE_SETTING = new ByteField("DTE_SETTING", 0x03, 1, SECTION, "see IvhdEntry");
    /** Offset 0x04: _HID: eight letters, or an EISA id. */
    public static final ByteField HARDWARE_ID = new ByteField("HARDWARE_ID", 0x04, 8, SECTION,
            "_HID: eight letters, or an EISA id");
    /** Offset 0x0c: _CID. */
    public static final ByteField COMPATIBLE_ID = new ByteField("COMPATIBLE_ID", 0x0C, 8, SECTION, "_CID");
    /** Offset 0x14: what follows, see IvhdUidFormat. */
    public static final ByteField UID_FORMAT = new ByteField("UID_FORMAT", 0x14, 1, SECTION,
            "what follows, see IvhdUidFormat");
    /** Offset 0x15: bytes of the unique id that follows. */
    public static final ByteField UID_LENGTH = new ByteField("UID_LENGTH", 0x15, 1, SECTION,
            "bytes of the unique id that follows");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVHD ACPI entry", SECTION, SIZE,
            TYPE, DEVICE_ID, DTE_SETTING, HARDWARE_ID, COMPATIBLE_ID, UID_FORMAT, UID_LENGTH);

    private IvhdHidEntry() {
    }
}
