import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.w3c.dom.Element;

/** Run by the build after the tests in a framework: says how many there were, and fails if there were none or some failed. */
public class CountTests {

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int tests = 0;
        int failures = 0;
        int errors = 0;
        int skipped = 0;
        for (Path report : reports(folder)) {
            Element suite = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report.toFile()).getDocumentElement();
            tests += suite.getElementsByTagName("testcase").getLength();
            failures += suite.getElementsByTagName("failure").getLength();
            errors += suite.getElementsByTagName("error").getLength();
            skipped += suite.getElementsByTagName("skipped").getLength();
        }
        System.out.println("Tests run: " + tests + ", Failures: " + failures + ", Errors: " + errors + ", Skipped: " + skipped
                + " (in the framework)");
        if (tests == 0) {
            System.out.println("No test finished: the framework did not start, found no tests, or was stopped for taking too long.");
        }
        if (tests == 0 || failures + errors > 0) {
            System.exit(1);
        }
    }

    private static List<Path> reports(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml")).toList();
        }
    }
}
