package sluicegate.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** Real inputs to begin with. Those beside the project are left out where the folder is missing. */
final class Seeds {
    private static final Path SHARED = Path.of("../../shared/data");
    private static final Path MACHINES = Path.of("../sim/machines");
    /** Larger ones make each attempt slow and teach the fuzzer nothing. */
    private static final int LONGEST = 64 << 10;

    private Seeds() {}

    /** The files of which the names end so, in all folders. */
    static Stream<byte[]> files(String... ends) {
        return Stream.of(SHARED, MACHINES).filter(Files::isDirectory).flatMap(Seeds::walk)
                .filter(file -> Arrays.stream(ends).anyMatch(end -> file.getFileName().toString().endsWith(end)))
                .sorted().map(Seeds::bytes).filter(bytes -> bytes.length <= LONGEST);
    }

    /** The lines of such files. */
    static Stream<byte[]> lines(String... ends) {
        return files(ends).flatMap(bytes -> new String(bytes, StandardCharsets.UTF_8).lines()).filter(line -> !line.isBlank())
                .map(line -> line.getBytes(StandardCharsets.UTF_8));
    }

    /** A file of one of this project's machines. */
    static byte[] ofMachine(String file) {
        return bytes(MACHINES.resolve(file));
    }

    private static Stream<Path> walk(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
