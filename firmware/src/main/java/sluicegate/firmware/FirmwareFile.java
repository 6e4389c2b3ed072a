package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The contents of one file, with the name that messages about it use.
 *
 * @param path where it was read; any text that tells people which file is meant
 * @param bytes its contents; copied on the way in and out
 */
public record FirmwareFile(String path, byte[] bytes) {

    public FirmwareFile {
        Objects.requireNonNull(path, "path");
        bytes = bytes.clone();
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Its size in bytes. */
    public int size() {
        return bytes.length;
    }

    /** The contents as UTF-8; what is no UTF-8 becomes U+FFFD. */
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** What is wrong at an offset of this file: {@code EINVAL, "PATH, offset 0x30: ..."}. */
    IommuException malformed(long offset, String format, Object... args) {
        return new IommuException(Errno.EINVAL, at(offset) + ": " + String.format(format, args));
    }

    /** What is wrong in a line, counted from 1, of this file: {@code EINVAL, "PATH, line 3: ..."}. */
    IommuException malformedLine(int line, String format, Object... args) {
        return new IommuException(Errno.EINVAL, line(line) + ": " + String.format(format, args));
    }

    /** {@code PATH, offset 0x30}. */
    String at(long offset) {
        return path + ", offset 0x" + Long.toHexString(offset);
    }

    /** {@code PATH, line 3}. */
    String line(int line) {
        return path + ", line " + line;
    }

    /** The path and the size; the bytes are for others to print. */
    @Override
    public String toString() {
        return path + " (" + bytes.length + " bytes)";
    }
}
