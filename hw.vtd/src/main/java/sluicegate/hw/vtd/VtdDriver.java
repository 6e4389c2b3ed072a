package sluicegate.hw.vtd;

import java.util.Optional;
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
import sluicegate.api.platform.IommuUnit;
import sluicegate.hw.common.Patience;

/** The driver service. It holds nothing: each bound unit is an object of its own, owned by the core. */
@Component(service = IommuDriver.class)
@HardwareDriver(iommu_driver = "intel-vtd", iommu_compatible = "intel,vtd")
@Designate(ocd = VtdDriver.Config.class)
public final class VtdDriver implements IommuDriver {
    private static final Logger LOG = LoggerFactory.getLogger(VtdDriver.class);

    /** For how long hardware is waited for if nothing else is said. */
    public static final long DEFAULT_TIMEOUT_MILLIS = 1000;

    private final Patience patience;
    private final boolean mayScale;

    /** Settings of the driver. */
    @ObjectClassDefinition(name = "Sluicegate VT-d driver", description = "How the driver treats Intel VT-d remapping units")
    @interface Config {
        @AttributeDefinition(name = "Hardware time-out", description = "How many milliseconds the driver waits for a unit to "
                + "complete a command or an invalidation before the operation fails", min = "1")
        long timeoutMillis() default DEFAULT_TIMEOUT_MILLIS;

        @AttributeDefinition(name = "Scalable mode", description = "Whether units that have it are used in scalable mode, with "
                + "first-stage tables, nesting and PASIDs; otherwise all are used in legacy mode")
        boolean scalableMode() default true;
    }

    /** A driver with its default settings, for use without OSGi. */
    public VtdDriver() {
        this(Patience.ofMillis(DEFAULT_TIMEOUT_MILLIS), true);
    }

    @Activate
    public VtdDriver(Config config) {
        this(Patience.ofMillis(Math.max(1, config.timeoutMillis())), config.scalableMode());
    }

    /**
     * A driver that uses every unit in legacy mode.
     *
     * @param timeoutMillis as the setting; at least 1
     */
    public static VtdDriver inLegacyMode(long timeoutMillis) {
        return new VtdDriver(Patience.ofMillis(Math.max(1, timeoutMillis)), false);
    }

    VtdDriver(Patience patience, boolean mayScale) {
        this.patience = patience;
        this.mayScale = mayScale;
    }

    @Override
    public String name() {
        return "intel-vtd";
    }

    @Override
    public boolean adopts() {
        return true;
    }

    /** {@inheritDoc} Tables of one mode replace those of the other in place only where the unit says so. */
    @Override
    public Optional<String> obstacle(IommuUnit unit) {
        var capabilities = VtdCapabilities.read(unit.name(), unit.registers(), mayScale);
        return RootSwitch.obstacle(capabilities, new VtdWindow(unit.name(), unit.registers(), patience), capabilities.tableMode());
    }

    @Override
    public IommuOps probe(ProbeContext context) {
        var unit = new UnitStart(context, patience, mayScale).run();
        var capabilities = unit.capabilities();
        LOG.info("{}: translating in {} mode with {} levels, {} bits of IOVA, {} domain ids, invalidation by {}{}", unit.name(),
                capabilities.scalable() ? "scalable" : "legacy", capabilities.width().levels(), capabilities.apertureBits(),
                capabilities.domainIds(),
                capabilities.queuedInvalidation() ? "queue" : "register", capabilities.cachingMode() ? ", caching mode" : "");
        return unit;
    }
}
