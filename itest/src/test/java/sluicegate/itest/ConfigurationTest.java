package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Hashtable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.service.ServiceExtension;
import sluicegate.api.Domain;
import sluicegate.api.Iommu;
import sluicegate.api.Machines;
import sluicegate.api.driver.DomainType;

/** What Configuration Admin says is what the core does. */
@ExtendWith(ServiceExtension.class)
class ConfigurationTest {

    @InjectService(timeout = 10_000)
    ConfigurationAdmin configurations;

    @InjectService(timeout = 10_000)
    Machines machines;

    @InjectService(timeout = 10_000)
    Iommu iommu;

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
        try (var rig = new FrameworkMachine(machines, iommu)) {
            return rig.device.domain().map(Domain::type).orElseThrow();
        }
    }
}
