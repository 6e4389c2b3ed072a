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
import sluicegate.hw.common.Patience;

/** The driver service. It holds nothing: each bound unit is an object of its own, owned by the core. */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "arm-smmu-v3", iommu_compatible = "arm,smmu-v3")
@Designate(ocd = Smmuv3Driver.Config.class)
public final class Smmuv3Driver implements IommuDriver {
    private static final Logger LOG = LoggerFactory.getLogger(Smmuv3Driver.class);

    private static final long DEFAULT_TIMEOUT_MILLIS = 1000;

    private final String name;
    private final Patience patience;
    private final boolean stage2Only;

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
        this("arm-smmu-v3", patience, false);
    }

    private Smmuv3Driver(String name, Patience patience, boolean stage2Only) {
        this.name = name;
        this.patience = patience;
        this.stage2Only = stage2Only;
    }

    /**
     * The same for a driver that uses nothing but stage 2: its bundle carries a copy of these classes.
     *
     * @param name of that driver
     * @param timeoutMillis how long to wait for hardware, in milliseconds, at least 1
     */
    public static Smmuv3Driver ofStage2(String name, long timeoutMillis) {
        return new Smmuv3Driver(name, Patience.ofMillis(Math.max(1, timeoutMillis)), true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean adopts() {
        return true;
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        var unit = new UnitStart(context, patience, stage2Only).run();
        var capabilities = unit.capabilities();
        LOG.info("{}: {}, granule of {} KiB, {} bits of address, {} bits of stream id{}{}{}{}{}", unit.name(),
                capabilities.nesting() ? "stages 1 and 2" : capabilities.stage1() ? "stage 1" : "stage 2",
                1 << capabilities.granuleShift() - 10, capabilities.output().bits(), capabilities.streamBits(),
                capabilities.rangeInvalidation() ? ", range invalidation" : "", capabilities.ats() ? ", ATS" : "",
                capabilities.pri() ? ", PRI" : "", capabilities.stalls() ? ", stalls" : "",
                unit.enhancedQueues() == 0 ? "" : ", " + unit.enhancedQueues() + " enhanced command queues");
        return unit;
    }
}
