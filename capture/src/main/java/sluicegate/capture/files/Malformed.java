package sluicegate.capture.files;

import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.FirmwareFile;

/** What is wrong in a file of a capture, and where. */
final class Malformed {
    private Malformed() {}

    /** {@code PATH, line 3: ...}. */
    static IommuException line(FirmwareFile file, int line, String format, Object... args) {
        return new IommuException(Errno.EINVAL, file.path() + ", line " + line + ": " + String.format(format, args));
    }

    /** {@code PATH, offset 0x1008 of its contents: ...}. */
    static IommuException contents(FirmwareFile file, long offset, String format, Object... args) {
        return new IommuException(Errno.EINVAL,
                file.path() + ", offset 0x" + Long.toHexString(offset) + " of its contents: " + String.format(format, args));
    }
}
