package sluicegate.hw.amdvi.v2;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import sluicegate.api.driver.HardwareDriver;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.amdvi.PagingTables;

/** The driver service. It holds nothing: each bound unit is an object of its own, owned by the core. */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "amd-vi-v2", iommu_compatible = "amd,iommu", service_ranking = -10)
@Designate(ocd = AmdviV2Driver.Config.class)
public final class AmdviV2Driver implements IommuDriver {
    private static final String NAME = "amd-vi-v2";

    private final AmdviDriver base;

    /** Settings of the driver. */
    @ObjectClassDefinition(name = "Sluicegate AMD-Vi driver with v2 page tables", description = "How the driver treats AMD IOMMUs")
    @interface Config {
        @AttributeDefinition(name = "Hardware time-out", description = "How many milliseconds the driver waits for a unit to "
                + "complete a command before the operation fails", min = "1")
        long timeoutMillis() default AmdviDriver.DEFAULT_TIMEOUT_MILLIS;
    }

    /** A driver with its default settings, for use without OSGi. */
    public AmdviV2Driver() {
        this(AmdviDriver.DEFAULT_TIMEOUT_MILLIS);
    }

    @Activate
    public AmdviV2Driver(Config config) {
        this(config.timeoutMillis());
    }

    private AmdviV2Driver(long timeoutMillis) {
        base = new AmdviDriver(NAME, timeoutMillis, PagingTables.GUEST);
    }

    @Override
    public String name() {
        return base.name();
    }

    @Override
    public boolean adopts() {
        return base.adopts();
    }

    /** @throws sluicegate.api.types.IommuException also ENODEV for a unit without guest tables for all requests */
    @Override
    public IommuOps probe(ProbeContext context) {
        return base.probe(context);
    }
}
