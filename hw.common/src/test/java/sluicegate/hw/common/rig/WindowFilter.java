package sluicegate.hw.common.rig;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongUnaryOperator;
import sluicegate.api.platform.RegisterWindow;

/** Registers that can be seen or written differently from what they are. Everything passes unless a test overrides it. */
public class WindowFilter implements RegisterWindow {
    private final RegisterWindow real;

    public WindowFilter(RegisterWindow real) {
        this.real = real;
    }

    /** Hardware that never shows some bits of a register. */
    public static WindowFilter never(RegisterWindow real, int register, long bits) {
        return changed(real, register, value -> value & ~bits);
    }

    /** Hardware that always shows some bits of a register. */
    public static WindowFilter always(RegisterWindow real, int register, long bits) {
        return changed(real, register, value -> value | bits);
    }

    public static WindowFilter changed(RegisterWindow real, int register, LongUnaryOperator change) {
        return new WindowFilter(real) {
            @Override
            public int read32(long offset) {
                int value = super.read32(offset);
                return offset == register ? (int) change.applyAsLong(Integer.toUnsignedLong(value)) : value;
            }

            @Override
            public long read64(long offset) {
                long value = super.read64(offset);
                return offset == register ? change.applyAsLong(value) : value;
            }
        };
    }

    /** Hardware that hears nothing of what is written to a register as long as {@code deaf}. */
    public static WindowFilter deaf(RegisterWindow real, int register, AtomicBoolean deaf) {
        return new WindowFilter(real) {
            @Override
            public void write32(long offset, int value) {
                if (!deaf.get() || offset != register) {
                    super.write32(offset, value);
                }
            }
        };
    }

    @Override
    public long size() {
        return real.size();
    }

    @Override
    public int read32(long offset) {
        return real.read32(offset);
    }

    @Override
    public long read64(long offset) {
        return real.read64(offset);
    }

    @Override
    public void write32(long offset, int value) {
        real.write32(offset, value);
    }

    @Override
    public void write64(long offset, long value) {
        real.write64(offset, value);
    }
}
