package sluicegate.core.impl.osgi;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.FaultListener;
import sluicegate.api.Iommu;
import sluicegate.api.dma.DmaMappers;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.ProbeProgress;
import sluicegate.core.impl.UnitSettings;

/** The core as a service. Units, drivers and buses are services that come and go in any order. */
@Component(service = {Iommu.class, DmaMappers.class, ProbeProgress.class}, immediate = true, configurationPid = "sluicegate.core")
@Designate(ocd = CoreConfiguration.class)
public final class IommuComponent extends IommuCore {
    private static final Logger LOG = LoggerFactory.getLogger(IommuComponent.class);

    private final Map<ServiceReference<?>, DriverEntry> drivers = new ConcurrentHashMap<>();

    /** Configuration comes with construction, before the first unit does. */
    @Activate
    public IommuComponent(CoreConfiguration configuration) {
        apply(configuration);
    }

    @Modified
    void configure(CoreConfiguration configuration) {
        apply(configuration);
    }

    private void apply(CoreConfiguration configuration) {
        var word = configuration.defaultDomainType();
        var type = Stream.of(DomainType.DMA, DomainType.DMA_FQ, DomainType.IDENTITY).filter(t -> t.word().equalsIgnoreCase(word)).findFirst();
        if (type.isEmpty()) {
            LOG.error("Configuration sluicegate.core: defaultDomainType is '{}', none of DMA, DMA-FQ and identity; DMA it is", word);
        }
        setDefaultDomainType(type.orElse(DomainType.DMA));
        setAbortUnbound(configuration.abortUnbound());
        setDmaDebug(configuration.dmaDebug());
        setDefaultUnitSettings(new UnitSettings(UnitConfiguration.policy("sluicegate.core", configuration.leavePolicy()),
                Duration.ofMillis(configuration.patienceMillis()), configuration.greedy()));
        setDeferralBound(Duration.ofSeconds(Math.max(0, configuration.deferralSeconds())));
    }

    @Deactivate
    void deactivate() {
        close();
    }

    /** Before drivers, since references are bound by ascending name. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindConfiguration(UnitConfiguration configuration) {
        setUnitSettings(configuration.unit(), Optional.of(configuration.settings()));
    }

    void unbindConfiguration(UnitConfiguration configuration) {
        setUnitSettings(configuration.unit(), Optional.empty());
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindDriver(IommuDriver driver, ServiceReference<IommuDriver> reference) {
        var bundle = reference.getBundle();
        var entry = new DriverEntry(driver, driver.name(), bundle.getSymbolicName(), bundle.getVersion().toString(),
                reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0,
                (Long) reference.getProperty(Constants.SERVICE_ID), strings(reference.getProperty(IommuUnit.COMPATIBLE)));
        if (entry.compatible().isEmpty()) {
            LOG.error("Driver {} of {} has no property {}, so it drives nothing", entry.name(), entry.bundle(), IommuUnit.COMPATIBLE);
        }
        drivers.put(reference, entry);
        addDriver(entry);
    }

    void unbindDriver(ServiceReference<IommuDriver> reference) {
        var entry = drivers.remove(reference);
        if (entry != null) {
            removeDriver(entry);
        }
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindUnit(IommuUnit unit) {
        addUnit(unit);
    }

    void unbindUnit(IommuUnit unit) {
        removeUnit(unit);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindListener(FaultListener listener) {
        addListener(listener);
    }

    void unbindListener(FaultListener listener) {
        removeListener(listener);
    }

    /** References are bound by ascending name: buses last, so that what is on them is probed in one go. */
    @Reference(name = "zBus", cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindBus(Bus bus) {
        addBus(bus);
    }

    void unbindBus(Bus bus) {
        removeBus(bus);
    }

    /** A service property that is one string or several. */
    static List<String> strings(Object property) {
        if (property instanceof String one) {
            return List.of(one);
        }
        if (property instanceof Object[] array) {
            return Arrays.stream(array).map(String::valueOf).toList();
        }
        return property instanceof Collection<?> several ? several.stream().map(String::valueOf).toList() : List.of();
    }
}
