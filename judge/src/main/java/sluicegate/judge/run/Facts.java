package sluicegate.judge.run;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;

/**
 * What a program's outcome depends on of a machine. Programs can only be compared on machines with the same facts.
 *
 * @param make of its unit
 * @param buffer physical address of the memory that programs use, aligned to its size
 * @param bufferSize its size in bytes
 * @param memory where there is memory, ascending
 * @param pageSizes sum of the page sizes that domains have
 * @param addressBits bits of an IOVA
 * @param physicalBits bits of a physical address
 * @param reserved IOVAs that no domain may map while a device uses it, ascending
 * @param devices the devices that programs use, in the order of their numbers
 */
public record Facts(Make make, long buffer, long bufferSize, List<Span> memory, long pageSizes, int addressBits,
        int physicalBits, List<Span> reserved, List<Port> devices) {
    private static final long PROBED = 1L << 35;
    private static final long PROBE = 16L << 20;

    public Facts {
        memory = List.copyOf(memory);
        reserved = List.copyOf(reserved);
        devices = List.copyOf(devices);
    }

    /**
     * What programs need to know of a device.
     *
     * @param sourceId the requester id that its requests have when they reach the unit
     * @param group number of its group, counted from 0; devices of one group move together
     * @param addressBits how wide the addresses are that it can put on its bus
     * @param messages whether it may write to the interrupt address range
     * @param anyPages whether it can be tried with any pages; if not, with none that can't be read, no two that lead to the same
     *     address, and none that differ in address bits alone that a small table has no levels for
     */
    public record Port(int sourceId, int group, int addressBits, boolean messages, boolean anyPages) {}

    /** Where there is memory, looked for in pieces of 16 MiB. */
    static List<Span> spans(PhysicalMemory memory) {
        var spans = new ArrayList<Span>();
        for (long at = 0; at < PROBED; at += PROBE) {
            if (memory.contains(at, PROBE)) {
                boolean goesOn = !spans.isEmpty() && spans.get(spans.size() - 1).end() == at;
                long start = goesOn ? spans.remove(spans.size() - 1).start() : at;
                spans.add(new Span(start, at + PROBE));
            }
        }
        return spans;
    }

    /** Memory from {@code start} up to, not including, {@code end}. */
    public record Span(long start, long end) {
        @Override
        public String toString() {
            return Hex.range(start, end - start);
        }
    }

    /** How many devices programs can use. */
    public int deviceCount() {
        return devices.size();
    }

    /** Whether programs may use any pages. */
    public boolean anyPages() {
        return devices.stream().allMatch(Port::anyPages);
    }

    /** The first address behind the lowest memory. */
    public long memoryHole() {
        return memory.get(0).end();
    }

    /** Whether a device can put all of a range on its bus. */
    boolean reaches(int device, long iova, int length) {
        int bits = devices.get(device).addressBits;
        return bits == Long.SIZE || (iova | iova + length - 1) >>> bits == 0;
    }

    boolean isMemory(long address) {
        return memory.stream().anyMatch(span -> Long.compareUnsigned(span.start, address) <= 0
                && Long.compareUnsigned(address, span.end) < 0);
    }

    boolean inBuffer(long address, long length) {
        return Long.compareUnsigned(address - buffer, bufferSize) < 0
                && Long.compareUnsigned(address - buffer + length, bufferSize) <= 0;
    }

    @Override
    public String toString() {
        return make + ", buffer " + Hex.range(buffer, bufferSize) + ", memory " + memory + ", page sizes " + Hex.of(pageSizes) + ", "
                + addressBits + " of " + physicalBits + " bits, reserved " + reserved + ", " + devices;
    }
}
