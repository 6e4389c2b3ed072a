package sluicegate.api.platform;

import java.util.Map;

/**
 * A device as its bus sees it: something that can issue DMA. Identity is object identity; a device that was removed and
 * came back is another object with the same name.
 */
public sealed interface BusDevice permits PciFunction, PlatformDevice {

    /** Name on the whole platform, as in sysfs: {@code 0000:00:1f.2}, {@code 2b400000.ethernet}. */
    String name();

    Bus bus();

    /** One line about what it is, for people. */
    String description();

    /** What the device's own DMA engine can issue. */
    DmaMaster dma();

    /**
     * Further facts that the platform knows of it, in the order in which people should read them; empty for most. A capture
     * tells here what the kernel had made of the device.
     */
    default Map<String, String> properties() {
        return Map.of();
    }

    /** Whether it may be made by an attacker: outside a trusted chassis ({@code pci_dev::untrusted}). */
    boolean untrusted();

    /**
     * The highest address that its bus lets through, whatever the device itself can name ({@code device::bus_dma_limit}); all of
     * 2^64 unless the platform knows of less.
     */
    default long dmaLimit() {
        return -1L;
    }

    /** Width in bits of the PASIDs that it can send, 0 if it sends none (PCI capability or {@code pasid-num-bits}). */
    int pasidBits();
}
