package sluicegate.firmware;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PropertiesText.Entry;

/** The settings of one unit: its own, such as {@code smmu0.stage-2}, else those for all, such as {@code smmuv3.stage-2}. */
final class UnitSettings {
    private final Map<String, Entry> settings;
    private final String all;
    private final String own;

    /**
     * @param all what comes before a name for all units, with the dot
     * @param own what comes before a name for this unit, with the dot
     */
    UnitSettings(Map<String, Entry> settings, String all, String own) {
        this.settings = settings;
        this.all = all;
        this.own = own;
    }

    Optional<Entry> find(String name) {
        var found = settings.get(own + name);
        return Optional.ofNullable(found != null ? found : settings.get(all + name));
    }

    <T> T value(String name, T otherwise, Function<Entry, T> reader) {
        return find(name).map(reader).orElse(otherwise);
    }

    boolean flag(String name, boolean otherwise) {
        return value(name, otherwise, entry -> switch (word(entry)) {
            case "yes", "true", "on" -> true;
            case "no", "false", "off" -> false;
            default -> throw entry.bad("write yes or no");
        });
    }

    /** A number between two, both allowed. */
    int number(String name, int otherwise, int least, int most) {
        return value(name, otherwise, entry -> {
            int number = number(entry);
            if (number < least || number > most) {
                throw entry.bad("it has to be between %d and %d", least, most);
            }
            return number;
        });
    }

    /** A number out of a few. */
    int oneOf(String name, int otherwise, Integer... known) {
        return value(name, otherwise, entry -> {
            int number = number(entry);
            if (!List.of(known).contains(number)) {
                throw entry.bad("it has to be one of %s", List.of(known).stream().map(String::valueOf)
                        .collect(Collectors.joining(", ")));
            }
            return number;
        });
    }

    /** Words out of a few, as the numbers of their places. */
    Set<Integer> several(String name, Set<Integer> otherwise, List<String> known) {
        return value(name, otherwise, entry -> {
            var places = new TreeSet<Integer>();
            for (var word : entry.value().strip().split("\\s*,\\s*", -1)) {
                int place = known.indexOf(word);
                if (place < 0) {
                    throw entry.bad("'%s' is none of %s", word, String.join(", ", known));
                }
                places.add(place);
            }
            return places;
        });
    }

    /** One value of an enum, by its name in lower case. */
    <E extends Enum<E>> E choice(String name, E otherwise) {
        var values = otherwise.getDeclaringClass().getEnumConstants();
        return value(name, otherwise, entry -> IntStream.range(0, values.length).mapToObj(i -> values[i])
                .filter(value -> value.name().equals(word(entry).toUpperCase(Locale.ROOT))).findFirst()
                .orElseThrow(() -> entry.bad("it has to be one of %s", IntStream.range(0, values.length)
                        .mapToObj(i -> values[i].name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", ")))));
    }

    /**
     * Builds features. A rule that no line breaks alone is blamed on the last of the lines that could.
     *
     * @param names all settings that the features are made of, read before
     */
    <T> T blaming(List<String> names, Supplier<T> features) {
        try {
            return features.get();
        } catch (IommuException e) {
            throw names.stream().flatMap(name -> find(name).stream()).max(Comparator.comparingInt(Entry::line))
                    .map(entry -> entry.bad("%s", e.getMessage())).orElse(e);
        }
    }

    private static String word(Entry entry) {
        return entry.value().strip().toLowerCase(Locale.ROOT);
    }

    private static int number(Entry entry) {
        try {
            return Math.toIntExact(Hex.parse(entry.value()));
        } catch (IommuException | ArithmeticException e) {
            throw entry.bad("this is not a small number");
        }
    }
}
