package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Hashtable;
import org.junit.jupiter.api.Test;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectService;
import sluicegate.api.Domain;
import sluicegate.api.driver.DomainType;

/** What Configuration Admin says is what the core does. */
class ConfigurationTest extends PlatformTest {

    @InjectService(timeout = 10_000)
    ConfigurationAdmin configurations;

    @Test
    void theDefaultDomainTypeConcernsMachinesBootedFromThenOn() throws Exception {
        assertThat(defaultType()).isEqualTo(DomainType.DMA);

        var configuration = configurations.getConfiguration("sluicegate.core", "?");
        try {
            var values = new Hashtable<String, Object>();
            values.put("defaultDomainType", "identity");
            configuration.update(values);
            FrameworkMachine.await("identity domains", () -> defaultType() == DomainType.IDENTITY);
        } finally {
            configuration.delete();
        }
        FrameworkMachine.await("DMA domains again", () -> defaultType() == DomainType.DMA);
    }

    private DomainType defaultType() {
        try (var rig = boot()) {
            return rig.device.domain().map(Domain::type).orElseThrow();
        }
    }
}
