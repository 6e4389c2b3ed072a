package sluicegate.judge.inject;

import sluicegate.spec.smmuv3.CfgiSteCommand;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.SyncCommand;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;

/** What a driver of an SMMUv3 with stage 1 can do wrong. */
public abstract class Smmuv3Sabotage extends Sabotage {
    private static final long LEAF = Stage1Descriptor.VALID.mask() | Stage1Descriptor.AF.mask();
    private static final long CONTEXT = ContextDescriptor.V.mask() | ContextDescriptor.AA64.mask() | ContextDescriptor.A.mask();
    private static final int FOUR_LEVELS = 16;
    private static final int NOBODY = 0xfff0;

    private long queue = -1;
    private long queueBytes;

    @Override
    final void register(long offset, long value) {
        if (offset == CmdqBaseRegister.OFFSET) {
            queue = CmdqBaseRegister.ADDR.inPlace(value);
            queueBytes = (long) SyncCommand.BYTES << CmdqBaseRegister.LOG2SIZE.get(value);
        }
    }

    final boolean inQueue(long address) {
        return queue != -1 && address >= queue && address < queue + queueBytes;
    }

    /** Changes descriptors of pages in a range of physical addresses, into which no table points. */
    private abstract static class OfLeaves extends Smmuv3Sabotage {
        private final long first;
        private final long last;

        OfLeaves(long first, long length) {
            this.first = first;
            this.last = first + length - 1;
        }

        @Override
        final long written(long address, long value) {
            long page = Stage1Descriptor.ADDR.inPlace(value);
            return (value & LEAF) == LEAF && page >= first && page <= last && !inQueue(address) ? leaf(value) : value;
        }

        abstract long leaf(long descriptor);
    }

    /** Bits of each page's descriptor are inverted. @param bits which, such as {@code Stage1Descriptor.AP.mask()} */
    public static Sabotage flippedLeafBits(long bits, long buffer, long bufferSize) {
        return rarelyFlippedLeafBits(bits, 1, buffer, bufferSize);
    }

    /** In one of {@code every} descriptors of pages, bits are inverted. */
    public static Sabotage rarelyFlippedLeafBits(long bits, int every, long buffer, long bufferSize) {
        return new OfLeaves(buffer, bufferSize) {
            @Override
            long leaf(long descriptor) {
                return isOneOf(every, Stage1Descriptor.ADDR.get(descriptor)) ? descriptor ^ bits : descriptor;
            }
        };
    }

    /** Context descriptors describe tables of three levels where there are four. */
    public static Sabotage narrowContexts() {
        return new Smmuv3Sabotage() {
            @Override
            long written(long address, long value) {
                boolean context = (value & CONTEXT) == CONTEXT && ContextDescriptor.T0SZ.get(value) == FOUR_LEVELS && !inQueue(address);
                return context ? ContextDescriptor.T0SZ.set(value, FOUR_LEVELS + 9) : value;
            }
        };
    }

    /** Invalidations of the TLB name an ASID that nobody uses. */
    public static Sabotage lostInvalidations() {
        return new Smmuv3Sabotage() {
            @Override
            long written(long address, long value) {
                int opcode = CommandOpcode.of(value);
                boolean tlb = inQueue(address) && (address & Long.BYTES) == 0
                        && (opcode == CommandOpcode.TLBI_NH_VA || opcode == CommandOpcode.TLBI_NH_ASID);
                return tlb ? TlbiNhVaCommand.ASID.set(value, 0xff) : value;
            }
        };
    }

    /** Invalidations of configuration name a stream that nobody has, so that what the unit has cached of others stays. */
    public static Sabotage lostConfigurationInvalidations() {
        return new Smmuv3Sabotage() {
            @Override
            long written(long address, long value) {
                int opcode = CommandOpcode.of(value);
                boolean stream = inQueue(address) && (address & Long.BYTES) == 0 && (opcode == CommandOpcode.CFGI_STE
                        || opcode == CommandOpcode.CFGI_CD || opcode == CommandOpcode.CFGI_CD_ALL);
                return stream ? CfgiSteCommand.STREAMID.set(value, NOBODY) : value;
            }
        };
    }
}
