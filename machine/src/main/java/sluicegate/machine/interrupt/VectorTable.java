package sluicegate.machine.interrupt;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * The interrupt vectors of a machine's one processor, and the thread that runs the handlers connected to them, one at a time.
 * Where messages come from is for the machine to say: it calls {@link #raise}.
 *
 * <p>A message that meets no connected vector is counted and dropped, as a processor drops an interrupt that nobody enabled.
 * Thread-safe; raising an interrupt never blocks.
 */
public final class VectorTable implements Interrupts, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VectorTable.class);
    /** Below are the processor's exceptions, above is the spurious interrupt. */
    private static final int FIRST_VECTOR = 0x20;
    private static final int LAST_VECTOR = 0xfe;
    private static final int VECTOR = 0xff;
    private static final int JOIN_MILLIS = 5_000;

    private final AtomicReferenceArray<ConnectedVector> vectors = new AtomicReferenceArray<>(VECTOR + 1);
    private final LinkedBlockingQueue<ConnectedVector> pending = new LinkedBlockingQueue<>();
    private final LongAdder spurious = new LongAdder();
    private final long messageAddress;
    private final Thread dispatcher;
    private volatile boolean running = true;

    /**
     * @param machine name of the machine, for its thread and for logs
     * @param messageAddress where messages for its vectors are to be written
     */
    public VectorTable(String machine, long messageAddress) {
        this.messageAddress = messageAddress;
        dispatcher = new Thread(this::dispatch, "sluicegate-" + machine + "-interrupts");
        dispatcher.setDaemon(true);
        dispatcher.start();
    }

    @Override
    public Vector allocate(String name, Runnable handler) {
        for (int number = FIRST_VECTOR; number <= LAST_VECTOR; number++) {
            var vector = new ConnectedVector(number, name, handler);
            if (vectors.compareAndSet(number, null, vector)) {
                return vector;
            }
        }
        throw IommuException.of(Errno.ENOSPC, "No interrupt vector is left for %s: all %d are in use", name,
                LAST_VECTOR - FIRST_VECTOR + 1);
    }

    /**
     * Takes a message. Returns at once; the handler runs on the machine's thread.
     *
     * @param address where it was written
     * @param data what was written: the vector's number in its low 8 bits
     */
    public void raise(long address, int data) {
        var vector = address == messageAddress ? vectors.get(data & VECTOR) : null;
        if (vector == null || !running) {
            spurious.increment();
            LOG.debug("Interrupt message {} at {} meets no vector", Hex.of(data), Hex.of(address));
            return;
        }
        vector.raise();
    }

    /** Where messages are to be written. */
    public long messageAddress() {
        return messageAddress;
    }

    /**
     * Takes a wired interrupt of a unit that can't send messages. It is connected to the vectors whose name ends with a dash
     * and the line's name, such as {@code smmu3.0x9050000-evtq} for {@code evtq}. Returns at once.
     */
    public void raiseLine(String line) {
        boolean met = false;
        for (int number = FIRST_VECTOR; number <= LAST_VECTOR; number++) {
            var vector = vectors.get(number);
            if (vector != null && running && vector.name.endsWith("-" + line)) {
                vector.raise();
                met = true;
            }
        }
        if (!met) {
            spurious.increment();
        }
    }

    /** How many messages met no connected vector. */
    public long spurious() {
        return spurious.sum();
    }

    /** Ends the thread. Interrupts that are pending are dropped; a handler that runs is waited for, within reason. */
    @Override
    public void close() {
        running = false;
        dispatcher.interrupt();
        if (Thread.currentThread() == dispatcher) {
            return;
        }
        try {
            dispatcher.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (dispatcher.isAlive()) {
            LOG.warn("{} does not end: a handler still runs", dispatcher.getName());
        }
    }

    private void dispatch() {
        while (running) {
            try {
                pending.take().run();
            } catch (InterruptedException e) {
                // Either close() wants the thread to end, or a handler left its thread's interrupt flag behind.
                if (running) {
                    LOG.debug("{} was interrupted", Thread.currentThread().getName());
                }
            }
        }
    }

    private final class ConnectedVector implements Vector {
        private final int number;
        private final String name;
        private final Runnable handler;
        private final Object life = new Object();
        private boolean queued;
        private boolean active;
        private boolean closed;

        private ConnectedVector(int number, String name, Runnable handler) {
            this.number = number;
            this.name = name;
            this.handler = handler;
        }

        @Override
        public long address() {
            return messageAddress;
        }

        @Override
        public int data() {
            return number;
        }

        private void raise() {
            synchronized (life) {
                if (closed || queued) {
                    return;
                }
                queued = true;
            }
            pending.add(this);
        }

        private void run() {
            synchronized (life) {
                queued = false;
                if (closed) {
                    return;
                }
                active = true;
            }
            try {
                handler.run();
            } catch (RuntimeException | Error e) {
                LOG.error("The interrupt handler {} failed", name, e);
            } finally {
                synchronized (life) {
                    active = false;
                    life.notifyAll();
                }
            }
        }

        @Override
        public void close() {
            boolean interrupted = false;
            synchronized (life) {
                closed = true;
                while (active && Thread.currentThread() != dispatcher) {
                    try {
                        life.wait();
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
            }
            vectors.compareAndSet(number, this, null);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public String toString() {
            return name + " (vector " + number + ")";
        }
    }
}
