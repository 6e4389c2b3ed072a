package sluicegate.judge.run;

import java.util.function.UnaryOperator;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;

/**
 * What stands between a driver and its unit. The hardware always uses memory and registers themselves.
 *
 * @param memory makes what the driver sees as memory
 * @param registers makes what it sees as registers
 * @param arena makes what gives it memory for tables and queues
 */
public record DriverView(UnaryOperator<PhysicalMemory> memory, UnaryOperator<RegisterWindow> registers,
        UnaryOperator<MemoryArena> arena) {
    /** Nothing between them. */
    public static final DriverView CLEAR =
            new DriverView(UnaryOperator.identity(), UnaryOperator.identity(), UnaryOperator.identity());

    /** Something between driver and memory only. */
    public static DriverView memory(UnaryOperator<PhysicalMemory> view) {
        return new DriverView(view, UnaryOperator.identity(), UnaryOperator.identity());
    }

    /** Something between driver and arena only. */
    public static DriverView arena(UnaryOperator<MemoryArena> view) {
        return new DriverView(UnaryOperator.identity(), UnaryOperator.identity(), view);
    }
}
