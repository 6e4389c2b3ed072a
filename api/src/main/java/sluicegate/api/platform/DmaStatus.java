package sluicegate.api.platform;

/** How a device sees its DMA end. Why an access faulted, only the unit knows. */
public enum DmaStatus {
    /** All bytes were transferred. */
    OK,
    /** The unit or the fabric refused the request: unsupported request or completer abort. */
    FAULT,
    /** The function's bus master bit is off, or the platform fences it: the request never left the device. */
    BUS_MASTER_OFF,
    /** The translated address is not memory. */
    NO_TARGET,
    /** The machine is off, or the device was removed. */
    GONE
}
