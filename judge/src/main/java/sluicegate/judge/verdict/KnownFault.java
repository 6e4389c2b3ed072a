package sluicegate.judge.verdict;

import java.util.Optional;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome;

/** A fault of a machine that is known and not ours to mend: it may explain why an outcome is not the expected one. */
public interface KnownFault {

    /** Its name in reports. */
    String name();

    /** What the machine does wrong, in one sentence. */
    String sentence();

    /** Whether it is why a step ended as it did. */
    boolean explains(Observation seen);

    /**
     * A step whose outcome is not the expected one.
     *
     * @param domain the domain that the step's device is in; empty for its default domain and for steps without device
     * @param history what the machine may have cached
     */
    record Observation(Step step, Outcome expected, Outcome actual, Optional<String> domain, CachedPages history) {}
}
