package sluicegate.core.impl;

import java.util.Arrays;

/** Versions of bundles in order: three numbers, then a qualifier that counts as text (OSGi Core 3.2.5). */
final class BundleVersions {
    private static final int NUMBERS = 3;

    private BundleVersions() {}

    /** Negative, 0 or positive, as the first is older, the same or newer. Parts that are missing count as 0 and as no text. */
    static int compare(String one, String other) {
        var left = parts(one);
        var right = parts(other);
        for (int i = 0; i < NUMBERS; i++) {
            int order = Integer.compare(number(left[i]), number(right[i]));
            if (order != 0) {
                return order;
            }
        }
        return left[NUMBERS].compareTo(right[NUMBERS]);
    }

    private static String[] parts(String version) {
        var parts = Arrays.copyOf(version.split("\\.", NUMBERS + 1), NUMBERS + 1);
        return Arrays.stream(parts).map(part -> part == null ? "" : part).toArray(String[]::new);
    }

    /** What is no number, which no framework lets through, counts as 0. */
    private static int number(String part) {
        return part.matches("[0-9]{1,9}") ? Integer.parseInt(part) : 0;
    }
}
