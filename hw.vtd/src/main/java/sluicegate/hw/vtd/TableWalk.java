package sluicegate.hw.vtd;

import java.util.List;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * Reads what the hardware would read for one request, entry by entry (section 3.4), from the registers and the
 * memory as they are now and not from what the driver believes. The last step's outcome is the answer.
 */
record TableWalk(VtdCapabilities capabilities, VtdWindow window, PhysicalMemory memory) {

    List<WalkStep> walk(int sourceId, int pasid, long iova) {
        var log = new WalkLog(memory);
        long value = window.read64(RootTableAddressRegister.OFFSET);
        long root = RootTableAddressRegister.RTA.inPlace(value);
        long mode = RootTableAddressRegister.TTM.get(value);
        boolean legacy = mode == RootTableAddressRegister.LEGACY_MODE && pasid == Pasid.NONE;
        boolean scalable = mode == RootTableAddressRegister.SCALABLE_MODE;
        boolean on = window.status(GlobalStatusRegister.TES);
        log.add("root table address register", RootTableAddressRegister.OFFSET, RootTableAddressRegister.LAYOUT, new long[] {value},
                !on ? "translation is off (GSTS_REG.TES is 0): every address passes unchanged"
                        : legacy ? "root table at " + Hex.of(root)
                        : scalable ? "root table of scalable mode at " + Hex.of(root)
                        : WalkLog.fault(mode == RootTableAddressRegister.LEGACY_MODE ? FaultReason.TABLE_MODE_NO_PASID
                        : mode == RootTableAddressRegister.ABORT_DMA_MODE ? FaultReason.TABLE_MODE_ABORT
                        : FaultReason.ROOT_TABLE_ADDRESS_INVALID));
        if (on && legacy) {
            new LegacyWalk(capabilities, log).walk(root, sourceId, iova);
        } else if (on && scalable) {
            new ScalableWalk(capabilities, log).walk(root, sourceId, pasid, iova);
        }
        return log.steps();
    }
}
