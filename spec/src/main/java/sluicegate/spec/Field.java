package sluicegate.spec;

import java.util.Objects;

/**
 * A run of bits of a structure, under the name that its manual gives it.
 *
 * <p>Bits are numbered through the whole structure: bit 64 is the lowest bit of its second 64-bit word. A field lies in
 * one such word; where a manual splits a value over two words, there are two fields. The methods that take a word expect
 * the one that {@link #word()} names. Words are what a {@code long} holds; values are unsigned.
 *
 * <p>Fields are meant to be {@code static final} constants. The JIT treats the components of such a record as constants,
 * so that {@link #get}, {@link #inPlace}, {@link #isSet} and {@link #clear} come down to a shift and a mask.
 *
 * <pre>{@code
 * long low = 0;
 * low = RootEntry.P.set(low, 1);
 * low = RootEntry.CTP.setInPlace(low, 0x12345000L);
 * long table = RootEntry.CTP.inPlace(low);
 * }</pre>
 *
 * @param name the manual's name for the field, in upper case
 * @param high its highest bit
 * @param low its lowest bit
 * @param kind what the bits are for
 * @param section where the manual defines it
 * @param meaning one line for a person who reads a decoded value
 */
public record Field(String name, int high, int low, Kind kind, String section, String meaning) {

    /** Checks that the bits exist and lie in one 64-bit word. */
    public Field {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(section, "section");
        Objects.requireNonNull(meaning, "meaning");
        if (low < 0 || high < low) {
            throw new IllegalArgumentException("field " + name + ": bits " + high + ":" + low + " are no range");
        }
        if (high / Long.SIZE != low / Long.SIZE) {
            throw new IllegalArgumentException("field " + name + ": bits " + high + ":" + low
                    + " cross a 64-bit word; describe it as two fields");
        }
    }

    /** A number of several bits. */
    public static Field bits(String name, int high, int low, String section, String meaning) {
        return new Field(name, high, low, Kind.VALUE, section, meaning);
    }

    /** A single bit. */
    public static Field bit(String name, int bit, String section, String meaning) {
        return new Field(name, bit, bit, Kind.VALUE, section, meaning);
    }

    /** An address, used in place. */
    public static Field address(String name, int high, int low, String section, String meaning) {
        return new Field(name, high, low, Kind.ADDRESS, section, meaning);
    }

    /** Bits that must be zero. */
    public static Field reserved(int high, int low, String section) {
        return new Field("RSVD", high, low, Kind.RESERVED, section, "reserved, must be zero");
    }

    /** Bits that hardware does not look at. */
    public static Field ignored(int high, int low, String section) {
        return new Field("IGN", high, low, Kind.IGNORED, section, "ignored by hardware");
    }

    /** The number of bits. */
    public int width() {
        return high - low + 1;
    }

    /** The index of the 64-bit word that holds the field. */
    public int word() {
        return low >>> 6;
    }

    /** The field's bits within its word. */
    public long mask() {
        // A shift count is taken modulo 64, so neither shift needs to know which word it is in.
        return (-1L >>> (Long.SIZE - 1 - high + low)) << low;
    }

    /** The value, shifted down to bit 0; of an address this is the number of the page (or whatever its unit is). */
    public long get(long word) {
        return (word >>> low) & (-1L >>> (Long.SIZE - 1 - high + low));
    }

    /** The field's bits where they stand, all others zero: an address. */
    public long inPlace(long word) {
        return word & mask();
    }

    /** Whether any bit of the field is set. */
    public boolean isSet(long word) {
        return (word & mask()) != 0;
    }

    /**
     * The word with this field set to a value that is given shifted down.
     *
     * @throws IllegalArgumentException if the value doesn't fit
     */
    public long set(long word, long value) {
        if ((value & ~(mask() >>> low)) != 0) {
            throw tooWide(value);
        }
        return (word & ~mask()) | (value << low);
    }

    /**
     * The word with this field set to an address, which is given as it is.
     *
     * @throws IllegalArgumentException if the address has bits outside the field
     */
    public long setInPlace(long word, long address) {
        if ((address & ~mask()) != 0) {
            throw outside(address);
        }
        return (word & ~mask()) | address;
    }

    /** The word with this field zero. */
    public long clear(long word) {
        return word & ~mask();
    }

    // The messages are built away from the callers, which have to stay small enough to be inlined.
    private IllegalArgumentException tooWide(long value) {
        return new IllegalArgumentException("field " + name + ": value 0x" + Long.toHexString(value)
                + " does not fit into its " + width() + (width() == 1 ? " bit" : " bits"));
    }

    private IllegalArgumentException outside(long address) {
        return new IllegalArgumentException("field " + name + ": address 0x" + Long.toHexString(address)
                + " has bits outside its " + width() + " bits, mask 0x" + Long.toHexString(mask()));
    }
}
