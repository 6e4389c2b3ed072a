package sluicegate.core.impl.osgi;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What can be configured about the core. */
@ObjectClassDefinition(name = "Sluicegate core", description = "Defaults of the IOMMU core")
public @interface CoreConfiguration {

    @AttributeDefinition(name = "Default domain type",
            description = "Type of a group's default domain if its driver demands none. Concerns groups made from then on",
            options = {@Option(label = "Translated, invalidated when unmapped (strict)", value = "DMA"),
                @Option(label = "Translated, invalidated a little later and for many at once (lazy)", value = "DMA-FQ"),
                @Option(label = "Passed through", value = "identity")})
    String defaultDomainType() default "DMA";

    @AttributeDefinition(name = "Bound on deferral",
            description = "Seconds for which devices may wait for a driver of their IOMMU before that counts as an error; 0 for ever")
    int deferralSeconds() default 10;

    @AttributeDefinition(name = "Debug DMA mappings",
            description = "Whether to remember where each buffer was mapped, and to report drivers that leave buffers mapped when they "
                    + "are unbound, unmap twice, or use a buffer in another way than it was mapped")
    boolean dmaDebug() default false;

    @AttributeDefinition(name = "Abort unbound devices",
            description = "Whether all DMA of a group aborts once the last driver of its devices is unbound; else the devices "
                    + "stay in their default domain, where what is mapped still can be reached")
    boolean abortUnbound() default false;
}
