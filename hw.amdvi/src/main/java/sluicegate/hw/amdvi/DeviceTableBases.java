package sluicegate.hw.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.DeviceTableSegmentRegister;

/**
 * Where the device table is that a unit uses now, as its registers say (section 2.2.2): one piece, or as many segments as
 * the control register tells, which the upper bits of a device id choose.
 *
 * @param segments in the order of device ids
 */
record DeviceTableBases(List<Segment> segments) {
    private static final int ID_BITS = 16;
    /** Greater codes of ControlRegister.DEVTBLSEGEN are reserved. */
    private static final int MAX_SEGMENT_BITS = 3;

    /**
     * A segment.
     *
     * @param offset of its register
     * @param register what that holds
     * @param base where it begins
     * @param entries how many it has
     */
    record Segment(int offset, long register, long base, int entries) {
        long bytes() {
            return (long) entries * DeviceTableEntry.BYTES;
        }
    }

    DeviceTableBases {
        segments = List.copyOf(segments);
    }

    static DeviceTableBases read(AmdviWindow window) {
        int bits = (int) Math.min(MAX_SEGMENT_BITS, ControlRegister.DEVTBLSEGEN.get(window.read64(ControlRegister.OFFSET)));
        var segments = new ArrayList<Segment>();
        for (int i = 0; i < 1 << bits; i++) {
            int offset = offset(i);
            long register = window.read64OrZero(offset);
            segments.add(new Segment(offset, register, DeviceTableBaseRegister.BASE.inPlace(register),
                    Math.min(DeviceTableBaseRegister.entries(register), 1 << ID_BITS - bits)));
        }
        return new DeviceTableBases(segments);
    }

    /** Where the base register of a segment is. */
    static int offset(int segment) {
        return segment == 0 ? DeviceTableBaseRegister.OFFSET : DeviceTableSegmentRegister.offset(segment);
    }

    /** The segment that a device id belongs to. */
    Segment of(int deviceId) {
        return segments.get(deviceId / idsOfEach());
    }

    /** Where the entry of a device id is; empty if its segment ends before. */
    Optional<Long> entry(int deviceId) {
        var segment = of(deviceId);
        int index = deviceId % idsOfEach();
        return index < segment.entries ? Optional.of(segment.base + (long) index * DeviceTableEntry.BYTES) : Optional.empty();
    }

    int idsOfEach() {
        return (1 << ID_BITS) / segments.size();
    }
}
