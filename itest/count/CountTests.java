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
        boolean well = true;
        List<Path> frameworks = frameworks(Path.of(arguments[0]));
        for (Path framework : frameworks) {
            well &= count(framework);
        }
        if (frameworks.isEmpty()) {
            System.out.println("No framework was started.");
        }
        if (frameworks.isEmpty() || !well) {
            System.exit(1);
        }
    }

    /** Whether there were tests and all went well. */
    private static boolean count(Path framework) throws Exception {
        int tests = 0;
        int failures = 0;
        int errors = 0;
        int skipped = 0;
        for (Path report : reports(framework)) {
            Element suite = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report.toFile()).getDocumentElement();
            tests += suite.getElementsByTagName("testcase").getLength();
            failures += suite.getElementsByTagName("failure").getLength();
            errors += suite.getElementsByTagName("error").getLength();
            skipped += suite.getElementsByTagName("skipped").getLength();
        }
        System.out.println("Tests run: " + tests + ", Failures: " + failures + ", Errors: " + errors + ", Skipped: " + skipped
                + " (on " + framework.getFileName() + ")");
        if (tests == 0) {
            System.out.println("No test finished: the framework did not start, found no tests, or was stopped for taking too long.");
        }
        return tests > 0 && failures + errors == 0;
    }

    /** Each run description has a folder for its reports, even if there is none. */
    private static List<Path> frameworks(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static List<Path> reports(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("TEST-.*\\.xml")).toList();
        }
    }
}
