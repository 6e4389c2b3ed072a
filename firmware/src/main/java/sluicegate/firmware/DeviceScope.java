package sluicegate.firmware;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Names a device in a DMAR structure, by the way that leads to it (VT-d 8.3.1).
 *
 * @param offset where it starts in the table's file, in bytes
 * @param kind what it names
 * @param flags what SIDP says about the device ({@link sluicegate.spec.acpi.DeviceScope#FLAG_BITS}); else 0
 * @param enumerationId APIC id of an I/O APIC, HPET number, ANDD device number; else 0
 * @param startBus the bus on which the path starts, 0 to 255
 * @param path one hop for each bridge on the way and one for the device itself; at least one
 */
public record DeviceScope(
        int offset, Kind kind, int flags, int enumerationId, int startBus, List<Hop> path) {

    public DeviceScope {
        Objects.requireNonNull(kind, "kind");
        path = List.copyOf(path);
    }

    /** What a scope can name. */
    public enum Kind {
        /** One PCI function. */
        PCI_ENDPOINT,
        /** A bridge and everything behind it. */
        PCI_SUB_HIERARCHY,
        IOAPIC,
        MSI_CAPABLE_HPET,
        /** A device without a place on PCI, declared by an ANDD structure. */
        ACPI_NAMESPACE_DEVICE;

        /** Whether such a scope names a PCI function that is to be found on its bus. */
        public boolean isPci() {
            return this == PCI_ENDPOINT || this == PCI_SUB_HIERARCHY;
        }
    }

    /**
     * One step of a path.
     *
     * @param device 0 to 31
     * @param function 0 to 7
     */
    public record Hop(int device, int function) {
        @Override
        public String toString() {
            return String.format("%02x.%x", device, function);
        }
    }

    /** The path for people: {@code 00:1c.4/00.0}. */
    public String pathText() {
        return String.format("%02x:", startBus) + path.stream().map(Hop::toString).collect(Collectors.joining("/"));
    }
}
