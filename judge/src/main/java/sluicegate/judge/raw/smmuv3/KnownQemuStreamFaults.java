package sluicegate.judge.raw.smmuv3;

import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.raw.RawJudge;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.smmuv3.EventType;

/** Where QEMU 7.2's model of the SMMUv3 reads tables otherwise than the manual says. Nothing else is excused. */
public enum KnownQemuStreamFaults implements RawJudge.KnownTableFault<StreamCase> {
    ACCESS_FLAG_IS_IGNORED("Pages whose access flag is clear are used as any other") {
        @Override
        boolean explains(StreamCase raw, Transfer expected, Transfer actual, long leaf, long tables) {
            return is(raw, expected, EventType.F_ACCESS) && !is(actual, EventType.F_ACCESS);
        }
    },
    EVERYBODY_IS_PRIVILEGED("Pages, and tables of such, that are for privileged accesses only are open to all (AP[1], APTable[0])") {
        @Override
        boolean explains(StreamCase raw, Transfer expected, Transfer actual, long leaf, long tables) {
            // Every page may be read by somebody; a table that is taken for a block is for nobody without privilege.
            boolean privileged = !raw.write() || (leaf & 1L << 6) != 0 || (tables & (1L << 61 | 1L << 1)) != 0;
            return is(raw, expected, EventType.F_PERMISSION) && actual.faults().isEmpty() && privileged;
        }
    },
    BLOCKS_OF_512_GIB("A block is accepted at level 0, where there is none with a granule of 4 KiB") {
        @Override
        boolean explains(StreamCase raw, Transfer expected, Transfer actual, long leaf, long tables) {
            return is(raw, expected, EventType.F_TRANSLATION) && !is(actual, EventType.F_TRANSLATION)
                    && (raw.flipped(StreamWord.LEVEL0) & 2) != 0;
        }
    },
    PERMISSIONS_OF_TABLES_COME_FIRST("Permissions of a table (APTable) are checked before what it leads to is read") {
        @Override
        boolean explains(StreamCase raw, Transfer expected, Transfer actual, long leaf, long tables) {
            return raw.write() && is(raw, actual, EventType.F_PERMISSION) && !is(expected, EventType.F_PERMISSION)
                    && expected.status() != DmaStatus.OK && (tables & 1L << 62) != 0;
        }
    },
    BYPASS_OF_ANY_WIDTH("Addresses beyond the output size pass where the stream table entry says bypass") {
        @Override
        boolean explains(StreamCase raw, Transfer expected, Transfer actual, long leaf, long tables) {
            return is(expected, EventType.F_ADDR_SIZE) && actual.status() == DmaStatus.NO_TARGET && actual.faults().isEmpty()
                    && raw.flipped(StreamWord.STREAM_LOW) != 0;
        }
    },
    ENDIANNESS_OF_DISABLED_TABLES("A context descriptor whose walks are disabled is not refused for big-endian tables") {
        @Override
        boolean explains(StreamCase raw, Transfer expected, Transfer actual, long leaf, long tables) {
            long both = 1L << 14 | 1L << 15;
            return is(expected, EventType.C_BAD_CD) && !is(actual, EventType.C_BAD_CD)
                    && (raw.flipped(StreamWord.CONTEXT) & both) == both;
        }
    };

    private final String sentence;

    KnownQemuStreamFaults(String sentence) {
        this.sentence = sentence;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public final boolean explains(StreamCase raw, Transfer expected, Transfer actual) {
        long leaf = raw.flipped(StreamWord.values()[StreamWord.LEVEL0.ordinal() + raw.leafLevel()]);
        long tables = 0;
        for (int level = 0; level < raw.leafLevel(); level++) {
            tables |= raw.flipped(StreamWord.values()[StreamWord.LEVEL0.ordinal() + level]);
        }
        return explains(raw, expected, actual, leaf, tables);
    }

    abstract boolean explains(StreamCase raw, Transfer expected, Transfer actual, long leaf, long tables);

    /** Whether it is that event, or one that the descriptor (R) lets nobody know of. */
    private static boolean is(StreamCase raw, Transfer outcome, EventType event) {
        boolean silent = outcome.status() == DmaStatus.FAULT && outcome.faults().isEmpty()
                && (raw.flipped(StreamWord.CONTEXT) & 1L << 45) != 0;
        return is(outcome, event) || silent;
    }

    private static boolean is(Transfer outcome, EventType event) {
        return outcome.faults().stream().anyMatch(fault -> fault.code() == event.code());
    }
}
