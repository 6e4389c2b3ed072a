package sluicegate.judge.raw;

import sluicegate.judge.run.Outcome;

/** A machine's unit with nobody in between: registers, tables and one device. Used by one thread. @param <C> what it is tried with */
public interface RawBench<C> extends AutoCloseable {
    /** Kind of the machine. */
    String kind();

    /** What should come of a case, by the manual. */
    Outcome expected(C raw);

    /** What comes of it. */
    Outcome run(C raw);

    /** Whether the page was written to by the latest case. */
    boolean pageWritten();

    @Override
    void close();
}
