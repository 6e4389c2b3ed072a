package sluicegate.spec.smmuv3;

import java.util.Optional;

/**
 * Address sizes: the values of {@link Idr5Register#OAS}, {@link ContextDescriptor#IPS} and {@link StreamTableEntry#S2PS},
 * section 6.3.6.
 */
public enum AddressSize {
    /** 32 bits. */
    BITS_32(0, 32),
    /** 36 bits. */
    BITS_36(1, 36),
    /** 40 bits. */
    BITS_40(2, 40),
    /** 42 bits. */
    BITS_42(3, 42),
    /** 44 bits. */
    BITS_44(4, 44),
    /** 48 bits. */
    BITS_48(5, 48),
    /** 52 bits; from SMMUv3.1 on. */
    BITS_52(6, 52),
    /** 56 bits; from SMMUv3.4 on. */
    BITS_56(7, 56);

    private final int code;
    private final int bits;

    AddressSize(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    /** The value in the field. */
    public int code() {
        return code;
    }

    /** The width of an address. */
    public int bits() {
        return bits;
    }

    /** The size with that code; empty for more than three bits. */
    public static Optional<AddressSize> of(long code) {
        for (AddressSize size : values()) {
            if (size.code == code) {
                return Optional.of(size);
            }
        }
        return Optional.empty();
    }

    /** The smallest size that holds addresses of so many bits; empty above 56. */
    public static Optional<AddressSize> holding(int bits) {
        for (AddressSize size : values()) {
            if (size.bits >= bits) {
                return Optional.of(size);
            }
        }
        return Optional.empty();
    }
}
