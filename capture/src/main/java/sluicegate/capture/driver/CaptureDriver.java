package sluicegate.capture.driver;

import org.osgi.service.component.annotations.Component;
import sluicegate.api.driver.HardwareDriver;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;
import sluicegate.capture.facts.KernelFacts;

/** The driver service. It holds nothing: each bound unit is an object of its own, owned by the core. */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "capture",
        iommu_compatible = {KernelFacts.INTEL_VTD, KernelFacts.AMD_VI, KernelFacts.ARM_SMMUV3})
public final class CaptureDriver implements IommuDriver {

    @Override
    public String name() {
        return "capture";
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        return new CapturedUnitOps(context.unitName(), context.unit());
    }
}
