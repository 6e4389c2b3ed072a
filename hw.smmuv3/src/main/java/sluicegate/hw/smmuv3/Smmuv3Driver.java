package sluicegate.hw.smmuv3;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.HardwareDriver;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;

/** The driver service. It holds nothing: each bound unit is an object of its own, owned by the core. */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "arm-smmu-v3", iommu_compatible = "arm,smmu-v3")
@Designate(ocd = Smmuv3Driver.Config.class)
public final class Smmuv3Driver implements IommuDriver {
    private static final Logger LOG = LoggerFactory.getLogger(Smmuv3Driver.class);

    private static final long DEFAULT_TIMEOUT_MILLIS = 1000;

    private final Patience patience;

    /** Settings of the driver. */
    @ObjectClassDefinition(name = "Sluicegate SMMUv3 driver", description = "How the driver treats Arm SMMUv3 units")
    @interface Config {
        @AttributeDefinition(name = "Hardware time-out", description = "How many milliseconds the driver waits for a unit to "
                + "complete a command before the operation fails", min = "1")
        long timeoutMillis() default DEFAULT_TIMEOUT_MILLIS;
    }

    /** A driver with its default settings, for use without OSGi. */
    public Smmuv3Driver() {
        this(Patience.ofMillis(DEFAULT_TIMEOUT_MILLIS));
    }

    @Activate
    public Smmuv3Driver(Config config) {
        this(Patience.ofMillis(Math.max(1, config.timeoutMillis())));
    }

    Smmuv3Driver(Patience patience) {
        this.patience = patience;
    }

    @Override
    public String name() {
        return "arm-smmu-v3";
    }

    @Override
    public boolean adopts() {
        return true;
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        var unit = new UnitStart(context, patience).run();
        var capabilities = unit.capabilities();
        LOG.info("{}: {}, granule of {} KiB, {} bits of address, {} bits of stream id{}{}{}{}", unit.name(),
                capabilities.nesting() ? "stages 1 and 2" : capabilities.stage1() ? "stage 1" : "stage 2",
                1 << capabilities.granuleShift() - 10, capabilities.output().bits(), capabilities.streamBits(),
                capabilities.rangeInvalidation() ? ", range invalidation" : "", capabilities.ats() ? ", ATS" : "",
                capabilities.pri() ? ", PRI" : "", capabilities.stalls() ? ", stalls" : "");
        return unit;
    }
}
