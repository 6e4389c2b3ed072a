package sluicegate.hw.amdvi;

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

/**
 * The driver service. It holds nothing: each bound unit is an object of its own, owned by the core. Bundles that carry a copy of this
 * package and want other tables have a service of their own, which delegates to one of these.
 */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "amd-vi", iommu_compatible = "amd,iommu")
@Designate(ocd = AmdviDriver.Config.class)
public final class AmdviDriver implements IommuDriver {
    private static final Logger LOG = LoggerFactory.getLogger(AmdviDriver.class);

    /** How long a unit has for a command, if nobody says otherwise. */
    public static final long DEFAULT_TIMEOUT_MILLIS = 1000;
    private static final String NAME = "amd-vi";

    private final String name;
    private final Patience patience;
    private final PagingTables tables;

    /** Settings of the driver. */
    @ObjectClassDefinition(name = "Sluicegate AMD-Vi driver", description = "How the driver treats AMD IOMMUs")
    @interface Config {
        @AttributeDefinition(name = "Hardware time-out", description = "How many milliseconds the driver waits for a unit to "
                + "complete a command before the operation fails", min = "1")
        long timeoutMillis() default DEFAULT_TIMEOUT_MILLIS;
    }

    /** A driver with its default settings, for use without OSGi. */
    public AmdviDriver() {
        this(NAME, DEFAULT_TIMEOUT_MILLIS, PagingTables.HOST);
    }

    /**
     * A driver for a bundle of its own.
     *
     * @param timeoutMillis how long it waits for a unit to complete a command; at least 1
     */
    public AmdviDriver(String name, long timeoutMillis, PagingTables tables) {
        this(name, Patience.ofMillis(Math.max(1, timeoutMillis)), tables);
    }

    @Activate
    public AmdviDriver(Config config) {
        this(NAME, config.timeoutMillis(), PagingTables.HOST);
    }

    AmdviDriver(String name, Patience patience, PagingTables tables) {
        this.name = name;
        this.patience = patience;
        this.tables = tables;
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
        var unit = new UnitStart(context, patience, tables).run();
        var capabilities = unit.capabilities();
        LOG.info("{}: translating by {} tables if nothing else is asked for, host tables of up to {} levels, {}{}{}{}{}", unit.name(),
                tables == PagingTables.HOST ? "host" : "guest", capabilities.hostLevels(),
                capabilities.guestTablesForAll() ? "guest tables of " + capabilities.guestLevels() + " levels, PASIDs of "
                        + capabilities.pasidBits() + " bits" : "no guest tables",
                capabilities.deviceTlbs() ? ", ATS" : "", capabilities.pageRequests() ? ", PRI" : "",
                capabilities.dirtyTracking() ? ", dirty tracking" : "", capabilities.nesting() ? ", nesting" : "");
        return unit;
    }
}
