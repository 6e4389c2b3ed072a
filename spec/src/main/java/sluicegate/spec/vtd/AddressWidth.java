package sluicegate.spec.vtd;

import java.util.Optional;

/**
 * Adjusted guest address widths: the values of {@link ContextEntry#AW}, and the bits of {@link
 * CapabilityRegister#SAGAW}, section 9.3.
 *
 * <p>Only those that the specification still has; 30 and 64 bits are no longer defined.
 */
public enum AddressWidth {
    /** 39 bits, 3 levels. */
    BITS_39(1, 39, 3),
    /** 48 bits, 4 levels. */
    BITS_48(2, 48, 4),
    /** 57 bits, 5 levels. */
    BITS_57(3, 57, 5);

    private final int code;
    private final int bits;
    private final int levels;

    AddressWidth(int code, int bits, int levels) {
        this.code = code;
        this.bits = bits;
        this.levels = levels;
    }

    /** The value in the AW field, and the bit in SAGAW. */
    public int code() {
        return code;
    }

    /** The width of an input address. */
    public int bits() {
        return bits;
    }

    /** The depth of the page table. */
    public int levels() {
        return levels;
    }

    /** The width with that code; empty for a reserved one. */
    public static Optional<AddressWidth> of(long code) {
        for (AddressWidth width : values()) {
            if (width.code == code) {
                return Optional.of(width);
            }
        }
        return Optional.empty();
    }
}
