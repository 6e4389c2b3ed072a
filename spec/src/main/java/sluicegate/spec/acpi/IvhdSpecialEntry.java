package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Device entry of type 48h: an interrupt controller or timer that sends interrupts with a requester id.
 *
 * <pre>
 *       +------------------+
 *  0x00 | TYPE             | 1 byte
 *       +------------------+
 *  0x01 | reserved         | 2 bytes
 *       +------------------+
 *  0x03 | DTE_SETTING      | 1 byte
 *       +------------------+
 *  0x04 | HANDLE           | 1 byte
 *       +------------------+
 *  0x05 | SOURCE_DEVICE_ID | 2 bytes
 *       +------------------+
 *  0x07 | VARIETY          | 1 byte
 *       +------------------+
 * </pre>
 */
public final class IvhdSpecialEntry {

    private static final String SECTION = "AMD-Vi 5.2.2.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: what it is, see IvhdEntryType. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 1, SECTION, "what it is, see IvhdEntryType");
    /** Offset 0x03: see IvhdEntry. */
    public static final ByteField DTE_SETTING = new ByteField("DTE_SETTING", 0x03, 1, SECTION, "see IvhdEntry");
    /** Offset 0x04: I/O APIC id or HPET number. */
    public static final ByteField HANDLE = new ByteField("HANDLE", 0x04, 1, SECTION, "I/O APIC id or HPET number");
    /** Offset 0x05: the id that its interrupts carry. */
    public static final ByteField SOURCE_DEVICE_ID = new ByteField("SOURCE_DEVICE_ID", 0x05, 2, SECTION,
            "the id that its interrupts carry");
    /** Offset 0x07: what it is, see IvhdSpecialVariety. */
    public static final ByteField VARIETY = new ByteField("VARIETY", 0x07, 1, SECTION,
            "what it is, see IvhdSpecialVariety");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IVHD special entry", SECTION, SIZE,
            TYPE, ByteField.reserved(0x01, 2, SECTION), DTE_SETTING, HANDLE, SOURCE_DEVICE_ID, VARIETY);

    private IvhdSpecialEntry() {
    }
}
