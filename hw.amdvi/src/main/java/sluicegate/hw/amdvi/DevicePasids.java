package sluicegate.hw.amdvi;

import java.util.HashMap;
import java.util.Map;

/**
 * The PASIDs of one device, or of several that are one to hardware: its table of them, the domain id under which hardware caches what goes through it, and which domain
 * each PASID has. Guarded by the mutex of the device's group, which the core holds.
 */
final class DevicePasids {
    private final AmdviUnit unit;
    private final Gcr3Table table;
    private final int domainId;
    private final Map<Integer, GuestDomain> domains = new HashMap<>();

    /** @throws sluicegate.api.types.IommuException ENOMEM, ENOSPC */
    DevicePasids(AmdviUnit unit, int pasidBits) {
        this.unit = unit;
        this.domainId = unit.domainIds().allocate();
        try {
            table = new Gcr3Table(unit.memory(), unit.arena(), pasidBits);
        } catch (RuntimeException e) {
            unit.domainIds().free(domainId);
            throw e;
        }
    }

    int domainId() {
        return domainId;
    }

    Gcr3Table table() {
        return table;
    }

    Map<Integer, GuestDomain> domains() {
        return domains;
    }

    /** An entry with this table in it. */
    DeviceEntry into(DeviceEntry entry) {
        return entry.withGuestTables(table.root(), table.levels(), unit.capabilities().guestLevels());
    }

    /** Has hardware forget all that it cached under the domain id. */
    void forget() {
        unit.invalidator().domain(domainId);
    }

    /** Gives table and id back. No entry leads to the table, and the hardware has forgotten both. */
    void discard() {
        table.free();
        unit.domainIds().free(domainId);
    }
}
