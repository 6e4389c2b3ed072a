package sluicegate.core.impl.dma;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.dma.DmaMappers.Report;
import sluicegate.api.platform.Machine;

/** What the DMA layers of all devices share: the bounce buffers of each machine, and the log of debug mode. Thread-safe. */
public final class DmaLayer {
    private static final Logger LOG = LoggerFactory.getLogger(DmaLayer.class);

    private final Map<Machine, BouncePool> pools = new IdentityHashMap<>();
    private final MappingLog log = new MappingLog();

    MappingLog log() {
        return log;
    }

    /** Made when first asked for. @throws sluicegate.api.types.IommuException ENOMEM */
    BouncePool pool(Machine machine) {
        synchronized (pools) {
            return pools.computeIfAbsent(machine, BouncePool::new);
        }
    }

    /** Nothing of a machine is in use any more. */
    public void forget(Machine machine) {
        BouncePool pool;
        synchronized (pools) {
            pool = pools.remove(machine);
        }
        if (pool != null) {
            try {
                pool.close();
            } catch (RuntimeException e) {
                LOG.debug("Giving back bounce buffers of machine {}", machine.name(), e); // it may be off already
            }
        }
    }

    public void setDebug(boolean debug) {
        log.set(debug);
    }

    public List<Report> reports() {
        return log.reports();
    }
}
