package sluicegate.spec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * A part of a structure that starts at a byte and is whole bytes long, as the parts of firmware tables and of PCI
 * configuration space are. Numbers are little endian and may stand at any address.
 *
 * @param name the manual's name
 * @param offset bytes from the start of the structure
 * @param size its bytes; numbers have 1 to 8, anything longer is read with {@link #bytes}
 * @param section where the manual defines it
 * @param meaning one line for a person
 */
public record ByteField(String name, int offset, int size, String section, String meaning) {

    /** Checks that offset and size are possible. */
    public ByteField {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(section, "section");
        Objects.requireNonNull(meaning, "meaning");
        if (offset < 0 || size < 1) {
            throw new IllegalArgumentException("field " + name + ": offset " + offset + " and size " + size
                    + " are no place");
        }
    }

    /** Bytes that must be zero. */
    public static ByteField reserved(int offset, int size, String section) {
        return new ByteField("RSVD", offset, size, section, "reserved, zero");
    }

    /** Whether nothing is known of the bytes. */
    public boolean isReserved() {
        return name.equals("RSVD");
    }

    /** The offset of the first byte after it. */
    public int end() {
        return offset + size;
    }

    /**
     * The number in a structure that starts at {@code base}, unsigned.
     *
     * @throws IllegalArgumentException if it isn't a number, or lies beyond the end of the data
     */
    public long get(byte[] data, int base) {
        check(data.length, base);
        long value = 0;
        for (int i = numberSize() - 1; i >= 0; i--) {
            value = value << 8 | data[base + offset + i] & 0xFF;
        }
        return value;
    }

    /**
     * The number in a structure that starts at {@code base}, unsigned. Position and byte order of the buffer don't
     * matter.
     *
     * @throws IllegalArgumentException if it isn't a number, or lies beyond the limit of the buffer
     */
    public long get(ByteBuffer data, int base) {
        check(data.limit(), base);
        long value = 0;
        for (int i = numberSize() - 1; i >= 0; i--) {
            value = value << 8 | data.get(base + offset + i) & 0xFF;
        }
        return value;
    }

    /**
     * Writes the number into a structure that starts at {@code base}.
     *
     * @throws IllegalArgumentException if it isn't a number, doesn't fit, or lies beyond the end of the data
     */
    public void put(byte[] data, int base, long value) {
        check(data.length, base);
        if (numberSize() < Long.BYTES && value >>> 8 * size != 0) {
            throw new IllegalArgumentException("field " + name + ": value 0x" + Long.toHexString(value)
                    + " does not fit into its " + size + (size == 1 ? " byte" : " bytes"));
        }
        for (int i = 0; i < size; i++) {
            data[base + offset + i] = (byte) (value >>> 8 * i);
        }
    }

    /**
     * Its bytes, in the order in which they stand.
     *
     * @throws IllegalArgumentException if it lies beyond the end of the data
     */
    public byte[] bytes(byte[] data, int base) {
        check(data.length, base);
        return Arrays.copyOfRange(data, base + offset, base + end());
    }

    private int numberSize() {
        if (size > Long.BYTES) {
            throw new IllegalArgumentException("field " + name + " has " + size + " bytes, it is not a number");
        }
        return size;
    }

    private void check(int length, int base) {
        if (base < 0 || base > length - end()) {
            throw new IllegalArgumentException("field " + name + " of the structure at " + base + " ends at "
                    + ((long) base + end()) + ", beyond the " + length + " bytes there are");
        }
    }
}
