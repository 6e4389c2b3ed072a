package sluicegate.spec;

import java.util.Objects;

/**
 * A layout at a place in a unit's register window.
 *
 * @param name the manual's short name, {@code GCMD_REG}
 * @param offset bytes from the start of the window, or from the start of its block where the manual lets that be placed
 * @param bits 32, 64 or 128
 * @param layout its fields
 * @param section where the manual defines it
 */
public record Register(String name, int offset, int bits, Layout layout, String section) {

    /** Checks that width and offset are possible. */
    public Register {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(layout, "layout");
        Objects.requireNonNull(section, "section");
        if (bits != 32 && bits != 64 && bits != 128) {
            throw new IllegalArgumentException("register " + name + ": no register is " + bits + " bits wide");
        }
        if (bits != layout.bits()) {
            throw new IllegalArgumentException("register " + name + " has " + bits + " bits, its layout "
                    + layout.bits());
        }
        if (offset < 0 || offset % (Math.min(bits, 64) / 8) != 0) {
            throw new IllegalArgumentException("register " + name + ": offset " + offset + " is not aligned");
        }
    }

    /** The register that a layout describes, named as the layout and defined in the same section. */
    public static Register at(int offset, Layout layout) {
        return new Register(layout.name(), offset, layout.bits(), layout, layout.section());
    }

    /** Its size in bytes. */
    public int bytes() {
        return bits / 8;
    }

    /** {@code GCMD_REG@0x18}. */
    @Override
    public String toString() {
        return name + "@0x" + Integer.toHexString(offset);
    }
}
