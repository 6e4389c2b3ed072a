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

    /** What editors and shells of Windows put first. */
    private static final String MARK = "\ufeff";
    private static final int BIG_ENDIAN_MARK = 0xfeff;
    private static final int LITTLE_ENDIAN_MARK = 0xfffe;

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

    /** The contents as UTF-8, or as UTF-16 if a byte order mark says so; what is neither becomes U+FFFD. */
    public String text() {
        int mark = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
        var text = new String(bytes, mark == BIG_ENDIAN_MARK || mark == LITTLE_ENDIAN_MARK ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
        return text.startsWith(MARK) ? text.substring(1) : text;
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
