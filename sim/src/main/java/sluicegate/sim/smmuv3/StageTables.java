package sluicegate.sim.smmuv3;

/**
 * The tables of one stage of translation, as a context descriptor or a stream table entry describes them.
 *
 * @param tag with which its translations are cached
 * @param table address of the table where a walk begins
 * @param granuleShift size of the smallest page: 12, 14 or 16
 * @param startLevel level of that table, 0 to 3
 * @param inputBits width of an address that it translates
 * @param outputBits width of an address that may come out
 * @param high whether it is for the high half of the address space, TTB1
 * @param flags see the constants
 */
record StageTables(int tag, long table, int granuleShift, int startLevel, int inputBits, int outputBits, boolean high,
        int flags) {
    /** Access flag faults are disabled. */
    static final int AFFD = 1;
    /** Hardware sets the access flag. */
    static final int HA = 1 << 1;
    /** Hardware sets the dirty state. */
    static final int HD = 1 << 2;
    /** Hierarchical attributes are disabled. */
    static final int HAD = 1 << 3;
    /** What is writable is not executable. */
    static final int WXN = 1 << 4;
    /** Privileged accesses may not use what unprivileged ones may. */
    static final int PAN = 1 << 5;
    /** The EL2 regime: there are no unprivileged accesses. */
    static final int EL2 = 1 << 6;
    /** The tables of stage 2. */
    static final int STAGE2 = 1 << 7;
    /** Stage 1 walks may not go through device memory. */
    static final int PTW = 1 << 8;
    /** Stage 2 distinguishes execution by exception level. */
    static final int XNX = 1 << 9;
    /** Stage 2 forces memory types. */
    static final int FWB = 1 << 10;
    /** The top byte of addresses is ignored. */
    static final int TBI = 1 << 11;
    /** Faults are terminated with an abort; otherwise reads give zero. */
    static final int ABORT = 1 << 12;
    /** Faults are recorded. */
    static final int RECORD = 1 << 13;
    /** Faults stall. */
    static final int STALL = 1 << 14;
    /** Memory attributes 0 to 7 of stage 1 that are of a device type are marked from this bit on. */
    static final int DEVICE_SHIFT = 16;

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    int indexBits() {
        return granuleShift - 3;
    }

    /** Bits of an address below the index into a table of a level. */
    int shift(int level) {
        return granuleShift + indexBits() * (3 - level);
    }

    /** Whether an address is in the range that the tables translate (3.4.1). */
    boolean inRange(long input) {
        // With TBI bits 63:56 do not count; bit 55 says which half it is.
        long address = has(TBI) ? input << 8 >> 8 : input;
        return high ? address >> inputBits - 1 >> 1 == -1 : address >>> inputBits == 0;
    }

    /** What a cache knows an address as: the bits that can differ within the range. */
    static long cacheAddress(long input) {
        return input & (1L << 56) - 1;
    }
}
