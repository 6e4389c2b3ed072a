package sluicegate.judge.inject;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.hw.common.rig.MemoryFilter;

/** Memory in which other words arrive than were written. */
final class TamperedMemory extends MemoryFilter {
    private final Rule rule;

    /** What is written instead. */
    interface Rule {
        long written(long address, long value);
    }

    TamperedMemory(PhysicalMemory real, Rule rule) {
        super(real);
        this.rule = rule;
    }

    @Override
    public void set64(long address, long value) {
        super.set64(address, rule.written(address, value));
    }

    @Override
    public void set64Release(long address, long value) {
        super.set64Release(address, rule.written(address, value));
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        return super.compareAndSet64(address, expected, rule.written(address, value));
    }
}
