package sluicegate.hw.smmuv3;

import java.util.Optional;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * The form of a stream table, as SMMU_STRTAB_BASE_CFG says it (section 6.3.25).
 *
 * @param twoLevel whether its first level leads to tables of entries
 * @param bits width of the StreamIDs that have a place in it
 * @param split with two levels, how many of them select an entry of the second; 0 otherwise
 */
record StreamTableForm(boolean twoLevel, int bits, int split) {
    /** log2 of the entries of a second-level table that this driver makes. */
    private static final int SPLIT = 8;
    private static final int LEAST_SPLIT = 6;
    private static final int MOST_SPLIT = 10;
    private static final int MAX_LEVEL_1_BITS = 17;
    /** A linear table takes 64 bytes a stream; this one is 4 MiB. */
    private static final int MAX_LINEAR_BITS = 16;
    private static final int MAX_STREAM_BITS = 32;
    private static final int MAX_SPAN = 11;

    /** The form of the tables that this driver makes for a unit. */
    static StreamTableForm of(Smmuv3Capabilities capabilities) {
        int bits = capabilities.streamBits();
        return capabilities.twoLevelStreams() && bits > SPLIT
                ? new StreamTableForm(true, Math.min(bits, SPLIT + MAX_LEVEL_1_BITS), SPLIT)
                : new StreamTableForm(false, Math.min(bits, MAX_LINEAR_BITS), 0);
    }

    /** What the register says of the table in use; empty for a format that there is not. */
    static Optional<StreamTableForm> of(long register) {
        int bits = (int) Math.min(StrtabBaseCfgRegister.LOG2SIZE.get(register), MAX_STREAM_BITS);
        if (StrtabBaseCfgRegister.FMT.get(register) == StrtabBaseCfgRegister.LINEAR) {
            return Optional.of(new StreamTableForm(false, bits, 0));
        }
        if (StrtabBaseCfgRegister.FMT.get(register) != StrtabBaseCfgRegister.TWO_LEVEL) {
            return Optional.empty();
        }
        int split = (int) StrtabBaseCfgRegister.SPLIT.get(register);
        return Optional.of(new StreamTableForm(true, bits, split == SPLIT || split == MOST_SPLIT ? split : LEAST_SPLIT));
    }

    /** What the register has to say. */
    long register() {
        long register = StrtabBaseCfgRegister.LOG2SIZE.set(0, bits);
        register = StrtabBaseCfgRegister.SPLIT.set(register, split);
        return StrtabBaseCfgRegister.FMT.set(register,
                twoLevel ? StrtabBaseCfgRegister.TWO_LEVEL : StrtabBaseCfgRegister.LINEAR);
    }

    /** Descriptors of the first level; of a linear table, entries. */
    long firstCount() {
        return 1L << (twoLevel ? Math.max(0, bits - split) : bits);
    }

    /** Size of the first level. */
    long firstBytes() {
        return firstCount() * (twoLevel ? L1StreamTableDescriptor.BYTES : StreamTableEntry.BYTES);
    }

    /** Entries of a second-level table of full size. */
    int secondCount() {
        return 1 << split;
    }

    /** Entries of the second-level table that a descriptor leads to; 0 if it leads to none (section 5.1). */
    int secondCount(long descriptor) {
        int span = (int) L1StreamTableDescriptor.SPAN.get(descriptor);
        return span == 0 || span > MAX_SPAN || span > split + 1 ? 0 : 1 << span - 1;
    }

    @Override
    public String toString() {
        return twoLevel ? "two levels, split at " + split + " of " + bits + " bits" : "linear, " + bits + " bits";
    }
}
