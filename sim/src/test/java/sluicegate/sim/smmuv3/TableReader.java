package sluicegate.sim.smmuv3;

import java.util.OptionalLong;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.L1ContextDescriptor;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/**
 * Reads tables as plainly as can be, to judge the unit by: where an access without privilege is to land, for data. It takes
 * for granted that structures are legal, and is to be asked only where the unit has granted the access.
 */
final class TableReader {
    private final PhysicalMemory memory;

    TableReader(PhysicalMemory memory) {
        this.memory = memory;
    }

    /** Where an access lands; empty if tables do not allow it. */
    OptionalLong resolve(long ste, int substream, long address, boolean write) {
        try {
            return OptionalLong.of(resolved(ste, substream, address, write));
        } catch (NotAllowed e) {
            return OptionalLong.empty();
        }
    }

    private static final class NotAllowed extends RuntimeException {
        private static final long serialVersionUID = 1;

        NotAllowed() {
            super(null, null, false, false);
        }
    }

    private long word(long at) {
        require(memory.contains(at, 8));
        return memory.get64(at);
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new NotAllowed();
        }
    }

    private long resolved(long ste, int substream, long address, boolean write) {
        long word0 = word(ste);
        require(StreamTableEntry.V.isSet(word0));
        int config = (int) StreamTableEntry.CONFIG.get(word0);
        require(config >= StreamTableEntry.CONFIG_BYPASS);
        boolean stage1 = (config & 1) != 0;
        boolean stage2 = (config & 2) != 0;
        int bits = (int) StreamTableEntry.S1CDMAX.get(word0);
        int index = 0;
        if (substream != Pasid.NONE) {
            require(stage1 && bits > 0 && substream < 1 << bits);
            index = substream;
        } else if (stage1 && bits > 0) {
            long choice = StreamTableEntry.S1DSS.get(word(ste + 8));
            require(choice == StreamTableEntry.S1DSS_BYPASS || choice == StreamTableEntry.S1DSS_SSID0);
            stage1 = choice == StreamTableEntry.S1DSS_SSID0;
        }
        long intermediate = stage1 ? stage1(ste, stage2, bits, index, address, write) : address;
        return stage2 ? stage2(ste, intermediate, write) : intermediate;
    }

    private long through(long ste, boolean stage2, long address) {
        return stage2 ? stage2(ste, address, false) : address;
    }

    private long contextAddress(long ste, boolean stage2, int bits, int index) {
        long word0 = word(ste);
        long pointer = StreamTableEntry.S1CONTEXTPTR.inPlace(word0);
        int format = bits == 0 ? 0 : (int) StreamTableEntry.S1FMT.get(word0);
        int leaf = format == StreamTableEntry.S1FMT_4K_L2 ? 6 : format == StreamTableEntry.S1FMT_64K_L2 ? 10 : 0;
        if (leaf == 0) {
            return (pointer & -64L << bits) + index * 64L;
        }
        long first = pointer & -1L << Math.max(6, bits - leaf + 3);
        long descriptor = word(through(ste, stage2, first + (index >> leaf) * 8L));
        require(L1ContextDescriptor.V.isSet(descriptor));
        return (L1ContextDescriptor.L2PTR.inPlace(descriptor) & -64L << leaf) + (index & (1 << leaf) - 1) * 64L;
    }

    private long stage1(long ste, boolean stage2, int bits, int index, long address, boolean write) {
        long cd = through(ste, stage2, contextAddress(ste, stage2, bits, index));
        long word0 = word(cd);
        require(ContextDescriptor.V.isSet(word0));
        boolean el2 = !stage2 && StreamTableEntry.STRW.get(word(ste + 8)) == StreamTableEntry.STRW_EL2;
        boolean high = !el2 && (address >>> 55 & 1) != 0;
        require(el2 || !(high ? ContextDescriptor.EPD1 : ContextDescriptor.EPD0).isSet(word0));
        int size = 64 - (int) (high ? ContextDescriptor.T1SZ : ContextDescriptor.T0SZ).get(word0);
        boolean tagged = (high ? ContextDescriptor.TBI1 : ContextDescriptor.TBI0).isSet(word0);
        long canonical = tagged ? address << 8 >> 8 : address;
        require(high ? canonical >> size == -1 : canonical >>> size == 0);
        int granule = granule(high, (int) (high ? ContextDescriptor.TG1 : ContextDescriptor.TG0).get(word0));
        long table = high ? ContextDescriptor.TTB1.inPlace(word(cd + 16)) : ContextDescriptor.TTB0.inPlace(word(cd + 8));
        boolean hierarchy = !(high ? ContextDescriptor.HAD1.isSet(word(cd + 16)) : ContextDescriptor.HAD0.isSet(word(cd + 8)));
        int level = 4 - (size - granule + granule - 4) / (granule - 3);
        boolean writable = true;
        boolean unprivileged = true;
        for (int shift = granule + (3 - level) * (granule - 3); ; shift -= granule - 3, level++) {
            int indexBits = Math.min(size, shift + granule - 3) - shift;
            long mask = (1L << indexBits) - 1;
            long base = table & -1L << Math.min(indexBits + 3, granule);
            long descriptor = word(through(ste, stage2, base + (address >>> shift & mask) * 8));
            require((descriptor & 1) != 0);
            if (level < 3 && (descriptor & 2) != 0) {
                if (hierarchy) {
                    unprivileged &= (descriptor >>> 61 & 1) == 0;
                    writable &= (descriptor >>> 62 & 1) == 0;
                }
                table = Stage1Descriptor.ADDR.inPlace(descriptor) & -1L << granule;
                continue;
            }
            require((descriptor & 2) != 0 ? level == 3 : level == 2 || level == 1 && granule == 12);
            require(ContextDescriptor.AFFD.isSet(word0) || Stage1Descriptor.AF.isSet(descriptor));
            long ap = Stage1Descriptor.AP.get(descriptor);
            require(el2 || unprivileged && (ap & 1) != 0);
            require(!write || writable && (ap & 2) == 0);
            return Stage1Descriptor.ADDR.inPlace(descriptor) & -1L << shift | address & (1L << shift) - 1;
        }
    }

    private static int granule(boolean high, int code) {
        if (high) {
            return code == ContextDescriptor.TG1_4K ? 12 : code == ContextDescriptor.TG1_16K ? 14 : 16;
        }
        return code == ContextDescriptor.TG0_4K ? 12 : code == ContextDescriptor.TG0_16K ? 14 : 16;
    }

    private long stage2(long ste, long address, boolean write) {
        long word2 = word(ste + 16);
        int size = 64 - (int) StreamTableEntry.S2T0SZ.get(word2);
        require(address >>> size == 0);
        int granule = granule(false, (int) StreamTableEntry.S2TG.get(word2));
        int start = (int) StreamTableEntry.S2SL0.get(word2);
        int level = granule == 12 ? start == 3 ? 3 : 2 - start : 3 - start;
        long table = StreamTableEntry.S2TTB.inPlace(word(ste + 24));
        int top = size - granule - (3 - level) * (granule - 3);
        table &= -8L << top;
        boolean first = true;
        for (int shift = granule + (3 - level) * (granule - 3); ; shift -= granule - 3, level++, first = false) {
            int indexBits = first ? top : granule - 3;
            long descriptor = word(table + (address >>> shift & (1L << indexBits) - 1) * 8);
            require((descriptor & 1) != 0);
            if (level < 3 && (descriptor & 2) != 0) {
                table = Stage2Descriptor.ADDR.inPlace(descriptor) & -1L << granule;
                continue;
            }
            require((descriptor & 2) != 0 ? level == 3 : level == 2 || level == 1 && granule == 12);
            require(StreamTableEntry.S2AFFD.isSet(word2) || Stage2Descriptor.AF.isSet(descriptor));
            require((Stage2Descriptor.S2AP.get(descriptor) & (write ? 2 : 1)) != 0);
            return Stage2Descriptor.ADDR.inPlace(descriptor) & -1L << shift | address & (1L << shift) - 1;
        }
    }
}
