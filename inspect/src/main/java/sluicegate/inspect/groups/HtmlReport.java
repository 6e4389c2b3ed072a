package sluicegate.inspect.groups;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluicegate.inspect.GroupReport;
import sluicegate.inspect.MachineReport;
import sluicegate.inspect.MachineReport.Link;

/** A machine as a page: the picture of its tree with groups as coloured areas, then each group in words. Used once. */
final class HtmlReport {
    private static final int ROW = 34;
    private static final int BOX = 26;
    private static final int INDENT = 46;
    private static final int LEFT = 24;
    private static final int WIDTH = 980;
    /** Neighbouring groups differ by this many degrees of hue, so that no two beside each other look alike. */
    private static final int HUE_STEP = 137;

    private final MachineReport report;
    private final Map<String, List<Link>> below = new HashMap<>();
    private final Map<String, Integer> groups = new HashMap<>();
    private final StringBuilder html = new StringBuilder();
    private final StringBuilder boxes = new StringBuilder();
    private final StringBuilder lines = new StringBuilder();
    private int rows;

    HtmlReport(MachineReport report) {
        this.report = report;
        report.links().forEach(link -> below.computeIfAbsent(link.upstream().orElse(""), parent -> new ArrayList<>()).add(link));
        report.groups().forEach(group -> group.devices().forEach(member -> groups.put(member.name(), group.group())));
    }

    String text() {
        html.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>IOMMU groups of ").append(escaped(report.name()))
                .append("</title>\n<style>\n").append(STYLE).append("</style></head><body>\n<h1>IOMMU groups of ").append(escaped(report.name()))
                .append("</h1>\n<p class=\"sum\">").append(summary()).append("</p>\n");
        picture();
        if (!report.uncertain().isEmpty()) {
            html.append("<h2>What is uncertain</h2><ul>");
            report.uncertain().forEach(text -> html.append("<li>").append(escaped(text)).append("</li>"));
            html.append("</ul>\n");
        }
        html.append("<h2>Groups</h2>\n");
        report.groups().forEach(this::group);
        return html.append("</body></html>\n").toString();
    }

    private static final String STYLE = """
            body{font:15px/1.45 system-ui,sans-serif;color:#1d2330;background:#f6f7f9;max-width:1040px;margin:2em auto;padding:0 1.5em}
            h1{font-size:1.6em;margin-bottom:.1em} h2{font-size:1.15em;margin-top:2em} .sum{color:#566}
            svg{background:#fff;border:1px solid #dde1e7;border-radius:8px;display:block;width:100%;height:auto}
            svg text{font:12.5px ui-monospace,monospace;fill:#1d2330} svg .d{font:12.5px system-ui,sans-serif;fill:#445}
            svg .root{font:600 13px system-ui,sans-serif} svg .g{font:600 11.5px system-ui,sans-serif;fill:#334}
            section{background:#fff;border:1px solid #dde1e7;border-left-width:8px;border-radius:6px;padding:.6em 1em;margin:.7em 0}
            section h3{margin:.1em 0 .3em;font-size:1em} section ul{margin:.25em 0;padding-left:1.3em} code{font:13px ui-monospace,monospace}
            .no{color:#a3262c}.yes{color:#1d6b3a} details{margin:.2em 0} summary{cursor:pointer;color:#345}
            """;

    private String summary() {
        long shared = report.groups().stream().filter(group -> group.devices().size() > 1).count();
        long given = report.groups().stream().filter(group -> group.guest().allowed()).count();
        return String.format("%d functions in %d groups, %d of them shared; %d could be given to a guest%s.", groups.size(), report.groups().size(),
                shared, given, report.ungrouped().isEmpty() ? "" : "; " + report.ungrouped().size() + " functions have no IOMMU in front of them");
    }

    private void picture() {
        var roots = below.getOrDefault("", List.of());
        int bus = -1;
        int trunk = 0;
        for (var link : roots) {
            int its = Integer.parseInt(link.name().replaceAll("^.*([0-9a-f]{2}):[0-9a-f]{2}\\.[0-7]$", "$1"), 16);
            if (its != bus) {
                boxes.append(String.format("<text class=\"root\" x=\"%d\" y=\"%d\">root complex, bus %02x</text>\n", LEFT, rows * ROW + 24, its));
                trunk = rows * ROW + 30;
                rows++;
                bus = its;
            }
            node(link, 1, trunk);
        }
        html.append(String.format("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"tree of PCI functions, groups as colours\">%n", WIDTH,
                rows * ROW + 14)).append(lines).append(boxes).append("</svg>\n<p class=\"sum\">One colour is one group. A thick red edge marks a bridge"
                        + " that does not isolate what is below it.</p>\n");
    }

    private void node(Link link, int depth, int parentY) {
        int x = LEFT + (depth - 1) * INDENT + 20;
        int y = rows * ROW + 6;
        rows++;
        var group = groups.get(link.name());
        lines.append(String.format("<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"#9aa5b4\"/>%n", x - 16, parentY, y + BOX / 2, x));
        boxes.append(String.format("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%s\"/>%n", x, y,
                WIDTH - x - 12, BOX, fill(group), link.bridge() && !link.isolates() ? "#c4373d" : "#b8c1cc", link.bridge() && !link.isolates() ? "2.2" : "1"));
        boxes.append(String.format("<text x=\"%d\" y=\"%d\">%s</text><text class=\"d\" x=\"%d\" y=\"%d\">%s</text>", x + 8, y + 17,
                escaped(link.name()), x + 112, y + 17, escaped(shortened(link.description(), (WIDTH - x - 230) / 7))));
        boxes.append(String.format("<text class=\"g\" text-anchor=\"end\" x=\"%d\" y=\"%d\">%s</text>%n", WIDTH - 22, y + 17,
                group == null ? "no group" : "group " + group));
        for (var child : below.getOrDefault(link.name(), List.of())) {
            node(child, depth + 1, y + BOX);
        }
    }

    private static String fill(Integer group) {
        return group == null ? "#eceef1" : String.format("hsl(%d 62%% %d%%)", group * HUE_STEP % 360, 84 + group % 3 * 3);
    }

    private void group(GroupReport group) {
        html.append("<section style=\"border-left-color:").append(fill(group.group()).replaceAll("\\d+%\\)", "62%)")).append("\"><h3>Group ")
                .append(group.group()).append("</h3><ul>");
        group.devices().forEach(member -> html.append("<li><code>").append(escaped(member.name())).append("</code> ")
                .append(escaped(member.description())).append("</li>"));
        html.append("</ul>");
        list(group.devices().size() > 1 ? "Why together" : "Why alone", group.reasons());
        list("What would change it", group.remedies());
        list("Reserved", group.reserved().stream().map(range -> range.region() + ": " + range.owner()
                + (range.devices().isEmpty() ? "" : ", for " + String.join(" ", range.devices()))).toList());
        html.append("<p class=\"").append(group.guest().allowed() ? "yes\">May be given to a guest: " : "no\">Not for a guest: ")
                .append(escaped(group.guest().why())).append(".</p></section>\n");
    }

    private void list(String title, List<String> texts) {
        if (!texts.isEmpty()) {
            html.append("<details").append(texts.size() < 8 ? " open" : "").append("><summary>").append(title).append("</summary><ul>");
            texts.forEach(text -> html.append("<li>").append(escaped(text)).append("</li>"));
            html.append("</ul></details>");
        }
    }

    private static String shortened(String text, int limit) {
        var plain = text.replaceAll(" \\[[0-9a-f]{4}(:[0-9a-f]{4})?\\]", "").replaceAll(" \\((rev|prog-if).*$", "");
        return plain.length() <= limit ? plain : plain.substring(0, Math.max(0, limit - 1)).strip() + "…";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
