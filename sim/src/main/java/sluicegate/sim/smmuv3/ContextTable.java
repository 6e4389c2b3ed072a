package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.L1ContextDescriptor;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * From a stream table entry to a context descriptor, by way of the linear or two-level table in memory (5.2 S1Fmt, 5.3). With
 * stage 2 all addresses on the way are intermediate ones. Level 1 descriptors are not cached.
 */
final class ContextTable {
    private static final int DESCRIPTOR_SHIFT = 6;
    private static final int POINTER_SHIFT = 3;
    private static final int WORDS_USED = 4;

    private final PhysicalMemory memory;
    private final TableWalker walker;
    private final int outputBits;

    ContextTable(PhysicalMemory memory, TableWalker walker, Smmuv3Capabilities capabilities) {
        this.memory = memory;
        this.outputBits = capabilities.outputBits();
        this.walker = walker;
    }

    /**
     * Reads the descriptor with an index.
     *
     * @param cd takes its first four words
     * @return 0; a {@link FaultWord}; or the code of a configuration error
     */
    long read(StreamEntry stream, int index, long[] cd, boolean update, long since) {
        long address = stream.contextPointer();
        int bits = stream.substreamBits();
        int leafBits = switch (bits == 0 ? StreamTableEntry.S1FMT_LINEAR : stream.format()) {
            case StreamTableEntry.S1FMT_4K_L2 -> 6;
            case StreamTableEntry.S1FMT_64K_L2 -> 10;
            default -> 0;
        };
        if (leafBits == 0) {
            address = (address & -1L << bits + DESCRIPTOR_SHIFT) + ((long) index << DESCRIPTOR_SHIFT);
        } else {
            long pointer = (address & -1L << Math.max(DESCRIPTOR_SHIFT, bits - leafBits + POINTER_SHIFT))
                    + ((long) (index >>> leafBits) << POINTER_SHIFT);
            long at = physical(stream, pointer, L1ContextDescriptor.BYTES, update, since);
            if (FaultWord.isFault(at)) {
                return at;
            }
            long descriptor = memory.get64Acquire(at);
            if (!L1ContextDescriptor.V.isSet(descriptor)) {
                return EventType.C_BAD_SUBSTREAMID.code();
            }
            long table = L1ContextDescriptor.L2PTR.inPlace(descriptor) & -1L << leafBits + DESCRIPTOR_SHIFT;
            if (table >>> outputBits != 0) {
                return EventType.C_BAD_SUBSTREAMID.code();
            }
            address = table + ((long) (index & (1 << leafBits) - 1) << DESCRIPTOR_SHIFT);
        }
        long at = physical(stream, address, ContextDescriptor.BYTES, update, since);
        if (FaultWord.isFault(at)) {
            return at;
        }
        for (int i = 0; i < WORDS_USED; i++) {
            cd[i] = memory.get64Acquire(at + 8L * i);
        }
        return 0;
    }

    private long physical(StreamEntry stream, long address, int bytes, boolean update, long since) {
        long at = address;
        if (stream.stage2() != null) {
            at = walker.descriptorAddress(stream.stage2(), address, StreamAccess.READ, update, since);
            if (FaultWord.isFault(at)) {
                return FaultWord.atContextDescriptor(at);
            }
        }
        return memory.contains(at, bytes) ? at : FaultWord.fetch(EventType.F_CD_FETCH, at);
    }
}
