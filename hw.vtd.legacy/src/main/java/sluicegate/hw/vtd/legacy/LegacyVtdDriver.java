package sluicegate.hw.vtd.legacy;

import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import sluicegate.api.driver.HardwareDriver;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.hw.vtd.VtdDriver;

/**
 * The driver service that uses VT-d units in legacy mode. It ranks below the other one, so that a unit is its own only if somebody
 * says so or nobody else is there. Thread-safe; it holds nothing.
 */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "intel-vtd-legacy", iommu_compatible = "intel,vtd", service_ranking = -10)
@Designate(ocd = LegacyVtdDriver.Config.class)
public final class LegacyVtdDriver implements IommuDriver {
    private static final String NAME = "intel-vtd-legacy";

    private final VtdDriver driver;

    /** Settings of the driver. */
    @ObjectClassDefinition(name = "Sluicegate VT-d driver, legacy mode",
            description = "How the driver treats Intel VT-d remapping units that it uses in legacy mode")
    @interface Config {
        @AttributeDefinition(name = "Hardware time-out", description = "How many milliseconds the driver waits for a unit to "
                + "complete a command or an invalidation before the operation fails", min = "1")
        long timeoutMillis() default VtdDriver.DEFAULT_TIMEOUT_MILLIS;
    }

    /** A driver with its default settings, for use without OSGi. */
    public LegacyVtdDriver() {
        driver = VtdDriver.inLegacyMode(VtdDriver.DEFAULT_TIMEOUT_MILLIS);
    }

    @Activate
    public LegacyVtdDriver(Config config) {
        driver = VtdDriver.inLegacyMode(config.timeoutMillis());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean adopts() {
        return driver.adopts();
    }

    @Override
    public Optional<String> obstacle(IommuUnit unit) {
        return driver.obstacle(unit);
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        return driver.probe(context);
    }
}
