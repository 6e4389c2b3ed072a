package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Device entry of types 42h and 43h: devices whose requests carry the id of another.
 *
 * <pre>
 *       +------------------+
 *  0x00 | TYPE             | 1 byte
 *       +------------------+
 *  0x01 | DEVICE_ID        | 2 bytes
 *       +------------------+
 *  0x03 | DTE_SETTING      | 1 byte
 *       +------------------+
 *  0x04 | reserved         | 1 byte
 *       +------------------+
 *  0x05 | SOURCE_DEVICE_ID | 2 bytes
 *       +------------------+
 *  0x07 | reserved         | 1 byte
 *       +------------------+
 * </pre>
 */
public final class IvhdAliasEntry {

    private static final String SECTION = "AMD-Vi 5.2.2.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: what it is, see IvhdEntryType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see IvhdEntryType");
    /** Offset 0x01: requester id. */
    public static final ByteField DEVICE_ID = new ByteField("DEVICE_ID", 0x01, 2, SECTION, "requester id");
    /** Offset 0x03: see IvhdEntry. */
    public static final ByteField DTE_SETTING = new ByteField("DTE_SETTING", 0x03, 1, SECTION, "see IvhdEntry");
    /** Offset 0x05: the id that requests carry. */
    public static final ByteField SOURCE_DEVICE_ID = new ByteField("SOURCE_DEVICE_ID", 0x05, 2, SECTION,
            "the id that requests carry");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVHD alias entry", SECTION, SIZE,
            TYPE, DEVICE_ID, DTE_SETTING, ByteField.reserved(0x04, 1, SECTION), SOURCE_DEVICE_ID,
            ByteField.reserved(0x07, 1, SECTION));

    private IvhdAliasEntry() {
    }
}
