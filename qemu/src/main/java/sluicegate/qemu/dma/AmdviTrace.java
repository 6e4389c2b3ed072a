package sluicegate.qemu.dma;

import java.util.List;
import sluicegate.qemu.qtest.Line;

/** What QEMU's AMD IOMMU model tells ({@code hw/i386/trace-events}). Of a page it names the start and not the size. */
public final class AmdviTrace implements UnitTrace {
    private static final String TRANSLATION = "amdvi_translation_result ";
    private static final String DEVICE_MESSAGE = "amdvi_mem_ir_write_req ";
    /** Its place is told from the start of the interrupt address range. */
    private static final long MESSAGES = 0xfee0_0000L;
    private static final List<String> FAULTS = List.of("amdvi_page_fault ", "amdvi_invalid_dte ", "amdvi_dte_get_fail ",
            "amdvi_mode_invalid ", "amdvi_get_pte_hwerror ");

    @Override
    public List<String> events() {
        return List.of("amdvi_translation_result", "amdvi_mem_ir_write_req", "amdvi_page_fault", "amdvi_invalid_dte",
                "amdvi_dte_get_fail", "amdvi_mode_invalid", "amdvi_get_pte_hwerror");
    }

    @Override
    public boolean read(Line line, DmaTrace trace) {
        if (line.startsWith(TRANSLATION)) {
            trace.translatedFrom(line.hexAfter(" hpa 0x", 0));
            return true;
        }
        if (line.startsWith(DEVICE_MESSAGE)) {
            trace.deviceMessage(MESSAGES + line.hexAfter(" addr 0x", 0), (int) line.hexAfter(" data 0x", 0));
            return true;
        }
        for (var fault : FAULTS) {
            if (line.startsWith(fault)) {
                trace.faulted();
                return true;
            }
        }
        return false;
    }
}
