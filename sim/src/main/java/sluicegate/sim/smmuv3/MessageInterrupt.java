package sluicegate.sim.smmuv3;

import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.smmuv3.GerrorIrqCfg0Register;

/**
 * One interrupt of the unit (3.18): a message where software gave it an address, else a wired interrupt; the three IRQ_CFG
 * registers, and its bit in SMMU_IRQ_CTRL. The registers can be written while the interrupt is disabled; otherwise a write is
 * ignored (6.3.21).
 */
final class MessageInterrupt {
    private final String line;
    private final Messages messages;
    private final Aborted aborted;
    private volatile long address;
    private volatile long data;
    private volatile long attributes;
    private volatile boolean enabled;

    /** Told when a message meets nothing. */
    @FunctionalInterface
    interface Aborted {
        void at(long address);
    }

    /** @param line name of the wired interrupt */
    MessageInterrupt(String line, Messages messages, Aborted aborted) {
        this.line = line;
        this.messages = messages;
        this.aborted = aborted;
    }

    void enable(boolean on) {
        enabled = on;
    }

    /** The interrupt happens, if it is enabled. */
    void trigger() {
        if (!enabled) {
            return;
        }
        long at = address;
        if (at == 0) {
            messages.raiseLine(line);
        } else if (!messages.send(at, (int) data)) {
            aborted.at(at);
        }
    }

    long address() {
        return address;
    }

    long data() {
        return data;
    }

    long attributes() {
        return attributes;
    }

    Writer addressWriter() {
        return (value, mask) -> {
            if (!enabled) {
                address = GerrorIrqCfg0Register.ADDR.inPlace(address & ~mask | value);
            }
        };
    }

    Writer dataWriter() {
        return (value, mask) -> {
            if (!enabled) {
                data = value;
            }
        };
    }

    /** @param known the bits that the register has */
    Writer attributesWriter(long known) {
        return (value, mask) -> {
            if (!enabled) {
                attributes = value & known;
            }
        };
    }
}
