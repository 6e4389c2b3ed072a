package sluicegate.launch;

import java.util.List;
import java.util.Optional;

/**
 * What the start script asked for: commands given in place, a script file with arguments, or neither (then commands come
 * from standard input). The start script itself handles everything else.
 *
 * @param commands the text after {@code -c}
 * @param script the name of a script file
 * @param arguments what follows either of them, seen by the script as {@code $1} and so on
 */
record CommandLine(Optional<String> commands, Optional<String> script, List<String> arguments) {

    CommandLine {
        arguments = List.copyOf(arguments);
    }

    static CommandLine parse(List<String> words) {
        if (words.isEmpty()) {
            return new CommandLine(Optional.empty(), Optional.empty(), List.of());
        }
        if (!words.get(0).equals("-c")) {
            return new CommandLine(Optional.empty(), Optional.of(words.get(0)), words.subList(1, words.size()));
        }
        if (words.size() == 1) {
            throw new IllegalArgumentException("-c needs the commands to run, as one argument");
        }
        return new CommandLine(Optional.of(words.get(1)), Optional.empty(), words.subList(2, words.size()));
    }
}
