package sluicegate.shell;

import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** How many bytes a command moves at once. */
final class Lengths {
    /** Enough to see anything, too little to fill the heap by a slip of the finger. */
    static final int MAX = 1 << 20;

    private Lengths() {}

    static int parse(String text) {
        long length = Hex.parse(text);
        if (length == 0 || Long.compareUnsigned(length, MAX) > 0) {
            throw IommuException.of(Errno.EINVAL, "A length of %s is out of range: one command moves 1 byte to %s", text,
                    new Size(MAX));
        }
        return (int) length;
    }

    static byte[] parseBytes(String text) {
        var data = Hex.parseBytes(text);
        if (data.length == 0 || data.length > MAX) {
            throw IommuException.of(Errno.EINVAL, "%d bytes are out of range: one command moves 1 byte to %s", data.length,
                    new Size(MAX));
        }
        return data;
    }

    /** {@code 1 byte}, {@code 16 bytes}. */
    static String ofBytes(int length) {
        return length + (length == 1 ? " byte" : " bytes");
    }
}
