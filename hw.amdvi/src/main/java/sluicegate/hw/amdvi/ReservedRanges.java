package sluicegate.hw.amdvi;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;

/**
 * The reserved IOVA ranges of a device ({@code amd_iommu_get_resv_regions}): what firmware says, where writes are interrupts, and
 * where HyperTransport has its own addresses if the unit does not take them for any others.
 */
final class ReservedRanges {
    private static final ReservedRegion INTERRUPTS =
            new ReservedRegion(0xfee0_0000L, 0x10_0000, Prot.WRITE | Prot.NOEXEC | Prot.MMIO, ReservedRegion.Type.MSI);
    private static final ReservedRegion HYPER_TRANSPORT =
            new ReservedRegion(0xfd_0000_0000L, 0x3_0000_0000L, 0, ReservedRegion.Type.RESERVED);

    private ReservedRanges() {}

    static List<ReservedRegion> of(IommuUnit unit, DeviceContext device, boolean hyperTransport) {
        var regions = new ArrayList<ReservedRegion>();
        for (var firmware : unit.firmwareRegions()) {
            if (firmware.devices().contains(device.device().name())) {
                regions.add(firmware.region());
            }
        }
        regions.add(INTERRUPTS);
        if (hyperTransport) {
            regions.add(HYPER_TRANSPORT);
        }
        return List.copyOf(regions);
    }
}
