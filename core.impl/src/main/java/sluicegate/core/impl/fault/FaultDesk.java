package sluicegate.core.impl.fault;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Fault;
import sluicegate.api.FaultListener;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;

/** Where the faults of all units arrive: keeps the latest, logs some, tells every listener of each. */
public final class FaultDesk {
    private static final Logger LOG = LoggerFactory.getLogger(FaultDesk.class);
    private static final int KEPT = 4096;

    private final FaultRing ring = new FaultRing(KEPT);
    private final RateLimit limit = new RateLimit(10, TimeUnit.SECONDS.toNanos(5), System::nanoTime);
    private final List<FaultListener> listeners = new CopyOnWriteArrayList<>();

    public void addListener(FaultListener listener) {
        listeners.add(listener);
    }

    public void removeListener(FaultListener listener) {
        listeners.remove(listener);
    }

    public List<Fault> latest() {
        return ring.latest();
    }

    /** Never throws: one bad listener is nobody else's trouble. */
    public void report(Fault fault) {
        ring.add(fault);
        log(fault);
        for (var listener : listeners) {
            try {
                listener.fault(fault);
            } catch (Throwable e) {
                LOG.error("Fault listener {} failed on a fault of {}", listener.getClass().getName(), fault.unit(), e);
            }
        }
    }

    public void overflow(String unit) {
        if (limit.pass()) {
            LOG.warn("{}: fault log full, records were lost", unit);
        }
    }

    private void log(Fault fault) {
        if (!limit.pass()) {
            return;
        }
        int heldBack = limit.heldBack();
        if (heldBack != 0) {
            LOG.warn("{} fault messages were held back", heldBack);
        }
        LOG.warn("{}: {} of {} by {} pasid {}: {} ({})", fault.unit(), fault.access().word(), Hex.of(fault.iova()),
                fault.device().orElseGet(() -> "unknown source " + Hex.of(fault.sourceId())),
                Pasid.toString(fault.pasid()), fault.name(), fault.reason());
    }
}
