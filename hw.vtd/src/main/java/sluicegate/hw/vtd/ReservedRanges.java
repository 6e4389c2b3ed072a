package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;

/** The reserved IOVA ranges of a device ({@code intel_iommu_get_resv_regions}). */
final class ReservedRanges {
    private static final int RW = Prot.READ | Prot.WRITE;
    /** Where writes are interrupts, before any translation (section 3.14). */
    private static final ReservedRegion INTERRUPTS =
            new ReservedRegion(0xfee0_0000L, 0x10_0000, Prot.WRITE | Prot.NOEXEC | Prot.MMIO, ReservedRegion.Type.MSI);
    /** Low memory for ISA bridges: floppy drivers keep their buffers there ({@code CONFIG_INTEL_IOMMU_FLOPPY_WA}). */
    private static final ReservedRegion ISA_MEMORY =
            new ReservedRegion(0, 16 << 20, RW, ReservedRegion.Type.DIRECT_RELAXABLE);

    private static final int CLASS_DISPLAY = 0x03;
    private static final int CLASS_ISA_BRIDGE = 0x0601;
    private static final int CLASS_USB = 0x0c03;

    private ReservedRanges() {}

    static List<ReservedRegion> of(IommuUnit unit, DeviceContext device) {
        int classCode = device.device() instanceof PciFunction function ? function.classCode() : 0;
        // Firmware gives USB controllers and graphics their ranges for itself only, before the system runs
        // (device_rmrr_is_relaxable).
        boolean relaxable = classCode >>> 16 == CLASS_DISPLAY || classCode >>> 8 == CLASS_USB;
        var regions = new ArrayList<ReservedRegion>();
        for (var firmware : unit.firmwareRegions()) {
            if (firmware.devices().contains(device.device().name())) {
                var region = firmware.region();
                regions.add(region.type() == ReservedRegion.Type.DIRECT && relaxable
                        ? new ReservedRegion(region.start(), region.length(), region.prot(), ReservedRegion.Type.DIRECT_RELAXABLE)
                        : region);
            }
        }
        if (classCode >>> 8 == CLASS_ISA_BRIDGE) {
            regions.add(ISA_MEMORY);
        }
        regions.add(INTERRUPTS);
        return List.copyOf(regions);
    }
}
