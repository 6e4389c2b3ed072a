package sluicegate.spec.acpi;

import java.util.Optional;

/** Types of device entries, AMD-Vi 5.2.2.2: the values of {@link IvhdEntry#TYPE}. */
public enum IvhdEntryType {
    /** Four bytes of padding. */
    PAD_4(0x00, "four bytes of padding"),
    /** All devices. */
    ALL(0x01, "all devices"),
    /** One device. */
    SELECT(0x02, "one device"),
    /** First of a range of devices. */
    RANGE_START(0x03, "first of a range of devices"),
    /** Last of a range of devices. */
    RANGE_END(0x04, "last of a range of devices"),
    /** Eight bytes of padding. */
    PAD_8(0x40, "eight bytes of padding"),
    /** One device that uses the id of another. */
    ALIAS_SELECT(0x42, "one device that uses the id of another"),
    /** First of a range of devices that use the id of another. */
    ALIAS_RANGE_START(0x43, "first of a range of devices that use the id of another"),
    /** One device, with extended setting. */
    EXTENDED_SELECT(0x46, "one device, with extended setting"),
    /** First of a range of devices, with extended setting. */
    EXTENDED_RANGE_START(0x47, "first of a range of devices, with extended setting"),
    /** I/O APIC or HPET. */
    SPECIAL(0x48, "I/O APIC or HPET"),
    /** Device that the ACPI name space names. */
    ACPI_HID(0xf0, "device that the ACPI name space names");

    private final int code;
    private final String meaning;

    IvhdEntryType(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the TYPE field. */
    public int code() {
        return code;
    }

    /** What it is, for a person. */
    public String meaning() {
        return meaning;
    }

    /** The one with that code; empty for any other. */
    public static Optional<IvhdEntryType> of(long code) {
        for (IvhdEntryType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
