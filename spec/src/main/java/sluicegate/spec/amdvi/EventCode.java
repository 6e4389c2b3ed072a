package sluicegate.spec.amdvi;

import java.util.Optional;

import sluicegate.spec.Layout;

/**
 * What an event record tells: the values of {@link EventLogRecord#CODE}, section 2.5.
 */
public enum EventCode {
    /** A device table entry has a reserved bit set or a code that is not allowed. */
    ILLEGAL_DEV_TABLE_ENTRY(0x1, "2.5.2",
            "a device table entry has a reserved bit set or a code that is not allowed",
            IllegalDevTabEntryEvent.LAYOUT),
    /** A request was stopped by tables. */
    IO_PAGE_FAULT(0x2, "2.5.3", "a request was stopped by tables", IoPageFaultEvent.LAYOUT),
    /** A device table entry could not be read. */
    DEV_TAB_HARDWARE_ERROR(0x3, "2.5.4", "a device table entry could not be read", DevTabHardwareErrorEvent.LAYOUT),
    /** An entry of a table could not be read. */
    PAGE_TAB_HARDWARE_ERROR(0x4, "2.5.5", "an entry of a table could not be read", PageTabHardwareErrorEvent.LAYOUT),
    /** A command has a reserved code or a reserved bit set. */
    ILLEGAL_COMMAND_ERROR(0x5, "2.5.6",
            "a command has a reserved code or a reserved bit set",
            IllegalCommandEvent.LAYOUT),
    /** A command could not be read or its store failed. */
    COMMAND_HARDWARE_ERROR(0x6, "2.5.7",
            "a command could not be read or its store failed",
            CommandHardwareErrorEvent.LAYOUT),
    /** A device did not answer an invalidation in time. */
    IOTLB_INV_TIMEOUT(0x7, "2.5.8", "a device did not answer an invalidation in time", IotlbInvTimeoutEvent.LAYOUT),
    /** A request of a kind that the device may not issue. */
    INVALID_DEVICE_REQUEST(0x8, "2.5.9",
            "a request of a kind that the device may not issue",
            InvalidDeviceRequestEvent.LAYOUT),
    /** A page request of a device that may not ask. */
    INVALID_PPR_REQUEST(0x9, "2.5.10", "a page request of a device that may not ask", InvalidPprRequestEvent.LAYOUT),
    /** A performance counter wrapped. */
    EVENT_COUNTER_ZERO(0xA, "2.5.11", "a performance counter wrapped", EventCounterZeroEvent.LAYOUT),
    /** The reverse map table forbids an access. */
    RMP_PAGE_FAULT(0xD, "2.5.14", "the reverse map table forbids an access", RmpPageFaultEvent.LAYOUT),
    /** The reverse map table could not be read. */
    RMP_HW_ERROR(0xE, "2.5.15", "the reverse map table could not be read", RmpHardwareErrorEvent.LAYOUT);

    private final int code;
    private final String section;
    private final String meaning;
    private final Layout layout;

    EventCode(int code, String section, String meaning, Layout layout) {
        this.code = code;
        this.section = section;
        this.meaning = meaning;
        this.layout = layout;
    }

    /** The value in the record. */
    public int code() {
        return code;
    }

    /** Where the manual defines the record. */
    public String section() {
        return section;
    }

    /** One line for a person. */
    public String meaning() {
        return meaning;
    }

    /** The form of its records. */
    public Layout layout() {
        return layout;
    }

    /** The value with that code; empty for a reserved one. */
    public static Optional<EventCode> of(long code) {
        for (EventCode value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
