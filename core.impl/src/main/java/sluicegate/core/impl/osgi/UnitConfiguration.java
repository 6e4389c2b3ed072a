package sluicegate.core.impl.osgi;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.core.impl.UnitSettings;

/** How drivers come and go at one unit: one component for each configuration of its factory. */
@Component(service = UnitConfiguration.class, configurationPid = UnitConfiguration.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = UnitConfiguration.Config.class, factory = true)
public final class UnitConfiguration {
    static final String PID = "sluicegate.core.unit";
    private static final Logger LOG = LoggerFactory.getLogger(UnitConfiguration.class);

    private final String unit;
    private final UnitSettings settings;

    /** What can be configured about a unit. */
    @ObjectClassDefinition(name = "Sluicegate unit", description = "How drivers come and go at one IOMMU")
    public @interface Config {

        @AttributeDefinition(name = "Unit", description = "Its name, as iommu:units lists it, such as dmar0")
        String unit();

        @AttributeDefinition(name = "DMA between drivers",
                description = "What becomes of devices' DMA from when the driver leaves until the next one has taken over",
                options = {@Option(label = "Blocked", value = "block"),
                    @Option(label = "Goes on, translated by the tables that are there", value = "keep")})
        String leavePolicy() default "block";

        @AttributeDefinition(name = "Patience", min = "0",
                description = "Milliseconds for which operations wait for the next driver; 0 if they fail at once")
        long patienceMillis() default 5000;

        @AttributeDefinition(name = "Greedy", description = "Whether a driver with a higher ranking takes over when it arrives")
        boolean greedy() default false;
    }

    @Activate
    public UnitConfiguration(Config config) {
        unit = config.unit();
        settings = new UnitSettings(policy(PID, config.leavePolicy()), Duration.ofMillis(config.patienceMillis()), config.greedy());
    }

    String unit() {
        return unit;
    }

    UnitSettings settings() {
        return settings;
    }

    /** What a word stands for; one that is none is reported and counts as the safe policy. */
    static LeavePolicy policy(String pid, String word) {
        Optional<LeavePolicy> known = Arrays.stream(LeavePolicy.values()).filter(each -> each.name().equalsIgnoreCase(word)).findFirst();
        if (known.isEmpty()) {
            LOG.error("Configuration {}: leavePolicy is '{}', neither block nor keep; block it is", pid, word);
        }
        return known.orElse(LeavePolicy.BLOCK);
    }
}
