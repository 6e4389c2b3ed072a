package sluicegate.judge.program;

import java.util.List;
import java.util.stream.Collectors;

/** Steps to be run one after the other on a machine in which nothing is mapped or allocated by an application. */
public record Program(List<Step> steps) {
    public Program {
        steps = List.copyOf(steps);
    }

    /**
     * Reads a program from its text.
     *
     * @throws sluicegate.api.types.IommuException EINVAL naming the line
     */
    public static Program parse(String text) {
        return ProgramText.parse(text);
    }

    /** One step a line. */
    @Override
    public String toString() {
        return steps.stream().map(step -> step.text() + "\n").collect(Collectors.joining());
    }
}
