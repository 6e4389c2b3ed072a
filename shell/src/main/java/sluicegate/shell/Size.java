package sluicegate.shell;

/**
 * A number of bytes: a number in JSON, and {@code 4K} or {@code 2M} for a person where that is exact.
 *
 * @param bytes unsigned
 */
record Size(long bytes) {
    private static final String UNITS = "KMGT";

    @Override
    public String toString() {
        long value = bytes;
        int unit = -1;
        while (unit < UNITS.length() - 1 && value != 0 && (value & 1023) == 0) {
            value >>>= 10;
            unit++;
        }
        return Long.toUnsignedString(value) + (unit < 0 ? "" : UNITS.charAt(unit));
    }
}
