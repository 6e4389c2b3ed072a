package sluicegate.hw.common;

import sluicegate.api.platform.RegisterWindow;

/**
 * The registers of one unit, and how long its driver waits for them. A driver's own class adds the protocols of those that have
 * one.
 */
public abstract class UnitRegisters {
    private final String unit;
    private final RegisterWindow registers;
    private final Patience patience;

    /** @param unit its name, for messages */
    protected UnitRegisters(String unit, RegisterWindow registers, Patience patience) {
        this.unit = unit;
        this.registers = registers;
        this.patience = patience;
    }

    public final String unit() {
        return unit;
    }

    public final Patience patience() {
        return patience;
    }

    /** In bytes. */
    public final long size() {
        return registers.size();
    }

    public final int read32(int offset) {
        return registers.read32(offset);
    }

    public final long read64(int offset) {
        return registers.read64(offset);
    }

    public final void write32(int offset, int value) {
        registers.write32(offset, value);
    }

    public final void write64(int offset, long value) {
        registers.write64(offset, value);
    }
}
