package sluicegate.judge.generate;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.types.Prot;
import sluicegate.judge.program.Place;
import sluicegate.judge.run.Facts;

/**
 * Where a program maps: a few neighbourhoods of IOVAs, each around an edge at which something can go wrong, and few targets, so that
 * ranges meet.
 */
final class Addresses {
    static final long PAGE = 0x1000;
    static final long MEGA = 0x20_0000;
    static final long GIGA = 0x4000_0000;
    static final int RW = Prot.READ | Prot.WRITE;
    private static final long INTERRUPTS = 0xfee0_0000L;
    private static final long INTERRUPTS_END = 0xfef0_0000L;
    private static final int NEIGHBOURHOODS = 3;
    /** No machine has memory or registers here. */
    private static final Place NOWHERE = Place.at(0x8_0000_0000L);

    private final Dice dice;
    private final Facts facts;
    private final List<Long> edges = new ArrayList<>();

    Addresses(Dice dice, Facts facts) {
        this.dice = dice;
        this.facts = facts;
        var reserved = facts.reserved().get(0);
        var all = new ArrayList<>(List.of(0L, MEGA, GIGA, 3 * GIGA, reserved.start(), reserved.end(), 1L << 32,
                dice.bits() & (1L << facts.addressBits() - 1) - GIGA));
        if (facts.anyPages()) {
            all.addAll(List.of(1L << 39, 1L << facts.addressBits()));
        }
        for (int i = 0; i < NEIGHBOURHOODS; i++) {
            edges.add(all.remove(dice.below(all.size())));
        }
    }

    /** A range to be mapped. */
    record Range(long iova, Place target, long size, int prot) {}

    /** An address in a page near an edge. */
    long anywhere() {
        return page() + dice.below((int) PAGE);
    }

    /** A page near an edge; below 0 is the top of all addresses. */
    long page() {
        long edge = dice.of(edges);
        boolean upwards = edge == 0 && (!facts.anyPages() || !dice.percent(5));
        int offset = upwards ? dice.between(0, 8) : dice.between(-5, 5);
        return (edge & -PAGE) + offset * PAGE;
    }

    Range range() {
        int kind = dice.below(100);
        if (kind < 55) {
            return small(dice.percent(90) ? dice.between(1, 6) : dice.between(7, 64));
        } else if (kind < 80) {
            return large();
        } else if (kind < 85) {
            return giant();
        } else if (kind < 90) {
            return new Range(page(), new Place(false, NOWHERE.offset() + dice.below(8) * PAGE), dice.between(1, 4) * PAGE, prot());
        } else if (kind < 94) {
            return new Range(page(), Place.at(dice.percent(50) ? INTERRUPTS - 2 * PAGE : INTERRUPTS_END - 2 * PAGE),
                    dice.between(1, 4) * PAGE, prot());
        }
        return odd();
    }

    private Range small(int pages) {
        long iova = page();
        return new Range(iova, dice.percent(60) ? target(iova) : target(iova, dice.below(6) * MEGA + (iova & MEGA - 1)), pages * PAGE,
                prot());
    }

    /** One of few targets. */
    Place target(long iova) {
        return target(iova, dice.below(24) * PAGE);
    }

    /** That place in the buffer; or, if not any pages may be used, the only one for that page. */
    private Place target(long iova, long offset) {
        return Place.inBuffer(facts.anyPages() ? offset : iova & facts.bufferSize() / 2 - 1);
    }

    /** Where a page of 2 MiB fits, alone or between small ones. */
    private Range large() {
        long iova = (dice.of(edges) & -MEGA) + dice.between(-1, 1) * MEGA;
        long target = dice.below(4) * MEGA;
        int before = dice.percent(30) ? dice.between(1, 3) : 0;
        int after = dice.percent(30) ? dice.between(1, 3) : 0;
        if (before == 0) {
            return new Range(iova, target(iova, target), dice.between(1, 2) * MEGA + after * PAGE, prot());
        }
        long start = iova - before * PAGE;
        return new Range(start, target(start, target + MEGA - before * PAGE), MEGA + (before + after) * PAGE, prot());
    }

    /** A page of 1 GiB: all memory is in its first part, nothing in the rest. */
    private Range giant() {
        long iova = (dice.of(edges) & -GIGA) + dice.between(-1, 1) * GIGA;
        long size = GIGA * dice.between(1, 2) + (dice.percent(30) ? MEGA + PAGE : 0);
        return new Range(iova, Place.at(0), size, prot());
    }

    /** What must be refused, or is at the border of that. */
    private Range odd() {
        var range = small(dice.between(1, 3));
        return switch (dice.below(6)) {
            case 0 -> new Range(range.iova() + dice.between(1, 4095), range.target(), range.size(), range.prot());
            case 1 -> new Range(range.iova(), new Place(true, range.target().offset() + 0x800), range.size(), range.prot());
            case 2 -> new Range(range.iova(), range.target(), range.size() - dice.between(1, 4095), range.prot());
            case 3 -> new Range(range.iova(), range.target(), 0, range.prot());
            case 4 -> new Range(range.iova(), range.target(), range.size(), 0);
            default -> new Range((1L << facts.addressBits()) - dice.between(0, 3) * PAGE, range.target(), range.size(), range.prot());
        };
    }

    int prot() {
        return dice.percent(60) ? RW : dice.percent(60) || !facts.anyPages() ? Prot.READ : Prot.WRITE;
    }
}
