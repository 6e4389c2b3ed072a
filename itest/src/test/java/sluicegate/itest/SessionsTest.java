package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.osgi.framework.BundleException;
import org.osgi.test.common.annotation.InjectService;
import sluicegate.api.AddressSpaces;
import sluicegate.api.ProcessSpace;
import sluicegate.api.Unit;

/**
 * The sessions of {@code docs/at-the-prompt.md}, and the one of the README about drivers, typed again: each section on a machine of its
 * own must bring what is printed there.
 * Names of domains and address spaces and numbers of bundles may be others, as long as they are others everywhere; so may the
 * number of blanks, and how long something took.
 */
class SessionsTest extends ShellTest {
    private static final String PROMPT = "iommu> ";
    /** The section of the README that is a session like those. */
    private static final String HOT_SWAP = "Hot swap";
    /** With which {@code grep} marks what it found. */
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*[mK]");
    /** A domain or an address space, or a bundle where bundles are listed or meant. */
    private static final Pattern NAME = Pattern.compile("\\b(?:dom|space)\\d+\\b|(?<=^ {0,9})\\d+(?=\\|)|(?<=^(?:stop|start|uninstall) )\\d+");

    @InjectService(timeout = 10_000)
    AddressSpaces spaces;

    /** What a section says of its machine, if that is not the usual one. */
    private static final Pattern MACHINE = Pattern.compile("`launch/iommu --machine ([\\w-]+)`");

    /** The machine and what is typed on it. */
    private record Session(List<String> machine, List<Exchange> exchanges) {
        String machineName() {
            return machine.isEmpty() ? FrameworkMachine.NAME : machine.get(0);
        }
    }

    /** One line that was typed, and what was answered. */
    private record Exchange(String command, List<String> answer) {}

    @TestFactory
    Stream<DynamicTest> typedAgain() throws IOException {
        var docs = Path.of(context.getProperty("sluicegate.docs"));
        var sessions = sessions(Files.readAllLines(docs.resolve("at-the-prompt.md")));
        assertThat(sessions).isNotEmpty();
        sessions.put(HOT_SWAP, Objects.requireNonNull(sessions(Files.readAllLines(docs.resolveSibling("README.md")).stream()
                .dropWhile(line -> !line.equals("## " + HOT_SWAP)).takeWhile(line -> line.equals("## " + HOT_SWAP)
                        || !line.startsWith("## ")).toList()).get(HOT_SWAP)));
        return sessions.entrySet().stream().map(session -> dynamicTest(session.getKey(), () -> type(session.getValue())));
    }

    private static Map<String, Session> sessions(List<String> lines) {
        var sessions = new LinkedHashMap<String, Session>();
        var section = "";
        boolean quoted = false;
        for (var line : lines) {
            var session = sessions.get(section);
            if (line.startsWith("## ")) {
                section = line.substring(3);
                sessions.put(section, new Session(new ArrayList<>(), new ArrayList<>()));
            } else if (line.startsWith("```")) {
                quoted = !quoted;
            } else if (quoted && line.startsWith(PROMPT)) {
                session.exchanges().add(new Exchange(line.substring(PROMPT.length()), new ArrayList<>()));
            } else if (quoted) {
                session.exchanges().get(session.exchanges().size() - 1).answer().add(line);
            } else if (session != null) {
                MACHINE.matcher(line).results().forEach(found -> session.machine().add(found.group(1)));
            }
        }
        return sessions;
    }

    private void type(Session session) throws Exception {
        var out = new ByteArrayOutputStream();
        var names = new HashMap<String, String>();
        try (var rig = boot(session.machineName(), FrameworkMachine.DEVICE);
                var print = new PrintStream(out, true, StandardCharsets.UTF_8);
                var shell = session(print)) {
            for (var exchange : session.exchanges()) {
                out.reset();
                answer(shell, NAME.matcher(exchange.command()).replaceAll(name -> names.getOrDefault(name.group(), name.group())), print);
                var answer = COLOUR.matcher(out.toString(StandardCharsets.UTF_8)).replaceAll("").lines()
                        .filter(line -> !line.isBlank()).toList();
                assertThat(renamed(answer, exchange.answer(), names)).as(exchange.command())
                        .isEqualTo(exchange.answer().stream().map(SessionsTest::squeezed).toList());
                if (exchange.command().startsWith("start ")) {
                    var unit = rig.device.unit().orElseThrow();
                    FrameworkMachine.await("the driver", () -> unit.state() == Unit.State.BOUND);
                }
            }
        } finally {
            // What a session that stopped half-way has left.
            spaces.spaces().forEach(ProcessSpace::close);
            startDriver();
        }
    }

    private static void answer(CommandSession shell, String command, PrintStream print) {
        try {
            var result = shell.execute(command);
            if (result != null) {
                print.println(shell.format(result, Converter.INSPECT));
            }
        } catch (Exception e) {
            print.println(e.getMessage());
        }
    }

    /** What was answered, in the names that the document uses; learns those that are new. */
    private static List<String> renamed(List<String> answer, List<String> expected, Map<String, String> names) {
        var renamed = new ArrayList<String>();
        for (int i = 0; i < answer.size(); i++) {
            if (i < expected.size()) {
                var here = NAME.matcher(answer.get(i));
                var there = NAME.matcher(expected.get(i));
                while (here.find() && there.find()) {
                    names.putIfAbsent(there.group(), here.group());
                }
            }
            renamed.add(squeezed(NAME.matcher(answer.get(i)).replaceAll(name -> names.entrySet().stream()
                    .filter(known -> known.getValue().equals(name.group())).map(Map.Entry::getKey).findFirst().orElse(name.group()))));
        }
        return renamed;
    }

    private static String squeezed(String line) {
        return line.strip().replaceAll(" +", " ").replaceAll("in [0-9,]+ us", "in ... us");
    }

    private static void startDriver() throws BundleException {
        FrameworkMachine.bundle("sluicegate.hw.vtd").start();
    }
}
