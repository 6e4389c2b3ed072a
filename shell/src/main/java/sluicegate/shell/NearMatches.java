package sluicegate.shell;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;

/** Names that somebody may have meant. */
final class NearMatches {
    private static final int MOST = 3;

    private NearMatches() {}

    /** {@code ; did you mean a, b?} with the nearest names first, or nothing if none is near. */
    static String question(String typed, Collection<String> names) {
        var word = typed.toLowerCase(Locale.ROOT);
        int tolerance = Math.max(1, Math.min(2, word.length() / 3));
        var near = names.stream()
                .filter(name -> similar(word, name.toLowerCase(Locale.ROOT), tolerance))
                .sorted(Comparator.comparingInt(name -> distance(word, name.toLowerCase(Locale.ROOT))))
                .distinct().limit(MOST).collect(Collectors.joining(", "));
        return near.isEmpty() ? "" : "; did you mean " + near + "?";
    }

    private static boolean similar(String word, String name, int tolerance) {
        return word.length() > 1 && name.contains(word) || distance(word, name) <= tolerance;
    }

    /** Letters to add, drop, replace or swap with their neighbour (optimal string alignment). */
    static int distance(String from, String to) {
        var costs = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    costs[i][j] = i + j;
                    continue;
                }
                int replaced = costs[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                costs[i][j] = Math.min(replaced, Math.min(costs[i - 1][j], costs[i][j - 1]) + 1);
                if (i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1)) {
                    costs[i][j] = Math.min(costs[i][j], costs[i - 2][j - 2] + 1);
                }
            }
        }
        return costs[from.length()][to.length()];
    }
}
