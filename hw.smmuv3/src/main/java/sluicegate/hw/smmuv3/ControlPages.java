package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import sluicegate.api.types.Hex;
import sluicegate.spec.smmuv3.CmdqControlPageBaseRegister;
import sluicegate.spec.smmuv3.CmdqControlPageStatusRegister;

/** Where a unit has its enhanced command queues: in pages of registers that registers of page 0 lead to (sections 6.1, 6.2.5). */
final class ControlPages {
    private ControlPages() {}

    /**
     * Offsets of the registers of all queues in the window.
     *
     * @param complaint takes a sentence for each page that can't be used, and is left out
     */
    static List<Integer> queues(Smmuv3Capabilities capabilities, Smmuv3Window window, Consumer<String> complaint) {
        var places = new ArrayList<Integer>();
        int spacing = CmdqControlPageBaseRegister.PAGE_BYTES >> capabilities.controlPageQueueBits();
        for (int page = 0; page < capabilities.controlPages(); page++) {
            int behind = page * CmdqControlPageBaseRegister.STRIDE;
            long base = window.read64(CmdqControlPageBaseRegister.OFFSET + behind);
            long start = CmdqControlPageBaseRegister.ADDR.inPlace(base);
            String why = unusable(window, base, window.read32(CmdqControlPageStatusRegister.OFFSET + behind));
            if (!why.isEmpty()) {
                complaint.accept("control page " + page + " at " + Hex.of(start) + " can't be used: " + why);
            }
            for (int at = 0; why.isEmpty() && at < CmdqControlPageBaseRegister.PAGE_BYTES; at += spacing) {
                places.add((int) start + at);
            }
        }
        return places;
    }

    private static String unusable(Smmuv3Window window, long base, int status) {
        if (!CmdqControlPageBaseRegister.CMDQ_CONTROL_PAGE_PRESET.isSet(base)) {
            return "its queues are controlled in memory (CMDQ_CONTROL_PAGE_PRESET is 0)";
        }
        if (CmdqControlPageBaseRegister.CMDQGS.get(base) != CmdqControlPageBaseRegister.CMDQGS_64K) {
            return "it is not of 64 KiB (CMDQGS)";
        }
        if (!CmdqControlPageStatusRegister.ENACK.isSet(status)) {
            return "it is off (SMMU_CMDQ_CONTROL_PAGE_STATUS.ENACK is 0)";
        }
        long end = CmdqControlPageBaseRegister.ADDR.inPlace(base) + CmdqControlPageBaseRegister.PAGE_BYTES;
        return end > window.size() ? "it is outside the register window of " + Hex.of(window.size()) + " bytes" : "";
    }
}
