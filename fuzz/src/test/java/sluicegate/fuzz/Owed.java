package sluicegate.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import sluicegate.api.types.IommuException;

/**
 * What every reader owes for any input: a value, or one error with a sentence; soon; and with memory in proportion to the input. What
 * the fuzzer itself takes is in the bounds.
 */
final class Owed {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long MEMORY = 64L << 20;
    private static final long MEMORY_PER_BYTE = 16 << 10;
    private static final long NANOS = TimeUnit.SECONDS.toNanos(10);

    private Owed() {}

    /**
     * Reads an input.
     *
     * @param length of the input in bytes
     */
    static void by(Runnable reader, int length) {
        // The first time, classes may be loaded, and instrumented by the fuzzer, on this thread.
        if (cost(reader).isAbove(length)) {
            var again = cost(reader);
            if (again.isAbove(length)) {
                throw new AssertionError(length + " bytes of input take " + again);
            }
        }
    }

    private static Cost cost(Runnable reader) {
        long self = Thread.currentThread().getId();
        long allocated = THREADS.getThreadAllocatedBytes(self);
        long begun = THREADS.getThreadCpuTime(self);
        try {
            reader.run();
        } catch (IommuException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("An error without a sentence", e);
            }
        }
        return new Cost(THREADS.getThreadAllocatedBytes(self) - allocated, THREADS.getThreadCpuTime(self) - begun);
    }

    /**
     * What reading took.
     *
     * @param bytes allocated
     * @param nanos of processor time
     */
    private record Cost(long bytes, long nanos) {
        private boolean isAbove(int length) {
            return bytes > MEMORY + MEMORY_PER_BYTE * length || nanos > NANOS;
        }
    }
}
