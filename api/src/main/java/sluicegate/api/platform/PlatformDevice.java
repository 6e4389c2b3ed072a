package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;

/** A device that is described by firmware alone, with no bus to discover it. */
@ProviderType
public non-sealed interface PlatformDevice extends BusDevice {
    /**
     * Key of {@link #properties}: {@code yes} if its transactions may wait for software when they fault (device tree {@code
     * dma-can-stall}, stall flag of an IORT named component).
     */
    String CAN_STALL = "dma-can-stall";
}
