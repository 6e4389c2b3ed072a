package sluicegate.sim.amdvi;

import sluicegate.api.types.Translation;
import sluicegate.sim.amdvi.TranslationEngine.Probe;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventFlags;

/** Says in words which event a request would be refused with. */
final class ProbeFaults {
    private ProbeFaults() {}

    static Translation.Fault describe(Probe probe, int pasid, long iova, int access) {
        return switch (probe.fault()) {
            case Probe.NO_TARGET -> new Translation.Fault(iova, 0, "NO_ADDRESS",
                    "the request passes, and no memory has such an address");
            case Probe.INVALID_REQUEST -> event(iova, EventCode.INVALID_DEVICE_REQUEST,
                    "the interrupt address range takes only writes that the device table entry does not abort");
            case Probe.BAD_ENTRY -> badEntry(probe.entry(), iova);
            case LeafWord.UNREADABLE -> event(iova, EventCode.PAGE_TAB_HARDWARE_ERROR,
                    String.format("no memory is at 0x%x, where an entry of a table would be", LeafWord.entryAddress(probe.leaf())));
            default -> pageFault(iova, EventReporter.faultFlags(probe.fault(), pasid, access));
        };
    }

    private static Translation.Fault badEntry(DeviceEntry entry, long iova) {
        return switch (entry.state != DeviceEntry.GOOD ? entry.state : entry.interruptState) {
            case DeviceEntry.UNREADABLE -> event(iova, EventCode.DEV_TAB_HARDWARE_ERROR,
                    String.format("no memory is at 0x%x, where the device table entry would be", entry.place));
            case DeviceEntry.BEYOND_TABLE -> event(iova, EventCode.IO_PAGE_FAULT, "the device id is beyond the device table");
            case DeviceEntry.RESERVED -> event(iova, EventCode.ILLEGAL_DEV_TABLE_ENTRY,
                    "the device table entry has a reserved bit set");
            default -> event(iova, EventCode.ILLEGAL_DEV_TABLE_ENTRY, "the device table entry has a code that is not allowed");
        };
    }

    private static Translation.Fault pageFault(long iova, long flags) {
        return event(iova, EventCode.IO_PAGE_FAULT,
                String.format("%s (flags 0x%04x)", EventFlags.sentence(flags), flags >>> EventFlags.SHIFT));
    }

    private static Translation.Fault event(long iova, EventCode code, String sentence) {
        return new Translation.Fault(iova, code.code(), code.name(), sentence + " (" + code.section() + ")");
    }
}
