package sluicegate.spec.vtd;

import java.util.Optional;

/** Depths of first-stage tables: the values of {@link PasidEntry#FSPM}, section 9.6. Addresses are canonical. */
public enum FirstStageMode {
    /** 48 bits, 4 levels. */
    LEVELS_4(0b00, 4),
    /** 57 bits, 5 levels; needs CAP.FS5LP. */
    LEVELS_5(0b01, 5);

    private final int code;
    private final int levels;

    FirstStageMode(int code, int levels) {
        this.code = code;
        this.levels = levels;
    }

    /** The value in the FSPM field. */
    public int code() {
        return code;
    }

    /** The depth of the page table. */
    public int levels() {
        return levels;
    }

    /** The width of an input address, its sign bit included. */
    public int bits() {
        return 12 + 9 * levels;
    }

    /** The mode with that code; empty for a reserved one. */
    public static Optional<FirstStageMode> of(long code) {
        for (FirstStageMode mode : values()) {
            if (mode.code == code) {
                return Optional.of(mode);
            }
        }
        return Optional.empty();
    }
}
