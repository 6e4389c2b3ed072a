package sluicegate.firmware;

/**
 * A stretch of RAM.
 *
 * @param start first physical address, a multiple of 4096
 * @param length size in bytes, a multiple of 4096, at least that
 */
public record MemoryRange(long start, long length) {
    /** The last address. */
    public long end() {
        return start + length - 1;
    }
}
