package sluicegate.hw.smmuv3;

import static sluicegate.spec.smmuv3.ContextDescriptor.A;
import static sluicegate.spec.smmuv3.ContextDescriptor.AA64;
import static sluicegate.spec.smmuv3.ContextDescriptor.ASET;
import static sluicegate.spec.smmuv3.ContextDescriptor.ASID;
import static sluicegate.spec.smmuv3.ContextDescriptor.EPD0;
import static sluicegate.spec.smmuv3.ContextDescriptor.EPD1;
import static sluicegate.spec.smmuv3.ContextDescriptor.HA;
import static sluicegate.spec.smmuv3.ContextDescriptor.HD;
import static sluicegate.spec.smmuv3.ContextDescriptor.IPS;
import static sluicegate.spec.smmuv3.ContextDescriptor.IR0;
import static sluicegate.spec.smmuv3.ContextDescriptor.OR0;
import static sluicegate.spec.smmuv3.ContextDescriptor.R;
import static sluicegate.spec.smmuv3.ContextDescriptor.S;
import static sluicegate.spec.smmuv3.ContextDescriptor.SH0;
import static sluicegate.spec.smmuv3.ContextDescriptor.T0SZ;
import static sluicegate.spec.smmuv3.ContextDescriptor.TG0;
import static sluicegate.spec.smmuv3.ContextDescriptor.TTB0;
import static sluicegate.spec.smmuv3.ContextDescriptor.V;

import sluicegate.pgtable.ArmLpae;
import sluicegate.spec.smmuv3.AddressSize;

/** The context descriptors that this driver writes (section 5.4; {@code arm_smmu_make_s1_cd}). TTB1 is never walked. */
final class ContextDescriptors {
    private ContextDescriptors() {}

    /** No descriptor: requests that come here end in C_BAD_CD. */
    static long[] none() {
        return new long[EntryWriter.WORDS];
    }

    /**
     * Tables of a domain.
     *
     * @param top address of the top table
     * @param output width of addresses that the tables may give out
     * @param stall whether faults stall
     * @param dirty whether hardware keeps the dirty state in the tables
     */
    static long[] stage1(int asid, ArmLpae format, long top, AddressSize output, boolean stall, boolean dirty) {
        long[] cd = descriptor(asid, stall);
        long word = T0SZ.set(cd[0], Long.SIZE - format.inputBits());
        word = TG0.set(word, granule(format.granuleShift()));
        word = IR0.set(word, StreamEntries.WRITE_BACK);
        word = OR0.set(word, StreamEntries.WRITE_BACK);
        word = SH0.set(word, StreamEntries.INNER_SHAREABLE);
        word = IPS.set(word, output.code());
        cd[0] = dirty ? word | HA.mask() | HD.mask() : word;
        cd[1] = TTB0.setInPlace(0, top);
        return cd;
    }

    /**
     * What is left of a descriptor whose address space has died: valid, but nothing is walked and nothing is recorded, so that
     * a device that goes on is answered at once ({@code arm_smmu_make_sva_cd} without an address space).
     *
     * @param mustStall whether the unit has no choice (STALL_MODEL 2): then faults must go on stalling
     */
    static long[] quiet(int asid, boolean stall, boolean mustStall) {
        long[] cd = descriptor(asid, stall);
        cd[0] |= EPD0.mask();
        if (!mustStall) {
            cd[0] &= ~(S.mask() | R.mask());
        }
        return cd;
    }

    private static long[] descriptor(int asid, boolean stall) {
        long[] cd = none();
        cd[0] = ASID.set(V.mask() | AA64.mask() | EPD1.mask() | A.mask() | R.mask() | ASET.mask(), asid);
        cd[0] = S.set(cd[0], stall ? 1 : 0);
        cd[3] = ArmLpae.MAIR;
        return cd;
    }

    /** The code of a granule in CD.TG0 and STE.S2TG: they are the same. */
    static int granule(int shift) {
        return switch (shift) {
            case 12 -> sluicegate.spec.smmuv3.ContextDescriptor.TG0_4K;
            case 14 -> sluicegate.spec.smmuv3.ContextDescriptor.TG0_16K;
            default -> sluicegate.spec.smmuv3.ContextDescriptor.TG0_64K;
        };
    }
}
