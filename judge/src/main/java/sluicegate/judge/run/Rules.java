package sluicegate.judge.run;

import java.util.Optional;
import java.util.function.IntFunction;
import sluicegate.api.types.Access;
import sluicegate.judge.program.Step;

/** What hardware of one make does with DMA, by its manual alone. It has no tables and no caches. */
abstract class Rules {
    private final Facts facts;

    Rules(Facts facts) {
        this.facts = facts;
    }

    final Facts facts() {
        return facts;
    }

    /**
     * What becomes of the part of a request that lies in one page of 4 KiB.
     *
     * @param domain the device's: of the program, {@link Step#IDENTITY}, {@link Step#BLOCKED}, or one that maps nothing
     * @param leaf the page that the domain maps there
     */
    abstract Verdict verdict(Facts.Port device, String domain, Optional<Mapped.Leaf> leaf, long iova, int length, Access access);

    /** Whether a request may be made at all: it has to mean the same on every machine. */
    boolean isClear(long iova, int length) {
        return true;
    }

    /** Whether a part stays out of registers that are not the program's, and wakes nobody. */
    abstract boolean isSafe(Facts.Port device, Access access, long iova, Verdict verdict);

    /** Devices are in other domains now. @param domainOf by number of the device */
    void moved(IntFunction<String> domainOf) {}

    /** A new driver was bound. */
    void renewed() {}
}
