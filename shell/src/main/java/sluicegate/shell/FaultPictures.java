package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import sluicegate.api.types.Hex;
import sluicegate.inspect.DecodedFault;
import sluicegate.inspect.FaultLog;
import sluicegate.inspect.FaultTally;

/** Decoded faults for a person. */
final class FaultPictures {
    /** As many kinds are explained; the rest is counted. */
    private static final int EXPLAINED = 20;

    private FaultPictures() {}

    static String each(List<DecodedFault> faults) {
        return faults.stream().map(fault -> picture(fault, List.of())).collect(Collectors.joining("\n\n"));
    }

    static String log(FaultLog log) {
        var tallies = log.tallies();
        var parts = new ArrayList<String>();
        parts.add(String.format("%s in %s, %s of them different", counted(log.faults().size(), "fault"), counted(log.lines(), "line"),
                tallies.size()));
        tallies.stream().limit(EXPLAINED).forEach(tally -> parts.add(picture(tally.example(), counts(tally))));
        if (tallies.size() > EXPLAINED) {
            parts.add(String.format("%d more kinds; --json has every fault", tallies.size() - EXPLAINED));
        }
        return String.join("\n\n", parts);
    }

    private static List<String> counts(FaultTally tally) {
        var lines = new ArrayList<String>();
        if (tally.count() > 1) {
            lines.add(String.format("%d times, lines %d to %d", tally.count(), tally.example().number(), tally.lastLine()));
            if (tally.lowest().isPresent() && tally.lowest().getAsLong() != tally.highest().orElseThrow()) {
                lines.add(String.format("addresses from %s to %s", Hex.of(tally.lowest().getAsLong()), Hex.of(tally.highest().getAsLong())));
            }
        } else {
            lines.add("line " + tally.example().number());
        }
        return lines;
    }

    private static String picture(DecodedFault fault, List<String> where) {
        var lines = new ArrayList<String>();
        lines.add(fault.title());
        where.forEach(text -> lines.add("  " + text));
        lines.add("  " + fault.meaning());
        lines.add("  likely causes:");
        int rank = 1;
        for (var cause : fault.causes()) {
            lines.add("    " + rank++ + ". " + cause);
        }
        lines.add("  look at:");
        fault.next().forEach(text -> lines.add("    - " + text));
        return String.join("\n", lines);
    }

    private static String counted(int count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }
}
