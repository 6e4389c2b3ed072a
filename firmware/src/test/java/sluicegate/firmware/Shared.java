package sluicegate.firmware;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files that tests read: real inputs beside the project, and machines that the project ships. */
final class Shared {
    private static final Path DATA = Path.of("../../shared/data");

    private Shared() {}

    /** A file or folder of the shared data; the test is skipped where it is missing. */
    static Path data(String path) {
        var found = DATA.resolve(path);
        assumeTrue(Files.exists(found), () -> "skipped: " + found.toAbsolutePath().normalize() + " is not there");
        return found;
    }

    /** The files in a folder of the shared data, sorted. */
    static List<Path> files(String folder) {
        try (var files = Files.list(data(folder))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A machine description of this project. */
    static FirmwareFolder machine(String name) {
        return FirmwareFolder.of(Path.of("../sim/machines", name));
    }

    static FirmwareFile file(Path path) {
        try {
            return new FirmwareFile(path.getFileName().toString(), Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
