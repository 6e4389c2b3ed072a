package sluicegate.judge.conformance;

import java.util.function.Supplier;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.examples.tinyvtd.TinyVtd;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.amdvi.v2.AmdviV2Driver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.smmuv3.stage2.Stage2Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.judge.Subjects;
import sluicegate.judge.run.DriverView;
import sluicegate.sim.EmbeddedMachine;

/** A driver and a machine that it drives. */
enum Kind {
    VTD("intel,vtd", VtdDriver::new, "q35-vtd", ""),
    VTD_WITH_DEVICE_TLBS("intel,vtd", VtdDriver::new, "q35-vtd-rich", ""),
    VTD_CACHING_ABSENCE("intel,vtd", VtdDriver::new, "q35-vtd", "vtd.caching-mode = yes\nvtd.large-pages = none"),
    VTD_BY_REGISTERS("intel,vtd", VtdDriver::new, "q35-vtd", "vtd.queued-invalidation = no"),
    /** Tables of three levels. */
    VTD_39("intel,vtd", VtdDriver::new, "q35-vtd-39", ""),
    VTD_SCALABLE("intel,vtd", VtdDriver::new, "q35-vtd-scalable", ""),
    /** The example of docs/writing-a-driver.md. */
    TINY_VTD("intel,vtd", TinyVtd::new, "q35-vtd", ""),
    TINY_VTD_RICH("intel,vtd", TinyVtd::new, "q35-vtd-rich", ""),
    TINY_VTD_CACHING_ABSENCE("intel,vtd", TinyVtd::new, "q35-vtd", "vtd.caching-mode = yes\nvtd.queued-invalidation = no"),
    /** Stage 1, 4 KiB, a linear stream table. */
    SMMUV3_MINIMAL("arm,smmu-v3", Smmuv3Driver::new, "virt-smmuv3", """
            smmuv3.granules = 4K
            smmuv3.two-level-streams = no
            smmuv3.stream-bits = 8
            smmuv3.range-invalidation = no
            smmuv3.asid-16 = no
            smmuv3.msi = no
            smmuv3.break-before-make = 0
            smmuv3.command-queue-bits = 6
            smmuv3.event-queue-bits = 4
            """),
    SMMUV3_STAGE_2("arm,smmu-v3", Smmuv3Driver::new, "virt-smmuv3", "smmuv3.stage-1 = no\nsmmuv3.stage-2 = yes"),
    /** On a unit that has stage 1 too. */
    SMMUV3_STAGE_2_DRIVER("arm,smmu-v3", Stage2Driver::new, "virt-smmuv3-rich", ""),
    SMMUV3_16K("arm,smmu-v3", Smmuv3Driver::new, "virt-smmuv3", "smmuv3.granules = 16K"),
    SMMUV3_FULL("arm,smmu-v3", Smmuv3Driver::new, "virt-smmuv3-rich", ""),
    /** Host tables only. */
    AMDVI_V1("amd,iommu", AmdviDriver::new, "q35-amdvi", ""),
    AMDVI_FULL("amd,iommu", AmdviDriver::new, "q35-amdvi-rich", ""),
    AMDVI_GUEST_TABLES("amd,iommu", AmdviV2Driver::new, "q35-amdvi-rich", ""),
    QEMU_VTD("intel,vtd", VtdDriver::new, "q35-vtd"),
    QEMU_TINY_VTD("intel,vtd", TinyVtd::new, "q35-vtd"),
    /** QEMU 7.2 has the second stage only. */
    QEMU_VTD_SCALABLE("intel,vtd", VtdDriver::new, "q35-vtd-scalable"),
    /** The first stage alone: QEMU 10. */
    QEMU_VTD_FIRST_STAGE("intel,vtd", VtdDriver::new, "q35-vtd-first-stage"),
    QEMU_SMMUV3("arm,smmu-v3", Smmuv3Driver::new, "virt-smmuv3"),
    /** Stage 2: QEMU 10. */
    QEMU_SMMUV3_STAGE_2("arm,smmu-v3", Stage2Driver::new, "virt-smmuv3-nested"),
    QEMU_AMDVI("amd,iommu", AmdviDriver::new, "q35-amdvi");

    final String compatible;
    final Supplier<IommuDriver> driver;
    final boolean qemu;
    private final String machine;
    private final String settings;

    /** @param settings lines of {@code machine.properties} for an embedded machine */
    Kind(String compatible, Supplier<IommuDriver> driver, String machine, String settings) {
        this(compatible, driver, machine, settings, false);
    }

    /** On QEMU. */
    Kind(String compatible, Supplier<IommuDriver> driver, String machine) {
        this(compatible, driver, machine, "", true);
    }

    Kind(String compatible, Supplier<IommuDriver> driver, String machine, String settings, boolean qemu) {
        this.compatible = compatible;
        this.driver = driver;
        this.machine = machine;
        this.settings = settings;
        this.qemu = qemu;
    }

    /** Whether its unit and its device have PASIDs, each with tables of its own. */
    boolean hasPasids() {
        return this == SMMUV3_FULL || this == AMDVI_FULL || this == AMDVI_GUEST_TABLES || this == VTD_SCALABLE;
    }

    /** Whether refused DMA is recorded. QEMU 7.2's AMD IOMMU never writes its event log. */
    boolean recordsFaults() {
        return this != QEMU_AMDVI;
    }

    /** Whether a page that was reached untranslated can be reached by that no more. QEMU 7.2's AMD IOMMU keeps it in its IOTLB. */
    boolean forgetsIdentity() {
        return this != QEMU_AMDVI;
    }

    /** What stands between driver and unit. */
    DriverView view() {
        return qemu ? Subjects.viewOfQemu(machine) : DriverView.CLEAR;
    }

    /** The test is skipped where QEMU is missing. */
    Machine boot() {
        return qemu ? Subjects.qemu(machine) : EmbeddedMachine.boot(
                RichFunction.in(Subjects.description(machine, settings), new PciAddress(0, 0, 5, 0)), "model", 0);
    }
}
