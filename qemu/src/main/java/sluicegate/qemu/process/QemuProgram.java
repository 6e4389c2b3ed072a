package sluicegate.qemu.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * What a QEMU says of itself: versions differ in what they have and in how they tell what they do.
 *
 * @param path of the program
 */
public record QemuProgram(Path path) {
    private static final Pattern MAJOR = Pattern.compile("QEMU emulator version (\\d{1,9})\\.");
    private static final int PATIENCE_SECONDS = 10;

    /** Its major version; empty if it does not say. */
    public OptionalInt major() {
        var found = MAJOR.matcher(answer("--version"));
        return found.find() ? OptionalInt.of(Integer.parseInt(found.group(1))) : OptionalInt.empty();
    }

    /** Whether it knows an item of its log ({@code -d}). Naming one that it does not know is an error. */
    public boolean logs(String item) {
        return answer("-d", "help").lines().anyMatch(line -> line.startsWith(item + " "));
    }

    /** What it prints; nothing if it can't be run. */
    private String answer(String... arguments) {
        try {
            var command = new ProcessBuilder(path.toString()).redirectErrorStream(true);
            command.command().addAll(List.of(arguments));
            var process = command.start();
            try {
                process.getOutputStream().close();
                // It prints less than a pipe holds, so it ends without a reader.
                boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
                return ended ? new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8) : "";
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
