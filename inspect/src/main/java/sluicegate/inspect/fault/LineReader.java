package sluicegate.inspect.fault;

import java.util.Optional;

/** Finds the faults of one vendor in the lines of a log. Immutable; what is found is kept in a {@link Draft}. */
interface LineReader {

    /** The fault that begins in a line. */
    Optional<Draft> begin(int number, String line);

    /**
     * Takes from a later line what belongs to a fault that began before. May be asked about any line.
     *
     * @return whether something in it did
     */
    boolean goOn(Draft draft, String line);

    /** How many lines of others may stand between the lines of one fault. */
    default int patience() {
        return 0;
    }
}
