package sluicegate.judge.verdict;

import sluicegate.judge.program.Program;

/**
 * Where a machine did something else than it should.
 *
 * @param program what ran
 * @param step number of the step, from 0; the number of steps for what showed when all had run
 * @param subject the machine
 * @param expected what should have come of it
 * @param actual what came of it
 */
public record Difference(Program program, int step, String subject, String expected, String actual) {

    /** The program up to the step. */
    Program upToHere() {
        return new Program(program.steps().subList(0, Math.min(step + 1, program.steps().size())));
    }

    /** The program up to the step, with what went wrong behind it. */
    @Override
    public String toString() {
        var where = step < program.steps().size() ? "" : "# after all steps\n";
        return upToHere() + where + "# " + subject + "\n#   expected: " + expected
                + "\n#   but was:  " + actual + "\n";
    }
}
