package sluicegate.qemu.qtest;

import java.nio.charset.StandardCharsets;

/** One line that QEMU said, read in place. Valid only while it is handed to a {@link Witness}. */
public final class Line {
    private byte[] bytes = {};
    private int from;
    private int to;

    void set(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    /** Whether it starts so. */
    public boolean startsWith(String start) {
        return to - from >= start.length() && matches(from, start);
    }

    /** Whether it has that in it. */
    public boolean contains(String text) {
        return find(text) >= 0;
    }

    /** The hexadecimal number after the first occurrence of {@code key}; {@code missing} if there is none. */
    public long hexAfter(String key, long missing) {
        int at = find(key);
        return at < 0 ? missing : hex(at + key.length(), missing);
    }

    private int find(String text) {
        for (int at = from; at <= to - text.length(); at++) {
            if (matches(at, text)) {
                return at;
            }
        }
        return -1;
    }

    private boolean matches(int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (bytes[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private long hex(int start, long missing) {
        long value = 0;
        int at = start;
        while (at < to && Character.digit(bytes[at], 16) >= 0) {
            value = value << 4 | Character.digit(bytes[at], 16);
            at++;
        }
        return at == start ? missing : value;
    }

    @Override
    public String toString() {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }
}
