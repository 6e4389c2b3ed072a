package sluicegate.spec.amdvi;

import java.util.Optional;

/**
 * Which request INVALID_DEVICE_REQUEST tells of, section 2.5.9: with TR clear.
 */
public enum DeviceRequestType {
    /** A read or non-posted write in the interrupt address range. */
    INTERRUPT_RANGE_READ(0x0, "a read or non-posted write in the interrupt address range"),
    /** A translated request of a device with DTE.I or DTE.V clear. */
    PRETRANSLATED(0x1, "a translated request of a device with DTE.I or DTE.V clear"),
    /** Port I/O of a device whose DTE.IOCTL aborts it. */
    PORT_IO(0x2, "port I/O of a device whose DTE.IOCTL aborts it"),
    /** A posted write to an address of the system management range that is not valid. */
    SYSTEM_MANAGEMENT_WRITE(0x3, "a posted write to an address of the system management range that is not valid"),
    /** A read or non-posted write that is not valid. */
    SYSTEM_MANAGEMENT_READ(0x4, "a read or non-posted write that is not valid"),
    /** An interrupt of a device whose DTE.INTCTL aborts it. */
    INTERRUPT_CONTROL(0x5, "an interrupt of a device whose DTE.INTCTL aborts it"),
    /** A posted write to a reserved interrupt address. */
    INTERRUPT_RESERVED(0x6, "a posted write to a reserved interrupt address"),
    /** A system management message of a device whose DTE.SYSMGT aborts it. */
    SYSTEM_MANAGEMENT_CONTROL(0x7, "a system management message of a device whose DTE.SYSMGT aborts it");

    private final int code;
    private final String meaning;

    DeviceRequestType(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the record. */
    public int code() {
        return code;
    }

    /** One line for a person. */
    public String meaning() {
        return meaning;
    }

    /** The value with that code; empty for a reserved one. */
    public static Optional<DeviceRequestType> of(long code) {
        for (DeviceRequestType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
