package sluicegate.shell;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;

/**
 * One command: a method with what its annotations say about it. Reads the words of a line for it, explains it, and knows
 * what may come next.
 *
 * <p>Gogo could call such methods itself. It is not left to do so because its answer to a wrong line is a list of Java
 * types, because it takes an unknown option for an argument, and because it finds no method for a name with a dash.
 */
final class Command {
    static final String SCOPE = "iommu";
    static final String JSON = "--json";
    static final String HELP = "--help";

    private final Object family;
    private final Method method;
    private final String name;
    private final String description;
    private final List<Operand> operands;

    Command(Object family, Method method) {
        this.family = family;
        this.method = method;
        this.name = nameOf(method);
        this.description = method.getAnnotation(Descriptor.class).value();
        this.operands = Arrays.stream(method.getParameters()).map(Operand::of).toList();
        method.setAccessible(true);
    }

    /** {@code domainAlloc} is called {@code domain-alloc}. */
    private static String nameOf(Method method) {
        return method.getName().replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    String name() {
        return name;
    }

    String description() {
        return description;
    }

    /** Runs it with the words that follow its name. {@code --json} is the caller's business, unless the method asks for it. */
    Answer run(CommandSession session, Lookup lookup, List<String> words) {
        var given = new Given(words);
        var values = new ArrayList<Object>();
        for (var operand : operands) {
            values.add(operand.isSession() ? session : value(operand, given, lookup));
        }
        given.positional.stream().findFirst().ifPresent(word -> {
            throw misused("'" + word + "' is one word too many");
        });
        return invoke(values);
    }

    private Object value(Operand operand, Given given, Lookup lookup) {
        if (operand.rest()) {
            var rest = Array.newInstance(operand.type(), given.positional.size());
            for (int i = 0; !given.positional.isEmpty(); i++) {
                Array.set(rest, i, lookup.parse(operand.type(), given.positional.remove(0)));
            }
            return rest;
        }
        if (operand.option().isPresent()) {
            return lookup.parse(operand.type(), given.options.getOrDefault(operand, operand.absent()));
        }
        if (given.positional.isEmpty() && operand.unless().flatMap(this::option).filter(given.options::containsKey).isPresent()) {
            return operand.type() == long.class ? 0L : null;
        }
        if (given.positional.isEmpty()) {
            throw misused(operand.usage() + " is missing");
        }
        return lookup.parse(operand.type(), given.positional.remove(0));
    }

    private Answer invoke(List<Object> values) {
        try {
            return (Answer) method.invoke(family, values.toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new CommandFailure("iommu:" + name + ": " + e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + " was made accessible", e);
        }
    }

    private CommandFailure misused(String what) {
        return new CommandFailure("iommu:" + name + ": " + what + "; usage: " + usage());
    }

    /** {@code iommu:map DOMAIN IOVA PA SIZE PROT [--json]}. */
    String usage() {
        return Stream.of(Stream.of(SCOPE + ":" + name), operands.stream().filter(Operand::isPositional).map(Operand::usage),
                        operands.stream().filter(o -> o.option().isPresent()).map(Operand::usage), Stream.of("[" + JSON + "]"))
                .flatMap(words -> words).distinct().collect(Collectors.joining(" "));
    }

    /** What it does and what each parameter means. */
    String help() {
        var lines = new ArrayList<List<String>>();
        operands.stream().filter(Operand::isPositional)
                .forEach(operand -> lines.add(List.of("  " + operand.usage(), operand.description())));
        options().forEach((option, meaning) -> lines.add(List.of("  " + option, meaning)));
        return usage() + "\n" + description + "\n" + Table.align(lines);
    }

    /** Names and descriptions of its options. */
    Map<String, String> options() {
        var options = new LinkedHashMap<String, String>();
        for (var operand : operands) {
            operand.option().ifPresent(option -> options.put(option, operand.description()));
        }
        options.put(JSON, "print JSON");
        options.put(HELP, "explain the command");
        return options;
    }

    /** What may stand after {@code words}, the words between the command's name and the cursor's word. */
    List<String> candidates(Lookup lookup, List<String> words) {
        int position = 0;
        Optional<Operand> pending = Optional.empty();
        for (var word : words) {
            if (pending.isPresent()) {
                pending = Optional.empty();
            } else if (word.startsWith("--")) {
                pending = option(word).filter(operand -> !operand.flag());
            } else {
                position++;
            }
        }
        if (pending.isPresent()) {
            return candidates(lookup, pending.get());
        }
        var positional = operands.stream().filter(Operand::isPositional).toList();
        if (position < positional.size()) {
            return candidates(lookup, positional.get(position));
        }
        var last = positional.isEmpty() ? Optional.<Operand>empty() : Optional.of(positional.get(positional.size() - 1));
        return last.filter(Operand::rest).map(rest -> candidates(lookup, rest)).orElse(List.of());
    }

    private static List<String> candidates(Lookup lookup, Operand operand) {
        return operand.words().isEmpty() ? lookup.candidates(operand.type()) : operand.words();
    }

    private Optional<Operand> option(String word) {
        return operands.stream().filter(operand -> operand.option().filter(word::equals).isPresent()).findFirst();
    }

    /** The words of a line, options told apart from the rest. */
    private final class Given {
        final List<String> positional = new ArrayList<>();
        final Map<Operand, String> options = new HashMap<>();

        Given(List<String> words) {
            for (var iterator = words.iterator(); iterator.hasNext();) {
                var word = iterator.next();
                if (!word.startsWith("--")) {
                    positional.add(word);
                    continue;
                }
                var split = word.split("=", 2);
                if (word.equals(JSON) && option(JSON).isEmpty()) {
                    continue;
                }
                var operand = option(split[0]).orElseThrow(() -> misused("there is no option " + split[0]));
                if (operand.flag()) {
                    options.put(operand, operand.present());
                } else if (split.length == 2) {
                    options.put(operand, split[1]);
                } else if (iterator.hasNext()) {
                    options.put(operand, iterator.next());
                } else {
                    throw misused(split[0] + " needs a value");
                }
            }
        }
    }
}
