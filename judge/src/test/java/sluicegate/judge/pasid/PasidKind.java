package sluicegate.judge.pasid;

import java.util.function.Supplier;
import sluicegate.api.driver.IommuDriver;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.vtd.VtdDriver;

/** Kinds of units that know PASIDs and page requests, each with its driver and the machine with accelerators behind it. */
enum PasidKind {
    SMMUV3("virt-smmuv3-accel", "arm,smmu-v3", Smmuv3Driver::new, true, false),
    AMDVI("q35-amdvi-accel", "amd,iommu", AmdviDriver::new, false, false),
    VTD("q35-vtd-accel", "intel,vtd", VtdDriver::new, true, true);

    final String machine;
    final String compatible;
    final Supplier<IommuDriver> driver;
    /** Whether a PASID can be moved from one domain to another. */
    final boolean replaces;
    /** Whether domains of all kinds can be a PASID's, pass-through too. */
    final boolean anyDomain;

    PasidKind(String machine, String compatible, Supplier<IommuDriver> driver, boolean replaces, boolean anyDomain) {
        this.machine = machine;
        this.compatible = compatible;
        this.driver = driver;
        this.replaces = replaces;
        this.anyDomain = anyDomain;
    }
}
