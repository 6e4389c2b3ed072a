package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import sluicegate.api.Fault;
import sluicegate.api.FaultListener;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/** What an application's bundle does with the platform's services: a machine, a domain, DMA, and the faults of it. */
class WholePathTest extends PlatformTest {
    private static final long IOVA = 0x10_0000;
    private static final long PAGE = 4096;

    private FrameworkMachine rig;

    @BeforeEach
    void powerOn() {
        rig = boot();
    }

    @AfterEach
    void powerOff() {
        rig.close();
    }

    @Test
    void dmaGoesWhereTheDomainMapsIt() {
        long buffer = rig.machine.allocate(PAGE);
        try (var domain = rig.attached(iommu)) {
            domain.map(IOVA, buffer, PAGE, Prot.READ | Prot.WRITE);

            assertThat(rig.write(IOVA + 8, (byte) 0xca, (byte) 0xfe)).isEqualTo(DmaStatus.OK);
            assertThat(rig.memory(buffer + 8, 2)).containsExactly(0xca, 0xfe);
            assertThat(rig.read(IOVA + 8, new byte[2])).isEqualTo(DmaStatus.OK);

            assertThat(domain.unmap(IOVA, PAGE)).isEqualTo(PAGE);
            assertThat(rig.write(IOVA + 8, (byte) 0)).as("after unmap").isEqualTo(DmaStatus.FAULT);
            assertThat(rig.memory(buffer + 8, 2)).containsExactly(0xca, 0xfe);
            domain.detach(rig.device);
        }
    }

    @Test
    void aFaultReachesListenersAndEventAdmin() {
        List<Fault> heard = Collections.synchronizedList(new ArrayList<>());
        List<Event> events = Collections.synchronizedList(new ArrayList<>());
        var listener = context.registerService(FaultListener.class, heard::add, null);
        var topics = new Hashtable<String, Object>();
        topics.put(EventConstants.EVENT_TOPIC, Fault.TOPIC);
        var handler = context.registerService(EventHandler.class, events::add, topics);
        long buffer = rig.machine.allocate(PAGE);
        try (var domain = rig.attached(iommu)) {
            domain.map(IOVA, buffer, PAGE, Prot.READ);

            assertThat(rig.write(IOVA, (byte) 1)).isEqualTo(DmaStatus.FAULT);

            FrameworkMachine.await("a fault and its event", () -> !heard.isEmpty() && !events.isEmpty());
            assertThat(heard.get(0).name()).isEqualTo("WRITE_NOT_PERMITTED");
            assertThat(heard.get(0).device()).contains(FrameworkMachine.DEVICE);
            assertThat(heard.get(0).iova()).isEqualTo(IOVA);
            assertThat(events.get(0).getProperty("name")).isEqualTo("WRITE_NOT_PERMITTED");
            assertThat(events.get(0).getProperty("device")).isEqualTo(FrameworkMachine.DEVICE);
            domain.detach(rig.device);
        } finally {
            listener.unregister();
            handler.unregister();
        }
    }

    @Test
    void aMachinesServicesGoWithIt() throws Exception {
        assertThat(context.getServiceReferences(IommuUnit.class, "(" + IommuUnit.COMPATIBLE + "=intel,vtd)")).isNotEmpty();

        machines.powerOff(FrameworkMachine.NAME);

        assertThat(context.getServiceReferences(IommuUnit.class, null)).isEmpty();
        assertThat(iommu.devices()).isEmpty();
        assertThat(iommu.domains()).isEmpty();
        assertThatThrownBy(() -> iommu.device(FrameworkMachine.DEVICE)).isInstanceOf(IommuException.class)
                .hasMessageContaining(FrameworkMachine.DEVICE);
        rig = new FrameworkMachine(machines, iommu);
    }
}
