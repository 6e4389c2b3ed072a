package sluicegate.shell;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Aligned plain text. */
final class Table {
    private static final String GAP = "  ";

    private Table() {}

    /** One line for each item under a line of column names. */
    static String of(List<String> columns, List<Item> items) {
        var lines = new ArrayList<List<String>>();
        lines.add(columns.stream().map(column -> column.toUpperCase(Locale.ROOT)).toList());
        for (var item : items) {
            lines.add(columns.stream().map(column -> cell(item.get(column))).toList());
        }
        return align(lines);
    }

    /** One line for each property: its name and its value; each element of a list on a line of its own. */
    static String ofProperties(Map<String, Object> item) {
        var lines = new ArrayList<List<String>>();
        item.forEach((key, value) -> {
            if (value instanceof Collection<?> elements && !elements.isEmpty()) {
                var name = key;
                for (var element : elements) {
                    lines.add(List.of(name, cell(element)));
                    name = "";
                }
            } else {
                lines.add(List.of(key, cell(value)));
            }
        });
        return align(lines);
    }

    /** A value in one cell; a dash where there is none. */
    static String cell(Object value) {
        if (value == null) {
            return "-";
        }
        if (value instanceof Item item) {
            return item.values().stream().map(Table::cell).collect(Collectors.joining(" "));
        }
        if (value instanceof Collection<?> elements) {
            return elements.isEmpty() ? "-" : elements.stream().map(Table::cell).collect(Collectors.joining(", "));
        }
        return value.toString();
    }

    /** Lines of cells with each column as wide as its widest cell; the last column is left ragged. */
    static String align(List<List<String>> lines) {
        int columns = lines.stream().mapToInt(List::size).max().orElse(0);
        var widths = new int[columns];
        for (var line : lines) {
            for (int i = 0; i < line.size(); i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        return lines.stream().map(line -> pad(line, widths)).collect(Collectors.joining("\n"));
    }

    private static String pad(List<String> line, int[] widths) {
        var text = new StringBuilder();
        for (int i = 0; i < line.size(); i++) {
            text.append(i == 0 ? "" : GAP).append(line.get(i));
            text.append(" ".repeat(widths[i] - line.get(i).length()));
        }
        return text.toString().stripTrailing();
    }
}
