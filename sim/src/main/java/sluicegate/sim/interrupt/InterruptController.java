package sluicegate.sim.interrupt;

import java.util.concurrent.atomic.AtomicLong;
import sluicegate.api.platform.Interrupts;
import sluicegate.machine.interrupt.VectorTable;

/**
 * The interrupt controller of a machine: takes messages (writes of 4 bytes to the interrupt address range 0xFEE00000 to
 * 0xFEEFFFFF, Intel SDM volume 3, 11.11) and runs the handlers connected to them, one at a time, on one thread of the machine.
 *
 * <p>All vectors belong to one processor. A message that meets no connected vector is counted and dropped, as a processor
 * drops an interrupt that nobody enabled. Thread-safe; raising an interrupt never blocks.
 */
public final class InterruptController implements Interrupts, AutoCloseable {
    /** First address of the interrupt address range. */
    public static final long BASE = 0xfee0_0000L;

    /** Destination id, bits 19:12 of a message's address. */
    private static final long DESTINATION = 0xff << 12;

    private final VectorTable vectors;
    private final AtomicLong doorbells = new AtomicLong();
    private volatile long doorbellAt = -1;

    /** @param machine name of the machine, for its thread and for logs */
    public InterruptController(String machine) {
        vectors = new VectorTable(machine, BASE);
    }

    /** Whether an address is in the interrupt address range. */
    public static boolean isInterruptAddress(long address) {
        return address >>> 20 == BASE >>> 20;
    }

    @Override
    public Vector allocate(String name, Runnable handler) {
        return vectors.allocate(name, handler);
    }

    /**
     * Takes a message. Returns at once; the handler runs on the machine's thread.
     *
     * @param address where the message was written
     * @param data what was written
     */
    public void raise(long address, int data) {
        // Of a message to this processor, the other bits say how it is delivered, which is all the same to one processor.
        vectors.raise(isInterruptAddress(address) && (address & DESTINATION) == 0 ? BASE : address, data);
    }

    /**
     * Has a processor look into the backing page of the virtual processor that runs on it (AMD64 architecture, volume 2, 15.29.7). No
     * virtual processor runs on this machine, so it is only noted.
     *
     * @param destination APIC id
     */
    public void ringDoorbell(long destination) {
        doorbellAt = destination;
        doorbells.incrementAndGet();
    }

    /** How many doorbells have been rung. */
    public long doorbells() {
        return doorbells.get();
    }

    /** Whose doorbell was rung last, -1 if none was. */
    public long lastDoorbell() {
        return doorbellAt;
    }

    /** Takes a wired interrupt of a unit; see {@link VectorTable#raiseLine}. */
    public void raiseLine(String line) {
        vectors.raiseLine(line);
    }

    /** How many messages met no connected vector. */
    public long spurious() {
        return vectors.spurious();
    }

    /** Ends the thread. Interrupts that are pending are dropped; a handler that runs is waited for, within reason. */
    @Override
    public void close() {
        vectors.close();
    }
}
