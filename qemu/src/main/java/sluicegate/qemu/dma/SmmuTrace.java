package sluicegate.qemu.dma;

import java.util.List;
import sluicegate.qemu.qtest.Line;

/** What QEMU's SMMUv3 model tells ({@code hw/arm/trace-events}). It has wired interrupts and sends no messages. */
public final class SmmuTrace implements UnitTrace {
    private static final String TRANSLATION = "smmuv3_translate_success ";
    private static final String ABORT = "smmuv3_translate_abort ";
    private static final String INTERRUPT = "smmuv3_trigger_irq irq=";
    private static final String DEVICE_MESSAGE = "gicv3_its_translation_write ";
    /** It names its memory region first. */
    private static final String FAULT = " translation failed for iova=0x";
    private static final long IN_PAGE = 0xfff;
    /** The lines as the device tree binding orders them, by the names that drivers give the vectors. */
    private static final List<String> LINES = List.of("evtq", "priq", "cmdq-sync", "gerror");

    @Override
    public List<String> events() {
        return List.of("smmuv3_translate_success", "smmuv3_translate_abort", "smmuv3_trigger_irq", "gicv3_its_translation_write");
    }

    @Override
    public boolean read(Line line, DmaTrace trace) {
        if (line.startsWith(TRANSLATION)) {
            trace.translated(line.hexAfter(" translated=0x", 0) & ~IN_PAGE, IN_PAGE);
            return true;
        }
        if (line.startsWith(INTERRUPT)) {
            int number = (int) line.hexAfter(INTERRUPT, LINES.size());
            if (number < LINES.size()) {
                trace.unitLine(LINES.get(number));
            }
            return true;
        }
        if (line.startsWith(DEVICE_MESSAGE)) {
            trace.deviceMessage((int) line.hexAfter(" data 0x", 0));
            return true;
        }
        if (line.startsWith(ABORT) || line.contains(FAULT)) {
            trace.faulted();
            return true;
        }
        return false;
    }
}
