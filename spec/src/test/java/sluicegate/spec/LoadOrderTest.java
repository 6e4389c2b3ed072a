package sluicegate.spec;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Any structure may be the first that a driver, a model or a reader meets: none needs another to have been loaded before. */
class LoadOrderTest {
    @Test
    void everyClassCanBeTheFirst() throws Exception {
        var classes = Path.of(Layout.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        for (var name : names(classes)) {
            try (var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
                assertThatCode(() -> Class.forName(name, true, loader)).as(name + " as the first class").doesNotThrowAnyException();
            }
        }
    }

    private static List<String> names(Path classes) throws IOException {
        try (var files = Files.walk(classes.resolve("sluicegate"))) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.endsWith("package-info.class"))
                    .map(file -> file.replace(".class", "").replace('/', '.')).toList();
        }
    }
}
