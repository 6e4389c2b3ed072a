package sluicegate.sim.pci;

import java.util.function.BooleanSupplier;
import sluicegate.api.platform.RegisterWindow;

/**
 * Memory that a function may or may not decode. While it does not, nobody answers: reads give all ones, writes are lost. Thread-safe.
 *
 * @param memory what is there
 * @param decoded whether the function answers now
 */
record DecodedWindow(RegisterWindow memory, BooleanSupplier decoded) implements RegisterWindow {

    @Override
    public long size() {
        return memory.size();
    }

    @Override
    public int read32(long offset) {
        return decoded.getAsBoolean() ? memory.read32(offset) : -1;
    }

    @Override
    public long read64(long offset) {
        return decoded.getAsBoolean() ? memory.read64(offset) : -1;
    }

    @Override
    public void write32(long offset, int value) {
        if (decoded.getAsBoolean()) {
            memory.write32(offset, value);
        }
    }

    @Override
    public void write64(long offset, long value) {
        if (decoded.getAsBoolean()) {
            memory.write64(offset, value);
        }
    }
}
