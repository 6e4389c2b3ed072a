package sluicegate.qemu.dma;

import java.util.List;
import sluicegate.qemu.qtest.Line;

/** The words in which QEMU's model of one kind of unit tells what it does. */
public interface UnitTrace {

    /** The trace events that have to be on ({@code -trace}). */
    List<String> events();

    /** Takes a line if it is one of those events, and tells {@code trace} what it says. */
    boolean read(Line line, DmaTrace trace);
}
