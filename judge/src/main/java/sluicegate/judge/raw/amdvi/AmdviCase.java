package sluicegate.judge.raw.amdvi;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import sluicegate.judge.raw.Flipped;
import sluicegate.judge.raw.Flips;

/**
 * Correct tables that lead to a page or to an interrupt, with some bits inverted, and one DMA of four bytes.
 *
 * @param shape which tables there are
 * @param flips which bits are inverted
 * @param requestFlips bits of the address of the DMA that are inverted; of an interrupt, of its data
 * @param write whether it is a write
 */
public record AmdviCase(AmdviShape shape, Map<AmdviWord, Long> flips, long requestFlips, boolean write) implements Flipped<AmdviCase> {
    public AmdviCase {
        flips = Collections.unmodifiableMap(flips.isEmpty() ? new EnumMap<>(AmdviWord.class) : new EnumMap<>(flips));
    }

    @Override
    public List<AmdviCase> simpler() {
        var simpler = new ArrayList<AmdviCase>();
        if (requestFlips != 0) {
            simpler.add(new AmdviCase(shape, flips, 0, write));
        }
        Flips.fewer(flips).forEach(fewer -> simpler.add(new AmdviCase(shape, fewer, requestFlips, write)));
        return simpler;
    }

    long flipped(AmdviWord word) {
        return flips.getOrDefault(word, 0L);
    }

    /** {@code write, 4 host levels, page at level 1, dte0^0x4}. */
    @Override
    public String toString() {
        var text = new StringBuilder(write ? "write, " : "read, ").append(shape);
        flips.forEach((word, bits) -> text.append(Flips.text(word.text(), bits)));
        return text.append(Flips.text("request", requestFlips)).toString();
    }
}
