package sluicegate.hw.amdvi;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The domain ids that a guest has given, each with one of the unit's behind it, and the devices with a TLB that use them ({@code
 * guest_domain_mapping_info}). A guest tells its tables apart by its own ids; under those of its host's domain, PASIDs of
 * different tables would be one to the hardware.
 *
 * <p>Thread-safe; looking at what has to be invalidated takes no lock.
 */
final class GuestDomainIds {
    private static final int[] NONE = {};
    private static final long[] NO_TARGETS = {};

    private final DomainIds ids;
    private final Invalidator invalidator;
    private final Map<Integer, Id> known = new HashMap<>();
    private final FlushTargets targets = new FlushTargets();
    private volatile int[] all = NONE;

    private static final class Id {
        private final int id;
        private int users;

        private Id(int id) {
            this.id = id;
        }
    }

    GuestDomainIds(DomainIds ids, Invalidator invalidator) {
        this.ids = ids;
        this.invalidator = invalidator;
    }

    /** Devices with a TLB that guests' tables serve. */
    FlushTargets targets() {
        return targets;
    }

    /**
     * The unit's id for one of the guest's, the same as long as anybody has it.
     *
     * @throws sluicegate.api.types.IommuException ENOSPC
     */
    synchronized int take(int guestId) {
        var id = known.get(guestId);
        if (id == null) {
            id = new Id(ids.allocate());
            known.put(guestId, id);
            list();
        }
        id.users++;
        return id.id;
    }

    /** The unit's id for one of the guest's; empty if nobody has it. */
    synchronized OptionalInt find(int guestId) {
        var id = known.get(guestId);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id.id);
    }

    /** Hardware has forgotten what the one who gives it back used it for. */
    synchronized void giveBack(int guestId) {
        var id = known.get(guestId);
        id.users--;
        if (id.users == 0) {
            known.remove(guestId);
            list();
            ids.free(id.id);
        }
    }

    private void list() {
        all = known.values().stream().mapToInt(id -> id.id).toArray();
    }

    /**
     * Has hardware forget what {@code [first, last]} of host tables has led to. Devices know it by the guest's addresses, which nobody
     * knows here, so their TLBs are emptied.
     */
    void invalidate(long first, long last, boolean tables) {
        for (int id : all) {
            invalidator.hostPages(id, NO_TARGETS, first, last, tables);
        }
        for (long target : targets.get()) {
            invalidator.deviceTlb(target);
        }
    }
}
