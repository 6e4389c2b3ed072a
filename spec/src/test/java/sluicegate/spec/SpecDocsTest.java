package sluicegate.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** The committed reference pages say what the classes say. */
class SpecDocsTest {

    private static final Path FOLDER = Path.of(System.getProperty("basedir", ".")).resolve("../docs/spec").normalize();

    @Test
    void pagesAreUpToDate() throws IOException {
        Map<String, String> pages = SpecDocs.pages();
        if (Boolean.getBoolean("spec.docs.write")) {
            Files.createDirectories(FOLDER);
            for (Map.Entry<String, String> page : pages.entrySet()) {
                Files.writeString(FOLDER.resolve(page.getKey()), page.getValue());
            }
        }
        for (Map.Entry<String, String> page : pages.entrySet()) {
            assertThat(FOLDER.resolve(page.getKey()))
                    .as("run mvn -pl spec test -Dspec.docs.write=true and commit docs/spec")
                    .hasContent(page.getValue());
        }
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<String> names = files.map(f -> f.getFileName().toString()).toList();
            assertThat(names).as("pages that nothing generates").containsExactlyInAnyOrderElementsOf(pages.keySet());
        }
    }
}
