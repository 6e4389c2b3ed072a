package sluicegate.judge.inject;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.judge.run.DriverView;

/**
 * Something that a driver does wrong: the words that it writes are changed on their way to memory. Which word is a page's entry, an
 * entry of a device or a command follows from where it points to and from what the driver wrote into the unit's registers.
 */
public abstract class Sabotage {
    private PhysicalMemory memory;

    Sabotage() {}

    /** What reaches memory instead of {@code value}. */
    abstract long written(long address, long value);

    /** The driver wrote a register of 64 bits. */
    abstract void register(long offset, long value);

    /** What a driver sees that is sabotaged. */
    public final DriverView view() {
        return new DriverView(this::watch, Registers::new, arena -> arena);
    }

    private PhysicalMemory watch(PhysicalMemory real) {
        memory = real;
        return new TamperedMemory(real, this::written);
    }

    final long word(long address) {
        return memory.get64(address);
    }

    /** Whether something of a page is done wrong that is so in one page of {@code every}. */
    static boolean isOneOf(int every, long page) {
        // Depends on the page and not on when it is written, so that a program does the same whenever it runs.
        return (int) (page * 0x9e3779b9L >>> 20) % every == 0;
    }

    /** Tells of what is written into registers. */
    private final class Registers extends WindowFilter {
        Registers(RegisterWindow real) {
            super(real);
        }

        @Override
        public void write64(long offset, long value) {
            register(offset, value);
            super.write64(offset, value);
        }
    }
}
