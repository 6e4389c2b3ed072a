package sluicegate.hw.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;

/**
 * Stands between driver and unit on the way of commands: sees each one when the driver tells the unit of it, and may change it
 * there, before the unit fetches it.
 */
final class CommandTap extends WindowFilter {
    /** A domain id that no test uses. */
    private static final int NOBODY = 0x3ff;
    private static final int BYTES = 8192;

    private final PhysicalMemory memory;
    private final List<ScriptedUnit.Command> seen = new ArrayList<>();
    private LongUnaryOperator change = LongUnaryOperator.identity();
    private LongUnaryOperator changeHigh = LongUnaryOperator.identity();
    private long ring;
    private long tail;

    CommandTap(RegisterWindow real, PhysicalMemory memory) {
        super(real);
        this.memory = memory;
    }

    /** From now on invalidations are for a domain that does not exist: hardware completes them and forgets nothing. */
    void neutralisePageInvalidations() {
        change = low -> CommandCode.of(low) == CommandCode.INVALIDATE_IOMMU_PAGES
                ? InvalidateIommuPagesCommand.DOMAINID.set(low, NOBODY) : low;
    }

    /** From now on hardware is not told that tables have gone. */
    void keepTables() {
        change = low -> {
            changeHigh = CommandCode.of(low) == CommandCode.INVALIDATE_IOMMU_PAGES
                    ? InvalidateIommuPagesCommand.PDE::clear : LongUnaryOperator.identity();
            return low;
        };
    }

    /** From now on commands with that code are such that hardware refuses them. */
    void spoil(int code) {
        change = low -> CommandCode.of(low) == code ? low | 0xfL << 60 : low;
    }

    void leaveAlone() {
        change = LongUnaryOperator.identity();
        changeHigh = LongUnaryOperator.identity();
    }

    /** The commands since the last call, with COMPLETION_WAITs. */
    synchronized List<ScriptedUnit.Command> take() {
        var taken = List.copyOf(seen);
        seen.clear();
        return taken;
    }

    @Override
    public synchronized void write64(long offset, long value) {
        if (offset == CommandBufferBaseRegister.OFFSET) {
            ring = CommandBufferBaseRegister.COMBASE.inPlace(value);
            tail = 0;
        } else if (offset == CommandBufferTailRegister.OFFSET) {
            for (; tail != value; tail = (tail + 16) % BYTES) {
                long slot = ring + tail;
                long low = memory.get64(slot);
                seen.add(new ScriptedUnit.Command(low, memory.get64(slot + 8)));
                memory.set64(slot, change.applyAsLong(low));
                memory.set64(slot + 8, changeHigh.applyAsLong(memory.get64(slot + 8)));
            }
        }
        super.write64(offset, value);
    }
}
