package sluicegate.hw.smmuv3;

import static sluicegate.spec.smmuv3.ContextDescriptor.EPD0;
import static sluicegate.spec.smmuv3.ContextDescriptor.IR0;
import static sluicegate.spec.smmuv3.ContextDescriptor.OR0;
import static sluicegate.spec.smmuv3.ContextDescriptor.SH0;
import static sluicegate.spec.smmuv3.ContextDescriptor.T0SZ;
import static sluicegate.spec.smmuv3.ContextDescriptor.TG0;
import static sluicegate.spec.smmuv3.ContextDescriptor.TTB0;
import static sluicegate.spec.smmuv3.ContextDescriptor.V;

import java.util.Arrays;

/** What hardware looks at in a context descriptor (section 5.4; {@code arm_smmu_get_cd_used}). */
final class ContextUse implements EntryUse {
    private static final long WALK_0 = T0SZ.mask() | TG0.mask() | IR0.mask() | OR0.mask() | SH0.mask();

    @Override
    public void used(long[] entry, long[] used) {
        used[0] |= V.mask();
        if (!V.isSet(entry[0])) {
            return;
        }
        Arrays.fill(used, -1L);
        if (EPD0.isSet(entry[0])) {
            used[0] &= ~WALK_0;
            used[1] &= ~TTB0.mask();
        }
    }
}
