package sluicegate.qemu.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The files that a machine shares with its QEMU, in a folder of their own in memory if the host has room for them there.
 *
 * <p>Once both have opened them the folder can go: {@link #close} leaves the files to those who have them open, and nothing
 * is left behind however the machine ends.
 */
public final class WorkFolder implements AutoCloseable {
    private static final Path IN_MEMORY = Path.of("/dev/shm");

    private final Path folder;

    /**
     * @param machine name of the machine, for messages
     * @param size of all that will be in it, in bytes
     * @throws IommuException EIO if no folder can be made
     */
    public WorkFolder(String machine, long size) {
        try {
            var parent = inMemory(size);
            folder = parent.isPresent()
                    ? Files.createTempDirectory(parent.get(), "sluicegate-")
                    : Files.createTempDirectory("sluicegate-");
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, machine + ": no temporary folder can be made: " + e.getMessage(), e);
        }
    }

    /** A container may have little room there, and a page that does not fit is an access that kills the process. */
    private static Optional<Path> inMemory(long size) throws IOException {
        return Files.isWritable(IN_MEMORY) && Files.getFileStore(IN_MEMORY).getUsableSpace() >= 2 * size
                ? Optional.of(IN_MEMORY)
                : Optional.empty();
    }

    /** Where a file is or would be. */
    public Path file(String name) {
        return folder.resolve(name);
    }

    /** Makes a file of zeros that takes no room until something is written to it. */
    public Path sparse(String name, long size) {
        var file = file(name);
        try (var created = new RandomAccessFile(file.toFile(), "rw")) {
            created.setLength(size);
            return file;
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    /** Makes a file of some bytes. */
    public Path write(String name, byte[] bytes) {
        try {
            return Files.write(file(name), bytes);
        } catch (IOException e) {
            throw failed(name, e);
        }
    }

    private IommuException failed(String name, IOException e) {
        return new IommuException(Errno.EIO, file(name) + " cannot be written: " + e.getMessage(), e);
    }

    /** Removes the folder and the names of its files. */
    @Override
    public void close() {
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            // It is gone already, or the host's own cleaning up will find it.
        }
    }
}
