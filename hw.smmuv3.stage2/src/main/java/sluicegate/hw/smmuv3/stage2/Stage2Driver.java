package sluicegate.hw.smmuv3.stage2;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import sluicegate.api.driver.HardwareDriver;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;
import sluicegate.hw.smmuv3.Smmuv3Driver;

/**
 * The driver service. A unit without stage 2 is refused with ENODEV and left alone.
 *
 * <p>It takes over in place what the driver with stage 1 left translating, and that what this one left. Where the stream table has
 * two levels no request is refused: an entry is replaced with its table. In a linear table there is no single word that leads to an
 * entry; from one stage to the other and from one table of stage 2 to the next then at least two words differ (section 3.21.3
 * of the specification lets software change but one at a time), so the device's requests are refused for a moment, and a
 * warning says so.
 */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "arm-smmu-v3-stage2", iommu_compatible = "arm,smmu-v3", service_ranking = -10)
@Designate(ocd = Stage2Driver.Config.class)
public final class Stage2Driver implements IommuDriver {
    private static final String NAME = "arm-smmu-v3-stage2";
    private static final long DEFAULT_TIMEOUT_MILLIS = 1000;

    private final Smmuv3Driver driver;

    /** Settings of the driver. */
    @ObjectClassDefinition(name = "Sluicegate SMMUv3 stage 2 driver", description = "How the driver that uses nothing but stage 2 "
            + "treats Arm SMMUv3 units")
    @interface Config {
        @AttributeDefinition(name = "Hardware time-out", description = "How many milliseconds the driver waits for a unit to "
                + "complete a command before the operation fails", min = "1")
        long timeoutMillis() default DEFAULT_TIMEOUT_MILLIS;
    }

    /** A driver with its default settings, for use without OSGi. */
    public Stage2Driver() {
        this(DEFAULT_TIMEOUT_MILLIS);
    }

    @Activate
    public Stage2Driver(Config config) {
        this(config.timeoutMillis());
    }

    private Stage2Driver(long timeoutMillis) {
        driver = Smmuv3Driver.ofStage2(NAME, timeoutMillis);
    }

    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public boolean adopts() {
        return driver.adopts();
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        return driver.probe(context);
    }
}
