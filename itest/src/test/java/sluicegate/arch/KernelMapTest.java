package sluicegate.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code docs/kernel-map.md} names exists, and what is named after the kernel is in it. */
class KernelMapTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern CODE = Pattern.compile("`([^`]*)`");
    private static final Pattern MEMBER = Pattern.compile("([A-Z]\\w*)(?:\\.([a-z]\\w*))?");
    private static final Pattern TEST = Pattern.compile("@(?:Test|ParameterizedTest)\\b.*?\\bvoid (\\w+)\\(", Pattern.DOTALL);
    /** Functions of the kernel, and its rules for default domains. */
    private static final Pattern AFTER_THE_KERNEL = Pattern.compile("(iommu_|pci_dev_|report_iommu_|b6_\\d+_).*");

    /** Rows of three cells: kernel, here, covered by. */
    private static final List<String[]> ROWS = new ArrayList<>();
    /** Text by simple name of the class. */
    private static final Map<String, String> MAIN = new TreeMap<>();
    /** The same for tests, behind the room and a slash. */
    private static final Map<String, String> TESTS = new TreeMap<>();

    @BeforeAll
    static void read() throws IOException {
        ROWS.clear();
        for (var line : Files.readAllLines(ROOT.resolve("docs/kernel-map.md"))) {
            var cells = line.split("\\|", -1);
            if (line.startsWith("|") && !line.startsWith("|---") && !cells[1].equals(" kernel ")) {
                assertThat(cells).as(line).hasSize(5);
                ROWS.add(new String[] {cells[1], cells[2], cells[3].strip()});
            }
        }
        try (var rooms = Files.list(ROOT)) {
            for (var room : rooms.filter(Files::isDirectory).toList()) {
                sources(room.resolve("src/main/java"), "", MAIN);
                sources(room.resolve("src/test/java"), room.getFileName() + "/", TESTS);
            }
        }
    }

    private static void sources(Path folder, String prefix, Map<String, String> into) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(file ->
                        into.merge(prefix + file.getFileName().toString().replace(".java", ""), text(file), String::concat));
            }
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> code(String cell) {
        return CODE.matcher(cell).results().map(found -> found.group(1)).toList();
    }

    private static List<String> tests(String source) {
        return TEST.matcher(source).results().map(test -> test.group(1)).toList();
    }

    /** What a row says it is covered by, each with its room: {@code core.impl/AttachTest.iommu_attach_device}. */
    private static List<String> covering(String[] row) {
        var covering = new ArrayList<String>();
        var room = "core.impl";
        for (var name : code(row[2])) {
            if (Files.isDirectory(ROOT.resolve(name))) {
                room = name;
            } else {
                covering.add(room + "/" + name);
                room = "core.impl";
            }
        }
        return covering;
    }

    private static boolean isThere(String covering) {
        int dot = covering.indexOf('.', covering.indexOf('/'));
        var source = TESTS.get(dot < 0 ? covering : covering.substring(0, dot));
        return source != null && (dot < 0 || tests(source).contains(covering.substring(dot + 1)));
    }

    @Test
    void testsThatItNamesExist() {
        assertThat(ROWS.stream().flatMap(row -> covering(row).stream()).filter(name -> !isThere(name))).isEmpty();
    }

    @Test
    void eachRowHasATestOrSaysWhyNot() {
        assertThat(ROWS).hasSizeGreaterThan(100);
        for (var row : ROWS) {
            boolean tested = !covering(row).isEmpty();
            boolean toBeTold = row[2].equals("-") && row[1].strip().length() > "*left out*: ".length();
            boolean elsewhere = row[2].startsWith("*") && row[2].endsWith("*");
            assertThat(tested || toBeTold || elsewhere).as(String.join("|", row)).isTrue();
        }
    }

    @Test
    void whatItCallsOursExists() {
        var missing = new ArrayList<String>();
        for (var row : ROWS) {
            for (var name : code(row[1])) {
                var member = MEMBER.matcher(name);
                if (member.matches() && !name.equals(name.toUpperCase(Locale.ROOT))) {
                    var text = MAIN.getOrDefault(member.group(1), "");
                    if (text.isEmpty() || member.group(2) != null
                            && !Pattern.compile("\\b" + member.group(2) + "\\b *[(,)]").matcher(text).find()) {
                        missing.add(name);
                    }
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void testsNamedAfterTheKernelAreInIt() {
        var listed = ROWS.stream().flatMap(row -> covering(row).stream()).toList();
        var missing = new ArrayList<String>();
        TESTS.forEach((name, source) -> tests(source).stream().filter(AFTER_THE_KERNEL.asMatchPredicate())
                .map(test -> name + "." + test).filter(test -> !listed.contains(test)).forEach(missing::add));
        assertThat(missing).isEmpty();
    }

    /** The scenarios of the threads on deferral (A0), operations of each device (A3) and firmware races (A4). */
    @ParameterizedTest
    @ValueSource(strings = {"ProbeDeferralA0Test 9", "PerDeviceOpsA3Test 5", "FirmwareRacesA4Test 7"})
    void eachScenarioHasATestOfItsName(String scenarios) {
        var words = scenarios.split(" ");
        var tests = tests(TESTS.get("core.impl/" + words[0]));
        var letter = words[0].replaceAll(".*(A\\d)Test", "$1").toLowerCase(Locale.ROOT);
        for (int i = 1; i <= Integer.parseInt(words[1]); i++) {
            var prefix = letter + "_" + i + "_";
            assertThat(tests).as(prefix).anyMatch(test -> test.startsWith(prefix));
        }
    }
}
