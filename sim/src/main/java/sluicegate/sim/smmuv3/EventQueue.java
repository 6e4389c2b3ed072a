package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr1Register;

/**
 * The event queue (7.2 to 7.4). Records that find no room are lost and leave the overflow flag; stalled
 * transactions are retried when there is room.
 *
 * <p>Thread-safe with a lock of its own, under which nothing waits: a DMA that faults must be able to say so while a command
 * waits for that DMA.
 */
final class EventQueue {
    /** Of an address, these bits do not count when records are compared for merging (7.3.13). */
    private static final long PAGE_OFFSET = 0xfff;
    private static final int ADDRESS_WORD = 2;

    private final PhysicalMemory memory;
    private final GlobalErrors errors;
    private final OutputQueue queue;
    private final MessageInterrupt interrupt;
    private Runnable whenWritable = () -> { };

    EventQueue(PhysicalMemory memory, Smmuv3Capabilities capabilities, GlobalErrors errors, Messages messages) {
        this.memory = memory;
        this.errors = errors;
        this.queue = new OutputQueue(memory, this, EventRecord.BYTES, (int) Idr1Register.EVENTQS.get(capabilities.idr1()));
        this.interrupt = new MessageInterrupt("evtq", messages, at -> errors.raise(GerrorRegister.MSI_EVENTQ_ABT_ERR.mask()));
    }

    OutputQueue queue() {
        return queue;
    }

    MessageInterrupt interrupt() {
        return interrupt;
    }

    /** What is to be done when records can be written again; before anything is recorded. */
    void onWritable(Runnable action) {
        whenWritable = action;
    }

    Writer consumerWriter() {
        var writer = queue.consumerWriter();
        return (value, mask) -> {
            writer.write(value, mask);
            goOn();
        };
    }

    void enable(boolean on) {
        synchronized (this) {
            queue.enable(on);
        }
        goOn();
    }

    /**
     * Records an event, or that one was lost.
     *
     * @param words the four words of the record
     * @param merge whether it may be left out if it says what the record before it says
     */
    synchronized void record(long[] words, boolean merge) {
        if (!isWritable()) {
            return;
        }
        if (queue.isFull()) {
            queue.overflow();
        } else if (!merge || !repeats(words)) {
            write(words);
        }
    }

    /** Records that a transaction is stalled; false if there is no room, so that it has to be retried when there is. */
    synchronized boolean recordStall(long[] words) {
        return isWritable() && !queue.isFull() && write(words);
    }

    private boolean isWritable() {
        return queue.enabled() && !errors.isActive(GerrorRegister.EVENTQ_ABT_ERR.mask());
    }

    /** Room may have come, or an abort been acknowledged. */
    void goOn() {
        boolean writable;
        synchronized (this) {
            writable = isWritable() && !queue.isFull();
        }
        if (writable) {
            whenWritable.run();
        }
    }

    private boolean repeats(long[] words) {
        long slot = queue.lastSlot();
        if (slot < 0) {
            return false;
        }
        for (int i = 0; i < EventRecord.WORDS; i++) {
            long difference = memory.get64(slot + 8L * i) ^ words[i];
            if ((i == ADDRESS_WORD ? difference & ~PAGE_OFFSET : difference) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean write(long[] words) {
        long slot = queue.slot();
        if (slot < 0) {
            errors.raise(GerrorRegister.EVENTQ_ABT_ERR.mask());
            return false;
        }
        boolean first = queue.isEmpty();
        for (int i = EventRecord.WORDS - 1; i >= 0; i--) {
            memory.set64Release(slot + 8L * i, words[i]);
        }
        queue.advance();
        if (first) {
            interrupt.trigger();
        }
        return true;
    }
}
