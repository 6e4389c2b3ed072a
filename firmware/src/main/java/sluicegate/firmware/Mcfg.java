package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.acpi.McfgAllocation;
import sluicegate.spec.acpi.McfgTable;

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
        AcpiTable.check(file, McfgTable.SIGNATURE);
        var data = file.bytes();
        int rest = data.length - McfgTable.SIZE;
        if (rest < 0 || rest % McfgAllocation.SIZE != 0) {
            throw file.malformed(Math.min(data.length, McfgTable.SIZE),
                    "the table has %d bytes, which is not %d and a multiple of %d for its allocations",
                    data.length, McfgTable.SIZE, McfgAllocation.SIZE);
        }
        var allocations = new ArrayList<Allocation>();
        for (int at = McfgTable.SIZE; at < data.length; at += McfgAllocation.SIZE) {
            var found = new Allocation(at, McfgAllocation.BASE_ADDRESS.get(data, at),
                    (int) McfgAllocation.SEGMENT.get(data, at), (int) McfgAllocation.START_BUS.get(data, at),
                    (int) McfgAllocation.END_BUS.get(data, at));
            check(file, found, allocations);
            allocations.add(found);
        }
        var warnings = allocations.isEmpty() ? List.of(file.at(0) + ": the table has no allocation") : List.<String>of();
        return new Mcfg(file.path(), allocations, warnings);
    }

    private static void check(FirmwareFile file, Allocation found, List<Allocation> others) {
        if (found.endBus() < found.startBus()) {
            throw file.malformed(found.offset(), "the allocation ends at bus %02x, before it starts at bus %02x",
                    found.endBus(), found.startBus());
        }
        if (found.base() == 0 || (found.base() & 0xfffff) != 0) {
            throw file.malformed(found.offset(), "the allocation's base %s is no multiple of 1 MiB above 0",
                    Hex.of(found.base()));
        }
        for (var other : others) {
            if (other.segment() == found.segment()
                    && found.startBus() <= other.endBus() && other.startBus() <= found.endBus()) {
                throw file.malformed(found.offset(), "buses %02x-%02x of segment %04x overlap those of the allocation at 0x%x",
                        found.startBus(), found.endBus(), found.segment(), other.offset());
            }
        }
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
