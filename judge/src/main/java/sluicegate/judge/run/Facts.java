package sluicegate.judge.run;

import java.util.List;
import sluicegate.api.types.Hex;

/**
 * What a program's outcome depends on of a machine. Programs can only be compared on machines with the same facts.
 *
 * @param buffer physical address of the memory that programs use, aligned to its size
 * @param bufferSize its size in bytes
 * @param ramEnd end of the machine's memory, which begins at 0
 * @param pageSizes sum of the page sizes that domains have
 * @param addressBits bits of an IOVA
 * @param sourceIds requester ids of the devices that programs use
 */
public record Facts(long buffer, long bufferSize, long ramEnd, long pageSizes, int addressBits, List<Integer> sourceIds) {
    public Facts {
        sourceIds = List.copyOf(sourceIds);
    }

    /** How many devices programs can use. */
    public int devices() {
        return sourceIds.size();
    }

    boolean inBuffer(long address, long length) {
        return Long.compareUnsigned(address - buffer, bufferSize) < 0
                && Long.compareUnsigned(address - buffer + length, bufferSize) <= 0;
    }

    @Override
    public String toString() {
        return "buffer " + Hex.range(buffer, bufferSize) + ", memory to " + Hex.of(ramEnd) + ", page sizes " + Hex.of(pageSizes)
                + ", " + addressBits + " bits, sources " + sourceIds.stream().map(id -> Hex.of(id)).toList();
    }
}
