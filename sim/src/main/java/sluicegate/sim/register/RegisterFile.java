package sluicegate.sim.register;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * A register window made of registers that are 32 or 64 bits wide. A 64-bit register can be accessed as a whole or by its
 * halves, a 32-bit register only as it is, as hardware manuals ask for.
 *
 * <p>Thread-safe once it is built: writes happen one at a time, but for those of registers that care for that themselves; reads
 * wait for nothing, so that a status can be polled while a write is still at work.
 */
public final class RegisterFile implements RegisterWindow {
    private static final Cell NOTHING = new Cell(Register.at(0, Layout.of("RES0", "", Long.SIZE,
            Field.reserved(Long.SIZE - 1, 0, ""))), 0, () -> 0, Writer.READ_ONLY, false);

    private final String owner;
    private final int size;
    private final Cell[] cells;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile boolean zeroElsewhere;

    /** What happens when a register is written. */
    @FunctionalInterface
    public interface Writer {
        /** The writer of a register that hardware alone writes. */
        Writer READ_ONLY = (value, mask) -> { };

        /**
         * @param value the bits that are written, where they stand in the register; others are 0
         * @param mask which bits are written: all of them, or one half
         */
        void write(long value, long mask);
    }

    /** @param concurrent whether the writer sees for itself to it that writes don't disturb each other */
    private record Cell(Register register, int offset, LongSupplier reader, Writer writer, boolean concurrent) {
        private int shift(long at) {
            return (int) (at - offset) << 3;
        }
    }

    /**
     * @param owner the unit's name, for messages
     * @param size of the window in bytes, a multiple of 8
     */
    public RegisterFile(String owner, int size) {
        this(owner, size, size);
    }

    /**
     * @param owner the unit's or device's name, for messages
     * @param size of the window in bytes, a multiple of 8
     * @param used of it by registers, from its beginning
     */
    public RegisterFile(String owner, int size, int used) {
        this.owner = owner;
        this.size = size;
        this.cells = new Cell[used / 4];
    }

    /** Adds a register at the place that its description says. */
    public void add(Register register, LongSupplier reader, Writer writer) {
        add(register, register.offset(), reader, writer);
    }

    /** Adds a register whose place is for the unit to choose. Of one of 128 bits this adds 64; add the others likewise. */
    public void add(Register register, int offset, LongSupplier reader, Writer writer) {
        add(new Cell(register, offset, reader, writer, false));
    }

    /** The same for a register whose writer is thread-safe: a write of it waits for none of another register. */
    public void addConcurrent(Register register, int offset, LongSupplier reader, Writer writer) {
        add(new Cell(register, offset, reader, writer, true));
    }

    private void add(Cell cell) {
        var register = cell.register;
        int offset = cell.offset;
        int words = Math.min(register.bytes(), 8) / 4;
        for (int i = 0; i < words; i++) {
            if (cells[offset / 4 + i] != null) {
                throw new IllegalArgumentException(register + " and " + cells[offset / 4 + i].register + " overlap");
            }
            cells[offset / 4 + i] = cell;
        }
    }

    /** From now on, places without a register read as 0 and ignore writes, as some manuals say; otherwise they are an error. */
    public void readZeroElsewhere() {
        zeroElsewhere = true;
    }

    /** Whether there is a register at an offset. */
    public boolean has(int offset) {
        return offset / 4 < cells.length && cells[offset / 4] != null;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read32(long offset) {
        var cell = find(offset, 4, "Read");
        return (int) (cell.reader.getAsLong() >>> cell.shift(offset));
    }

    @Override
    public long read64(long offset) {
        return whole(offset, "Read").reader.getAsLong();
    }

    @Override
    public void write32(long offset, int value) {
        var cell = find(offset, 4, "Write");
        int shift = cell.shift(offset);
        write(cell, Integer.toUnsignedLong(value) << shift, 0xffff_ffffL << shift);
    }

    @Override
    public void write64(long offset, long value) {
        write(whole(offset, "Write"), value, -1L);
    }

    private void write(Cell cell, long value, long mask) {
        if (cell.concurrent) {
            cell.writer.write(value, mask);
            return;
        }
        writing.lock();
        try {
            cell.writer.write(value, mask);
        } finally {
            writing.unlock();
        }
    }

    private Cell whole(long offset, String what) {
        var cell = find(offset, 8, what);
        if (cell.register.bits() < 64) {
            throw IommuException.of(Errno.EINVAL, "%s of 8 bytes at %s of %s: %s has 4 bytes, access it with 4",
                    what, Hex.of(offset), owner, cell.register.name());
        }
        return cell;
    }

    private Cell find(long offset, int bytes, String what) {
        if (offset < 0 || offset > size() - bytes) {
            throw IommuException.of(Errno.EINVAL, "%s of %d bytes at %s of %s is outside its register window of %s bytes",
                    what, bytes, Hex.of(offset), owner, Hex.of(size()));
        }
        var cell = offset / 4 < cells.length ? cells[(int) offset / 4] : null;
        if (offset % bytes != 0) {
            throw IommuException.of(Errno.EINVAL, "%s of %d bytes at %s of %s%s is misaligned: use a multiple of %d",
                    what, bytes, Hex.of(offset), owner, cell == null ? "" : ", in " + cell.register.name() + ",", bytes);
        }
        if (cell == null && zeroElsewhere) {
            return NOTHING;
        }
        if (cell == null) {
            throw IommuException.of(Errno.EINVAL, "%s of %d bytes at %s of %s: there is no register",
                    what, bytes, Hex.of(offset), owner);
        }
        return cell;
    }
}
