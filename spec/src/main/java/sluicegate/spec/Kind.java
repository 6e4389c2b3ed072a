package sluicegate.spec;

/** What software and hardware do with the bits of a {@link Field}. */
public enum Kind {
    /** A number or a flag, used shifted down. */
    VALUE,
    /** An aligned address, used in place: the bits below the field are zeros of the address. */
    ADDRESS,
    /** Must be zero when software writes it; where the manual says so, hardware faults when it isn't. */
    RESERVED,
    /** Hardware doesn't look at it: software may keep there what it likes. */
    IGNORED
}
