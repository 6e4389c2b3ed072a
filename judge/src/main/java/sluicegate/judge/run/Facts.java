package sluicegate.judge.run;

import java.util.List;
import sluicegate.api.types.Hex;

/**
 * What a program's outcome depends on of a machine. Programs can only be compared on machines with the same facts.
 *
 * @param buffer physical address of the memory that programs use, aligned to its size
 * @param bufferSize its size in bytes
 * @param memory where there is memory, ascending
 * @param pageSizes sum of the page sizes that domains have
 * @param addressBits bits of an IOVA
 * @param sourceIds for each device that programs use, the requester id that its requests have when they reach the unit
 * @param addressable for each of them how many bits of an address it can put on its bus; programs use no more
 * @param groups for each of them the number of its group, counted from 0; devices of one group move together
 */
public record Facts(long buffer, long bufferSize, List<Span> memory, long pageSizes, int addressBits, List<Integer> sourceIds,
        List<Integer> addressable, List<Integer> groups) {
    public Facts {
        memory = List.copyOf(memory);
        sourceIds = List.copyOf(sourceIds);
        addressable = List.copyOf(addressable);
        groups = List.copyOf(groups);
    }

    /** Memory from {@code start} up to, not including, {@code end}. */
    public record Span(long start, long end) {
        @Override
        public String toString() {
            return Hex.range(start, end - start);
        }
    }

    /** How many devices programs can use. */
    public int devices() {
        return sourceIds.size();
    }

    /** The first address behind the lowest memory. */
    public long memoryHole() {
        return memory.get(0).end();
    }

    /** Whether a device can put all of a range on its bus. */
    boolean reaches(int device, long iova, int length) {
        int bits = addressable.get(device);
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
        return "buffer " + Hex.range(buffer, bufferSize) + ", memory " + memory + ", page sizes " + Hex.of(pageSizes)
                + ", " + addressBits + " bits, sources " + sourceIds.stream().map(id -> Hex.of(id)).toList()
                + " in groups " + groups;
    }
}
