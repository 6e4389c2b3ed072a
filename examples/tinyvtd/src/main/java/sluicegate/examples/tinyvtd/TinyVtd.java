package sluicegate.examples.tinyvtd;

import org.osgi.service.component.annotations.Component;
import sluicegate.api.driver.HardwareDriver;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;

/** The service that the core finds. It stands behind the platform's own driver: a unit gets it by {@code iommu:swap}. */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "tiny-vtd", iommu_compatible = "intel,vtd", service_ranking = -20)
public final class TinyVtd implements IommuDriver {

    @Override
    public String name() {
        return "tiny-vtd";
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        return TinyUnit.start(context);
    }
}
