package sluicegate.qemu.dma;

import java.util.List;
import sluicegate.qemu.qtest.Line;

/** What QEMU's VT-d model tells ({@code hw/i386/trace-events}). */
public final class VtdTrace implements UnitTrace {
    private static final String TRANSLATION = "vtd_dmar_translate ";
    private static final String FAULT = "vtd_dmar_fault ";
    /** The fault is not recorded because the context entry asks for silence. */
    private static final String SILENT_FAULT = "vtd_fault_disabled";
    private static final String UNIT_MESSAGE = "vtd_irq_generate ";
    private static final String DEVICE_MESSAGE = "vtd_ir_remap_msi_req ";

    @Override
    public List<String> events() {
        return List.of("vtd_dmar_translate", "vtd_dmar_fault", "vtd_fault_disabled", "vtd_irq_generate", "vtd_ir_remap_msi_req");
    }

    @Override
    public boolean read(Line line, DmaTrace trace) {
        if (line.startsWith(TRANSLATION)) {
            // It names the page; where in the page is as in the request.
            long mask = line.hexAfter(" mask 0x", 0);
            trace.translated(line.hexAfter(" gpa 0x", 0) & ~mask, mask);
            return true;
        }
        if (line.startsWith(UNIT_MESSAGE)) {
            trace.unitMessage(line.hexAfter(" addr 0x", 0), (int) line.hexAfter(" data 0x", 0));
            return true;
        }
        if (line.startsWith(DEVICE_MESSAGE)) {
            trace.deviceMessage(line.hexAfter(" addr 0x", 0), (int) line.hexAfter(" data 0x", 0));
            return true;
        }
        if (line.startsWith(FAULT) || line.startsWith(SILENT_FAULT)) {
            trace.faulted();
            return true;
        }
        return false;
    }
}
