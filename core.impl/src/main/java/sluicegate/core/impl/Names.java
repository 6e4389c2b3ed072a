package sluicegate.core.impl;

import java.util.function.Predicate;

/** Names that are unique on the whole platform. */
final class Names {
    private Names() {}

    /** {@code wanted}, or with {@code .1}, {@code .2} and so on behind it the first that is free. */
    static String free(String wanted, Predicate<String> taken) {
        var name = wanted;
        for (int n = 1; taken.test(name); n++) {
            name = wanted + "." + n;
        }
        return name;
    }
}
