package sluicegate.launch;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.gogo.runtime.CommandSessionImpl;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.jline.reader.LineReader;
import org.jline.terminal.Terminal;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * The main thread of the runtime. The launcher calls it when the framework runs, and exits with what it returns.
 *
 * <p>Configured by the properties {@code sluicegate.machine} (what to boot first, {@code none} for nothing),
 * {@code sluicegate.interactive} (whether a person sits at the terminal) and {@code sluicegate.state} (where the history is
 * kept); the start script sets them.
 */
@Component(service = Callable.class, property = "main.thread:Boolean=true")
public final class ShellMain implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String BOOT = "iommu:boot";
    private static final String COMPLETIONS = "iommu:completions";

    private final BundleContext context;
    private final CommandProcessor processor;
    private final ServiceComponentRuntime components;
    private final List<String> arguments;

    // Standard streams by descriptor: System.out is Gogo's by now and would send everything back to the session.
    private final InputStream in = new FileInputStream(FileDescriptor.in);
    private final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);

    private volatile boolean stopping;
    private volatile Optional<Terminal> atWork = Optional.empty();

    /** Made by Declarative Services; the launcher's service carries the command line. */
    @Activate
    public ShellMain(BundleContext context, @Reference CommandProcessor processor,
            @Reference ServiceComponentRuntime components,
            @Reference(service = Object.class, target = "(launcher.arguments=*)") Map<String, Object> launcher) {
        this.context = context;
        this.processor = processor;
        this.components = components;
        this.arguments = List.of((String[]) launcher.get("launcher.arguments"));
    }

    /** Whoever stops this bundle or the framework must not wait for somebody at the prompt. */
    @Deactivate
    void deactivate() throws IOException {
        stopping = true;
        if (atWork.isPresent()) {
            atWork.get().close();
        }
    }

    @Override
    public Integer call() throws Exception {
        CommandLine commandLine;
        try {
            commandLine = CommandLine.parse(arguments);
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return ExitStatus.USAGE;
        }
        for (String missing : new Readiness(context, components).awaitCommands(PATIENCE)) {
            err.println("commands of " + missing + " are missing: what it depends on did not start (the log may say why)");
        }
        boolean person = arguments.isEmpty() && Boolean.parseBoolean(context.getProperty("sluicegate.interactive"));
        return person ? converse() : runScript(commandLine);
    }

    private int runScript(CommandLine commandLine) throws IOException {
        try (Terminal terminal = Terminals.ofScript(in, out);
                CommandSession session = session(in, out, err, terminal)) {
            try {
                bootMachine();
                Runner runner = new Runner(session, out);
                numberArguments(session, commandLine.arguments());
                if (commandLine.commands().isPresent()) {
                    runner.run(commandLine.commands().get());
                } else if (commandLine.script().isPresent()) {
                    Path script = Path.of(commandLine.script().get());
                    if (!Files.isReadable(script)) {
                        err.println(script + ": no such script, or not readable");
                        return ExitStatus.NOT_FOUND;
                    }
                    session.put("0", script);
                    runner.run(Files.readString(script));
                } else {
                    runner.run(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)));
                }
                return ExitStatus.OK;
            } catch (ExitRequest e) {
                return e.status();
            } catch (Exception e) {
                err.println(ExitStatus.describe(e));
                return ExitStatus.of(e);
            } finally {
                out.flush();
            }
        }
    }

    private int converse() throws Exception {
        try (Terminal terminal = Terminals.ofPerson();
                CommandSession session = session(Terminals.inputForCommands(terminal), terminal.output(), terminal.output(), terminal)) {
            atWork = Optional.of(terminal);
            property("sluicegate.state").ifPresent(state -> session.put(LineReader.HISTORY_FILE, Path.of(state, "history")));
            Interactive interactive = new Interactive(session, terminal, () -> stopping);
            completionsOfGogo(session, terminal);
            completionsOfPlatform(session);
            session.put("prompt", "iommu> ");
            String running;
            try {
                running = bootMachine().map(machine -> "machine " + machine).orElse("no machine");
            } catch (Exception e) {
                interactive.fail(ExitStatus.describe(e));
                running = "no machine";
            }
            terminal.writer().println(banner(session, running));
            terminal.flush();
            return interactive.run(new Runner(session, session.getConsole()));
        } finally {
            atWork = Optional.empty();
        }
    }

    private CommandSession session(InputStream input, OutputStream output, OutputStream errors, Terminal terminal) {
        CommandSession session = processor.createSession(input, output, errors);
        session.put(Shell.VAR_TERMINAL, terminal);
        session.put(Shell.VAR_PROCESSOR, processor);
        session.put(Shell.VAR_SESSION, session);
        session.put("SCOPE", "iommu:gogo:*");
        session.put("#TERM", (Function) (s, none) -> terminal.getType());
        session.put("#COLUMNS", (Function) (s, none) -> terminal.getWidth());
        session.put("#LINES", (Function) (s, none) -> terminal.getHeight());
        session.put("#PWD", (Function) (s, none) -> s.currentDir().toString());
        session.put("exit", (Function) (s, status) -> {
            throw new ExitRequest(status.isEmpty() ? ExitStatus.OK : Integer.parseInt(status.get(0).toString()));
        });
        return session;
    }

    private static void numberArguments(CommandSession session, List<String> arguments) {
        session.put("args", arguments);
        for (int i = 0; i < arguments.size(); i++) {
            session.put(String.valueOf(i + 1), arguments.get(i));
        }
    }

    /**
     * Takes from Gogo's own profile what it knows about completing Gogo's commands, and leaves its greeting, prompt and
     * clock: it runs in a session that nobody sees, which shares the completions.
     */
    private void completionsOfGogo(CommandSession session, Terminal terminal) throws Exception {
        URL profile = FrameworkUtil.getBundle(Shell.class).getEntry("gosh_profile");
        if (profile == null) {
            return;
        }
        OutputStream nowhere = OutputStream.nullOutputStream();
        try (CommandSession unseen = session(InputStream.nullInputStream(), nowhere, nowhere, terminal);
                InputStream text = profile.openStream()) {
            unseen.put(Shell.VAR_READER, Shell.getReader(session));
            unseen.put(Shell.VAR_COMPLETIONS, Shell.getCompletions(session));
            unseen.put("0", profile.toURI()); // it asks for its own name
            unseen.execute(new String(text.readAllBytes(), StandardCharsets.UTF_8));
            for (Object name : (Set<?>) unseen.get(CommandSessionImpl.VARIABLES)) {
                if (name.toString().startsWith("__") || name.equals("e")) {
                    session.put(name.toString(), unseen.get(name.toString()));
                }
            }
        }
    }

    /** The platform's commands tell how they complete by a program. */
    private static void completionsOfPlatform(CommandSession session) throws Exception {
        if (session.get(COMPLETIONS) != null) {
            session.execute(session.execute(COMPLETIONS).toString());
        }
    }

    /** Boots the machine asked for, in a session of its own so that nothing of it shows; empty when there is none. */
    private Optional<String> bootMachine() throws Exception {
        Optional<String> machine = property("sluicegate.machine").filter(name -> !name.equals("none"));
        OutputStream nowhere = OutputStream.nullOutputStream();
        try (CommandSession session = processor.createSession(InputStream.nullInputStream(), nowhere, nowhere)) {
            if (machine.isEmpty() || session.get(BOOT) == null) {
                return Optional.empty();
            }
            session.put("machine", machine.get());
            session.execute(BOOT + " $machine");
            return machine;
        }
    }

    private String banner(CommandSession session, String running) {
        StringBuilder text = new StringBuilder("Sluicegate ").append(context.getBundle().getVersion().getMajor()).append('.')
                .append(context.getBundle().getVersion().getMinor()).append(": ").append(running).append(".\n");
        if (session.get("iommu:tour") != null) {
            text.append("iommu:tour shows around, iommu:devices lists devices; ");
        }
        return text.append("TAB completes, help lists commands, Ctrl-D leaves.").toString();
    }

    private Optional<String> property(String name) {
        return Optional.ofNullable(context.getProperty(name)).filter(value -> !value.isBlank());
    }
}
