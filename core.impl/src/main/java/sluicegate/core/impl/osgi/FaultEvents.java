package sluicegate.core.impl.osgi;

import java.util.HashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import sluicegate.api.Fault;
import sluicegate.api.FaultListener;

/** Posts each fault as an event, under {@link Fault#TOPIC}. There only as long as Event Admin is. */
@Component(service = FaultListener.class)
public final class FaultEvents implements FaultListener {
    private final EventAdmin events;

    @Activate
    public FaultEvents(@Reference EventAdmin events) {
        this.events = events;
    }

    @Override
    public void fault(Fault fault) {
        var properties = new HashMap<String, Object>();
        properties.put("unit", fault.unit());
        fault.device().ifPresent(device -> properties.put("device", device));
        properties.put("sourceId", fault.sourceId());
        properties.put("pasid", fault.pasid());
        properties.put("iova", fault.iova());
        properties.put("access", fault.access().word());
        properties.put("code", fault.code());
        properties.put("name", fault.name());
        properties.put("reason", fault.reason());
        properties.put("time", fault.time());
        events.postEvent(new Event(Fault.TOPIC, properties));
    }
}
