package sluicegate.hw.smmuv3;

/**
 * What hardware looks at in an entry of {@link EntryWriter#WORDS} words: a stream table entry or a context descriptor. Bits
 * that it does not look at can be written at any time without anybody noticing.
 */
interface EntryUse {
    /**
     * Sets in {@code used}, which is all zero, the bits of {@code entry} that hardware looks at while the entry is as it is.
     */
    void used(long[] entry, long[] used);

    /**
     * Sets in {@code safe}, which is all zero, bits that both entries use and that may nevertheless change at any time on the
     * way from one to the other.
     */
    default void safe(long[] entry, long[] target, long[] safe) {}
}
