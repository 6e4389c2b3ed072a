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

    @AttributeDefinition(name = "DMA between drivers",
            description = "What becomes of devices' DMA from when a unit's driver leaves until the next one has taken over. A "
                    + "configuration of sluicegate.core.unit says otherwise for one unit",
            options = {@Option(label = "Blocked", value = "block"),
                @Option(label = "Goes on, translated by the tables that are there", value = "keep")})
    String leavePolicy() default "block";

    @AttributeDefinition(name = "Patience", min = "0",
            description = "Milliseconds for which operations wait for the next driver of a unit whose driver has left; 0 if they "
                    + "fail at once")
    long patienceMillis() default 5000;

    @AttributeDefinition(name = "Greedy",
            description = "Whether a driver with a higher ranking takes units over when it arrives")
    boolean greedy() default false;
}
