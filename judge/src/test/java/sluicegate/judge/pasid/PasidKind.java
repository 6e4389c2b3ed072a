package sluicegate.judge.pasid;

import java.util.function.Supplier;
import sluicegate.api.driver.IommuDriver;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.smmuv3.Smmuv3Driver;

/** Kinds of units that know PASIDs and page requests, each with its driver and the machine with accelerators behind it. */
enum PasidKind {
    SMMUV3("virt-smmuv3-accel", "arm,smmu-v3", Smmuv3Driver::new, true),
    AMDVI("q35-amdvi-accel", "amd,iommu", AmdviDriver::new, false);

    final String machine;
    final String compatible;
    final Supplier<IommuDriver> driver;
    /** Whether a PASID can be moved from one domain to another. */
    final boolean replaces;

    PasidKind(String machine, String compatible, Supplier<IommuDriver> driver, boolean replaces) {
        this.machine = machine;
        this.compatible = compatible;
        this.driver = driver;
        this.replaces = replaces;
    }
}
