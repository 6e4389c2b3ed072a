package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;

/** The reserved IOVA ranges of a device ({@code arm_smmu_get_resv_regions}). */
final class ReservedRanges {
    /** Where doorbells of interrupts are mapped: writes to them are translated as any other ({@code MSI_IOVA_BASE}). */
    private static final ReservedRegion DOORBELLS =
            new ReservedRegion(0x800_0000L, 0x10_0000, Prot.WRITE | Prot.NOEXEC | Prot.MMIO, ReservedRegion.Type.SW_MSI);

    private ReservedRanges() {}

    static List<ReservedRegion> of(IommuUnit unit, DeviceContext device) {
        var regions = new ArrayList<ReservedRegion>();
        for (var firmware : unit.firmwareRegions()) {
            if (firmware.devices().contains(device.device().name())) {
                regions.add(firmware.region());
            }
        }
        regions.add(DOORBELLS);
        return List.copyOf(regions);
    }
}
