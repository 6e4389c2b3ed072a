package sluicegate.hw.amdvi;

import sluicegate.spec.amdvi.ExclusionBaseRegister;

/**
 * A unit that goes on translating by the device table of an earlier driver while a new one writes its own beside it. Every device gets
 * its entries there as it is attached, with domain ids that the old ones do not have. Then one store of the device table's base
 * leads hardware from the one to the other, an entry at a time for each request, and both say the same: no entry is ever read in any
 * but its old or its new form, however many of its words differ. The kernel replaces the table of a crashed one in this way, with
 * translation on ({@code early_enable_iommus}, {@code copy_device_table}). Only when hardware has forgotten the old tables are
 * they given back.
 */
final class Takeover {
    private final AmdviWindow window;
    private final DeviceTable table;
    private final Invalidator invalidator;
    private final LeftTables left;

    Takeover(AmdviWindow window, DeviceTable table, Invalidator invalidator, LeftTables left) {
        this.window = window;
        this.table = table;
        this.invalidator = invalidator;
        this.left = left;
    }

    /** No new domain may have an id of an old one: an old translation would be taken for one of its own. */
    void begin(DomainIds ids) {
        ids.reserve(left.domainIds());
        left.remappedInterrupts(table::interrupts);
    }

    /** What has no entry in the new table by now is blocked from here on. */
    void end(DomainIds ids, UnitParts parts) {
        table.install(window);
        // A range that passes untranslated: no entry of this driver makes use of it.
        window.write64(ExclusionBaseRegister.OFFSET, 0);
        invalidator.everything();
        ids.release(left.domainIds());
        left.free(parts::uses);
    }
}
