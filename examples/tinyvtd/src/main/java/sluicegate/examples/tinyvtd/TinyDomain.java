package sluicegate.examples.tinyvtd;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.spec.vtd.ContextEntry;

/** What context entries of its devices say; as it stands, of the blocked and the identity domain. */
class TinyDomain implements DriverDomain {
    private final TinyUnit unit;
    private final DomainType type;
    private final long low;
    private final long high;

    /**
     * @param low first word of the context entry
     * @param high second word
     */
    TinyDomain(TinyUnit unit, DomainType type, long low, long high) {
        this.unit = unit;
        this.type = type;
        this.low = low;
        this.high = high;
    }

    TinyUnit unit() {
        return unit;
    }

    int id() {
        return (int) ContextEntry.DID.get(high);
    }

    @Override
    public DomainType type() {
        return type;
    }

    /** {@inheritDoc} A unit that does not answer leaves the device refused: the core is told, and may try what was before. */
    @Override
    public void attachDev(DeviceContext device, Optional<DriverDomain> old) {
        unit.attach(device, this, low, high);
    }
}
