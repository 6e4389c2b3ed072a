package sluicegate.judge.raw;

import java.util.List;

/** Correct tables with some bits inverted, and one DMA of four bytes. @param <C> its own type */
public interface Flipped<C> {
    /** Whether the DMA is a write. */
    boolean write();

    /** The same with one bit less inverted; one case for each bit. */
    List<C> simpler();
}
