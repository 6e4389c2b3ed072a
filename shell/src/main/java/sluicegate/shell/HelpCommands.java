package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Help and completion for the commands of all families.
 *
 * <p>Gogo's own {@code help} finds a command by a Java method of its name, so it can't know {@code domain-alloc}. With {@code
 * iommu} in front of the session's {@code SCOPE}, {@code help} means this one; it passes on what it does not know.
 */
@GogoCommand(scope = Command.SCOPE, function = {"help", "completions", "_candidates"})
@Component(service = HelpCommands.class)
public final class HelpCommands {
    private static final String GOGO_HELP = "felix:help";

    private final Lookup lookup;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    volatile List<CommandFamily> families = List.of();

    @Activate
    public HelpCommands(@Reference Platform platform) {
        lookup = new Lookup(platform);
    }

    private SortedMap<String, Command> commands() {
        var commands = new TreeMap<String, Command>();
        families.forEach(family -> commands.putAll(family.commands()));
        return commands;
    }

    private Optional<Command> command(String name) {
        var prefix = Command.SCOPE + ":";
        return Optional.ofNullable(commands().get(name.startsWith(prefix) ? name.substring(prefix.length()) : name));
    }

    /** Explains all commands, or those that are named. */
    @Descriptor("explains commands")
    public Object help(CommandSession session, @Descriptor("commands") String[] names) throws Exception {
        if (names.length == 0) {
            return overview(session);
        }
        var texts = new ArrayList<String>();
        for (var name : names) {
            var command = command(name);
            if (command.isPresent()) {
                texts.add(command.get().help());
            } else if (session.get(GOGO_HELP) != null && !name.startsWith(Command.SCOPE + ":")) {
                texts.add(gogoHelp(session, name));
            } else {
                throw new CommandFailure("There is no command '" + name + "'" + NearMatches.question(name,
                        commands().keySet().stream().map(known -> Command.SCOPE + ":" + known).toList()));
            }
        }
        return String.join("\n\n", texts);
    }

    private String overview(CommandSession session) {
        var lines = new ArrayList<List<String>>();
        commands().values().forEach(
                command -> lines.add(List.of(Command.SCOPE + ":" + command.name(), command.description())));
        return Table.align(lines) + "\n\nhelp COMMAND explains one; each takes --json and --help"
                + (session.get(GOGO_HELP) == null ? "." : "; " + GOGO_HELP + " lists the commands of others.");
    }

    /** The name goes as a variable, so that nothing in it is taken for a program. */
    private static String gogoHelp(CommandSession session, String name) throws Exception {
        var variable = "sluicegate.help";
        session.put(variable, name);
        try {
            return String.valueOf(session.execute(GOGO_HELP + " ${" + variable + "}")).strip();
        } finally {
            session.put(variable, null);
        }
    }

    /**
     * The program that tells a session how to complete these commands. A shell runs it once, after its line reader is in
     * place: {@code session.execute(session.execute("iommu:completions").toString())}.
     */
    @Descriptor("prints the Gogo program that teaches a session to complete the commands of iommu")
    public String completions() {
        var program = new StringBuilder();
        for (var command : commands().values()) {
            var complete = "complete -c " + Command.SCOPE + ":" + command.name();
            program.append(complete).append(" -e\n");
            program.append(complete).append(" -d ").append(quoted(command.description())).append('\n');
            command.options().forEach((option, description) -> program.append(complete).append(" -l ")
                    .append(option.substring(2)).append(" -d ").append(quoted(description)).append('\n'));
            program.append(complete).append(" -a 'iommu:_candidates ($.commandLine wordIndex) ($.commandLine words)'\n");
        }
        var help = "complete -c " + Command.SCOPE + ":help";
        program.append(help).append(" -e\n").append(help).append(" -d 'Explains commands.'\n").append(help)
                .append(" -a 'iommu:_candidates ($.commandLine wordIndex) ($.commandLine words)'\n");
        return program.toString();
    }

    /** A single quote ends the quotation, stands by itself, and begins it anew. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /**
     * What may stand where the cursor is.
     *
     * @param index the cursor's word
     * @param words of the statement, its command first
     */
    @Descriptor("what TAB offers in a line")
    public List<String> _candidates(int index, List<String> words) {
        if (index < 1 || words.isEmpty()) {
            return List.of();
        }
        var before = words.subList(1, Math.min(index, words.size()));
        if (words.get(0).equals("help") || words.get(0).equals(Command.SCOPE + ":help")) {
            var prefix = index < words.size() && words.get(index).startsWith(Command.SCOPE) ? Command.SCOPE + ":" : "";
            return commands().keySet().stream().map(name -> prefix + name).toList();
        }
        return command(words.get(0)).map(command -> command.candidates(lookup, before)).orElse(List.of());
    }
}
