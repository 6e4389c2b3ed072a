package sluicegate.spec.acpi;

import java.util.Optional;

/** Types of device scopes, VT-d 8.3.1: the values of {@link DeviceScope#TYPE}. */
public enum DeviceScopeType {
    /** PCI endpoint device. */
    PCI_ENDPOINT(0x01, "PCI endpoint device"),
    /** PCI bridge and all below it. */
    PCI_SUB_HIERARCHY(0x02, "PCI bridge and all below it"),
    /** I/O APIC. */
    IO_APIC(0x03, "I/O APIC"),
    /** HPET that sends MSI. */
    HPET(0x04, "HPET that sends MSI"),
    /** ACPI name-space device. */
    ACPI_DEVICE(0x05, "ACPI name-space device");

    private final int code;
    private final String meaning;

    DeviceScopeType(int code, String meaning) {
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
    public static Optional<DeviceScopeType> of(long code) {
        for (DeviceScopeType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
