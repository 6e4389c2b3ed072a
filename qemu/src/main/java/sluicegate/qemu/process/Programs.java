package sluicegate.qemu.process;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * Programs of the host, found where a shell would find them.
 *
 * @param searchPath folders with colons between them, as in the environment variable {@code PATH}
 */
public record Programs(String searchPath) {

    /** Those on the {@code PATH} of this process. */
    public static Programs ofHost() {
        return new Programs(Optional.ofNullable(System.getenv("PATH")).orElse(""));
    }

    /** Where a program is. */
    public Optional<Path> find(String program) {
        for (var folder : searchPath.split(":")) {
            try {
                var candidate = Path.of(folder.isEmpty() ? "." : folder, program).toAbsolutePath();
                if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                    return Optional.of(candidate);
                }
            } catch (InvalidPathException e) {
                // Such a folder can't be there, so the program is not in it.
            }
        }
        return Optional.empty();
    }

    /**
     * Where a program is that somebody needs.
     *
     * @param debianPackage the package to install if it is missing
     * @param reader who needs it, for the message
     * @throws IommuException ENOENT if it is not there
     */
    public Path require(String program, String debianPackage, String reader) {
        return find(program).orElseThrow(() -> IommuException.of(Errno.ENOENT, "%s", missing(program, debianPackage, reader)));
    }

    /** The message for a program that is not there; the parameters are those of {@link #require}. */
    public String missing(String program, String debianPackage, String reader) {
        return String.format("%s needs %s, which is not on the PATH; install it (Debian: apt-get install %s)", reader, program,
                debianPackage);
    }
}
