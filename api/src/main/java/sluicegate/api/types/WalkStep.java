package sluicegate.api.types;

import java.util.List;

/**
 * One entry that the hardware reads on its way from a request to an address: a root, context, stream or device table
 * entry, a PASID entry, or an entry of a page table level.
 *
 * @param entry what it is, in the manual's words, such as {@code context entry} or {@code second-stage level 2 (PDE)}
 * @param address physical address from which it was read
 * @param words its raw contents as 64-bit little-endian words, lowest address first
 * @param fields its fields decoded, most significant first
 * @param outcome what this entry decided: where the walk goes on, the page it ends in, or the reason why it faults
 */
public record WalkStep(String entry, long address, List<Long> words, List<DecodedField> fields, String outcome) {
    public WalkStep {
        words = List.copyOf(words);
        fields = List.copyOf(fields);
    }
}
