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
}
