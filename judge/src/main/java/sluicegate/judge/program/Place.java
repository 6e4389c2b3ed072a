package sluicegate.judge.program;

import sluicegate.api.types.Hex;

/**
 * An address in a program: a number, or one counted from the start of the memory that the program may use, which every machine
 * puts where it likes. Printed as {@code 0x1000} and {@code buffer+0x1000}.
 *
 * @param inBuffer whether it is counted from the start of the buffer
 * @param offset the number, unsigned
 */
public record Place(boolean inBuffer, long offset) {
    private static final String BUFFER = "buffer+";

    /** A plain number. */
    public static Place at(long address) {
        return new Place(false, address);
    }

    /** Counted from the start of the buffer. */
    public static Place inBuffer(long offset) {
        return new Place(true, offset);
    }

    /** The address on a machine whose buffer begins at {@code buffer}. */
    public long resolve(long buffer) {
        return inBuffer ? buffer + offset : offset;
    }

    /** Reads what {@link #toString} prints. @throws sluicegate.api.types.IommuException EINVAL */
    static Place parse(String text) {
        return text.startsWith(BUFFER) ? inBuffer(Hex.parse(text.substring(BUFFER.length()))) : at(Hex.parse(text));
    }

    @Override
    public String toString() {
        return (inBuffer ? BUFFER : "") + Hex.of(offset);
    }
}
