package sluicegate.hw.vtd;

import java.util.Optional;

/**
 * A unit that goes on translating by the tables of an earlier driver while a new one writes its own beside them. Every device gets
 * its place there as it is attached, with domain ids that the old tables do not use. Then one write of the root table's
 * address (section 10.4.6 allows it while translation is on) leads hardware from the one to the other: for each request it
 * walks either, and both say the same. Only when hardware has forgotten the old ones are they given back.
 *
 * <p>Where the unit allows it (CAP_REG.ESRTPS), the new tables may be of the other mode. Nobody is then told of scalable mode before
 * the switch: neither hardware, of invalidations, nor devices, that they may ask for translations.
 */
final class Takeover {
    private final UnitParts parts;
    private final LeftTables left;
    private final boolean changesMode;
    private final Optional<PageRequestQueue> abandoned;

    /**
     * @param changesMode whether the new tables are of another mode than those left
     * @param abandoned a queue of page requests that was left to a driver that has no use for it
     */
    Takeover(UnitParts parts, LeftTables left, boolean changesMode, Optional<PageRequestQueue> abandoned) {
        this.parts = parts;
        this.left = left;
        this.changesMode = changesMode;
        this.abandoned = abandoned;
    }

    boolean changesMode() {
        return changesMode;
    }

    /** No new domain may have an id of an old one: an old translation would be taken for one of its own. */
    void begin(DomainIds ids) {
        ids.reserve(left.domainIds());
        if (changesMode) {
            parts.scalable().ifPresent(ScalableInvalidator::sleep);
            parts.deviceTlbs().ifPresent(DeviceTlbInvalidator::sleep);
        }
    }

    /** What has no place in the new tables by now aborts from here on. */
    void end(DomainIds ids) {
        // In legacy mode they could not be answered any more (6.5.2).
        abandoned.ifPresent(PageRequestQueue::refuseAll);
        parts.window().setRootTable(parts.tables().root(), parts.tables().mode());
        parts.scalable().ifPresent(ScalableInvalidator::wake);
        parts.deviceTlbs().ifPresent(DeviceTlbInvalidator::wake);
        parts.forgetEverything();
        abandoned.ifPresent(queue -> queue.stop(parts::uses));
        ids.release(left.domainIds());
        left.free(parts::uses);
    }
}
