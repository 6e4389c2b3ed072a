package sluicegate.firmware;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * A place with files in it: a folder on disk, or resources of a bundle. Not recursive.
 *
 * <p>Immutable; as thread-safe as the source of bytes is. Files are read when asked for.
 */
public final class FirmwareFolder {
    /** Larger than any table or text that is meant; guards against naming a disk image by mistake. */
    private static final long SIZE_LIMIT = 16L << 20;

    private final String path;
    private final SortedSet<String> names;
    private final Function<String, byte[]> source;

    /** Whether the path is that of its only file. */
    private final boolean file;

    private FirmwareFolder(String path, Collection<String> names, Function<String, byte[]> source) {
        this(path, names, source, false);
    }

    private FirmwareFolder(String path, Collection<String> names, Function<String, byte[]> source, boolean file) {
        this.file = file;
        this.path = Objects.requireNonNull(path, "path");
        this.names = new TreeSet<>(names);
        this.source = Objects.requireNonNull(source, "source");
    }

    /**
     * A folder on disk. Its list of files is taken now.
     *
     * @throws IommuException ENOENT if it is no folder; EIO if it cannot be listed
     */
    public static FirmwareFolder of(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IommuException(Errno.ENOENT, folder + " is not a folder");
        }
        try (var files = Files.list(folder)) {
            var names = files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
            return new FirmwareFolder(folder.toString(), names, name -> readLimited(folder.resolve(name)));
        } catch (IOException | UncheckedIOException e) {
            throw new IommuException(Errno.EIO, folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    /**
     * Files that come from somewhere else, such as the resources of a bundle.
     *
     * @param path how messages name the folder
     * @param names the names of its files
     * @param source gives the bytes of a name in {@code names}; may throw {@link UncheckedIOException}
     */
    public static FirmwareFolder of(String path, Collection<String> names, Function<String, byte[]> source) {
        return new FirmwareFolder(path, names, source);
    }

    /**
     * One file that stands for a folder.
     *
     * @param file how messages name it
     * @param name the name that it would have in a folder
     * @param source gives its bytes; may throw {@link UncheckedIOException}
     */
    static FirmwareFolder ofFile(String file, String name, Function<String, byte[]> source) {
        return new FirmwareFolder(file, List.of(name), source, true);
    }

    private static byte[] readLimited(Path file) {
        try {
            if (Files.size(file) > SIZE_LIMIT) {
                throw IommuException.of(Errno.EINVAL, "%s has %d bytes; a file of a machine description has at most %d",
                        file, Files.size(file), SIZE_LIMIT);
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How messages name the folder. */
    public String path() {
        return path;
    }

    /** The last part of {@link #path}: what a machine made from this folder is called. */
    public String name() {
        var trimmed = path.replaceAll("[/\\\\]+$", "");
        return trimmed.substring(Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\')) + 1);
    }

    /** The names of its files, sorted. */
    public SortedSet<String> names() {
        return new TreeSet<>(names);
    }

    /** Whether it has a file of that name. */
    public boolean contains(String name) {
        return names.contains(name);
    }

    /**
     * Reads a file.
     *
     * @throws IommuException ENOENT if there is none of that name; EIO if it cannot be read; EINVAL if it is far too large
     */
    public FirmwareFile read(String name) {
        var full = file ? path : path.endsWith("/") ? path + name : path + "/" + name;
        if (!names.contains(name)) {
            throw new IommuException(Errno.ENOENT, full + " does not exist");
        }
        try {
            return new FirmwareFile(full, source.apply(name));
        } catch (UncheckedIOException e) {
            throw new IommuException(Errno.EIO, full + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return path;
    }
}
