package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.types.IommuException;

/**
 * The table that says where PCI Express configuration space is in memory (PCI Firmware Specification 4.1.2).
 *
 * @param file path of the file it was read from
 * @param allocations in the order of the table
 * @param warnings what was odd, one sentence each with file and offset
 */
public record Mcfg(String file, List<Allocation> allocations, List<String> warnings) {

    public Mcfg {
        allocations = List.copyOf(allocations);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the table.
     *
     * @throws IommuException EINVAL with file, offset and the rule that was broken
     */
    public static Mcfg parse(FirmwareFile file) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The window for a bus. */
    public Optional<Allocation> find(int segment, int bus) {
        return allocations.stream()
                .filter(a -> a.segment() == segment && bus >= a.startBus() && bus <= a.endBus())
                .findFirst();
    }

    /**
     * One window.
     *
     * @param offset in the file, bytes
     * @param base physical address that bus 0 has or would have: 1 MiB for each bus, 4 KiB for each function
     * @param segment PCI segment
     * @param startBus first bus
     * @param endBus last bus, inclusive
     */
    public record Allocation(int offset, long base, int segment, int startBus, int endBus) {}
}
