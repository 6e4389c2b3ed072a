package sluicegate.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/writing-a-driver.md shows of the example is what the example says. */
class WritingADriverTest {
    private static final Path ROOT = Path.of("..");
    private static final Path EXAMPLE = ROOT.resolve("examples/tinyvtd/src/main/java/sluicegate/examples/tinyvtd");
    /** A block of code with the name of its file in front. */
    private static final Pattern BLOCK = Pattern.compile("<!-- (\\w+\\.java) -->\n```java\n(.*?)\n```", Pattern.DOTALL);

    private static String page() throws IOException {
        return Files.readString(ROOT.resolve("docs/writing-a-driver.md"));
    }

    @Test
    void whatItShowsIsInTheExample() throws IOException {
        var blocks = BLOCK.matcher(page()).results().toList();
        assertThat(blocks).hasSizeGreaterThanOrEqualTo(6);
        for (MatchResult block : blocks) {
            assertThat(Files.readString(EXAMPLE.resolve(block.group(1)))).as(block.group(1)).contains(block.group(2));
        }
    }

    /** The steps copy all files but the service, whose counterpart the reader has written. */
    @Test
    void itCountsTheFilesThatAreToBeCopied() throws IOException {
        try (var files = Files.list(EXAMPLE)) {
            assertThat(files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("TinyVtd.java") && !name.equals("package-info.java"))).hasSize(7);
        }
        assertThat(page()).contains("Copy the seven other files of `examples/tinyvtd`");
    }

    @Test
    void theServiceThatItBeginsWithHasTheExamplesProperties() throws IOException {
        var component = Pattern.compile("@Component\\(.*\\)").matcher(Files.readString(EXAMPLE.resolve("TinyVtd.java")));
        assertThat(component.find()).isTrue();
        assertThat(page()).contains(component.group());
    }

    @Test
    void theLineForTheConformanceSuiteIsThere() throws IOException {
        var line = "TINY_VTD(\"intel,vtd\", TinyVtd::new, \"q35-vtd\", \"\"),";
        assertThat(page()).contains(line);
        assertThat(Files.readString(ROOT.resolve("judge/src/test/java/sluicegate/judge/conformance/Kind.java"))).contains(line);
    }
}
