package sluicegate.api.driver;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * What an {@link IommuDriver} component says about itself, once for both who need it: as properties of its service, by which the
 * core chooses drivers, and as a capability in the manifest of its bundle, by which a repository knows what a bundle drives
 * that nobody has installed yet.
 *
 * <pre>{@code
 * @Component(service = IommuDriver.class)
 * @HardwareDriver(iommu_driver = "intel-vtd", iommu_compatible = "intel,vtd")
 * }</pre>
 */
@ComponentPropertyType
@Capability(namespace = HardwareDriver.NAMESPACE)
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface HardwareDriver {

    /** Namespace of the capability. */
    String NAMESPACE = "sluicegate.driver";

    /** The driver's short name, the same as {@link IommuDriver#name}. */
    @Attribute("driver")
    String iommu_driver();

    /** The hardware that it drives, as {@link sluicegate.api.platform.IommuUnit#compatible} names it. */
    @Attribute("compatible")
    String[] iommu_compatible();

    /** How well; of several drivers for a unit the one with the highest number is tried first. */
    @Attribute("ranking")
    int service_ranking() default 0;
}
