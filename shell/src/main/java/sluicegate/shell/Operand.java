package sluicegate.shell;

import java.lang.reflect.Parameter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;

/**
 * One parameter of a command.
 *
 * @param name as usage shows it, such as {@code DOMAIN}
 * @param description what {@code help} says about it
 * @param type what its word is turned into; see {@link Lookup#parse}
 * @param option its {@code --name} if it is an option
 * @param flag whether the option takes no value
 * @param present text to parse for a flag that is given
 * @param absent text to parse for an option that is not given
 * @param rest whether it takes all words that are left; {@code type} is that of one of them
 * @param words what TAB offers besides what its type says
 * @param unless the option that makes it superfluous, if there is one
 */
record Operand(String name, String description, Class<?> type, Optional<String> option, boolean flag, String present,
        String absent, boolean rest, List<String> words, Optional<String> unless) {

    static Operand of(Parameter parameter) {
        var descriptor = parameter.getAnnotation(Descriptor.class);
        var option = parameter.getAnnotation(org.apache.felix.service.command.Parameter.class);
        var words = parameter.getAnnotation(Words.class);
        var unless = Optional.ofNullable(parameter.getAnnotation(Unless.class)).map(Unless::value);
        boolean flag = option != null
                && !option.presentValue().equals(org.apache.felix.service.command.Parameter.UNSPECIFIED);
        boolean rest = parameter.getType().isArray();
        return new Operand(parameter.getName().toUpperCase(Locale.ROOT), descriptor == null ? "" : descriptor.value(),
                rest ? parameter.getType().getComponentType() : parameter.getType(), Optional.ofNullable(option).map(o -> o.names()[0]), flag,
                flag ? option.presentValue() : "", option == null ? "" : option.absentValue(), rest,
                words == null ? List.of() : List.of(words.value()), unless);
    }

    /** Whether it is the session, which comes with the call and not from a word. */
    boolean isSession() {
        return type == CommandSession.class;
    }

    boolean isPositional() {
        return option.isEmpty() && !isSession();
    }

    /** How usage shows it: {@code DOMAIN}, {@code [--pasid PASID]}, {@code [--write]}. */
    String usage() {
        if (option.isPresent()) {
            return "[" + option.get() + (flag ? "" : " " + name) + "]";
        }
        if (type.isEnum()) {
            return String.join("|", Lookup.words(type));
        }
        return rest ? name + "..." : name;
    }
}
