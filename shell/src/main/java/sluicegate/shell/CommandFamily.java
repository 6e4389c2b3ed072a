package sluicegate.shell;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Process;
import sluicegate.api.types.IommuException;

/**
 * Commands that belong together: every method of a subclass with a {@code @Descriptor} is one. The subclass is a component
 * with {@code @GogoCommand}, whose function names are the names of these methods ({@code domainAlloc} as {@code
 * domain-alloc}).
 */
public abstract class CommandFamily {
    private final Lookup lookup;
    private final SortedMap<String, Command> commands = new TreeMap<>();

    CommandFamily(Platform platform) {
        this.lookup = new Lookup(platform);
        Arrays.stream(getClass().getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Descriptor.class))
                .map(method -> new Command(this, method))
                .sorted(Comparator.comparing(Command::name))
                .forEach(command -> commands.put(command.name(), command));
    }

    /** Its commands by name, without the scope. */
    final SortedMap<String, Command> commands() {
        return commands;
    }

    final Lookup lookup() {
        return lookup;
    }

    /**
     * What Gogo calls for every command of the family (a method of this name serves all functions of a service, and gets
     * the function's name in front of the arguments).
     *
     * @param words strings and not objects, so that Gogo hands over {@code 0011} as it was typed and not as the number 11
     */
    public final Object _main(CommandSession session, String[] words) {
        var command = commands.get(words[0]);
        var arguments = new ArrayList<String>();
        for (var word : Arrays.asList(words).subList(1, words.length)) {
            arguments.add(String.valueOf(word));
        }
        if (arguments.contains(Command.HELP)) {
            return command.help();
        }
        boolean json = arguments.contains(Command.JSON);
        try {
            var answer = command.run(session, lookup, arguments);
            return json && answer != null ? answer.asJson() : answer;
        } catch (CommandFailure e) {
            e.answer().filter(answer -> json).ifPresent(answer -> out(session).println(answer.asJson().text()));
            throw e;
        } catch (IommuException e) {
            throw new CommandFailure(e);
        }
    }

    /** Where a command prints that has something to say before it is done: the pipe that it stands in, or the console. */
    static PrintStream out(CommandSession session) {
        return Optional.ofNullable(Process.Utils.current()).map(Process::out).orElseGet(session::getConsole);
    }
}
