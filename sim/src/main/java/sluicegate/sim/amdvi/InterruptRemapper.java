package sluicegate.sim.amdvi;

import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.amdvi.DeviceRequestType;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.GuestInterruptEntry;
import sluicegate.spec.amdvi.InterruptEntry;
import sluicegate.spec.amdvi.InterruptMessage;

/**
 * Interrupt remapping (2.2.5): what becomes of the messages of devices. Those of the unit itself are not remapped.
 *
 * <p>Thread-safe. The form of the entries is switched in the order of the register file.
 */
final class InterruptRemapper {
    /** Of one table: an index has 11 bits. */
    static final int MOST_ENTRIES = 1 << 11;

    private final PhysicalMemory memory;
    private final TranslationEngine engine;
    private final EventReporter events;
    private final InterruptEntries entries = new InterruptEntries();
    private volatile Form form = Form.BASIC;

    /** ControlRegister.GAEN makes entries four times as long; XTEN gives them destinations of 32 bits. */
    private enum Form { BASIC, EXTENDED, EXTENDED_WIDE }

    InterruptRemapper(PhysicalMemory memory, TranslationEngine engine, EventReporter events) {
        this.memory = memory;
        this.engine = engine;
        this.events = events;
    }

    /** What is kept of the tables. */
    InterruptEntries entries() {
        return entries;
    }

    void configure(boolean extended, boolean wide) {
        var next = !extended ? Form.BASIC : wide ? Form.EXTENDED_WIDE : Form.EXTENDED;
        if (next != form) {
            form = next;
            entries.invalidateAll();
        }
    }

    /** A device has written four bytes to the interrupt address range; returns what it is told. */
    DmaStatus message(int deviceId, long address, int data, InterruptController controller) {
        var entry = engine.entryOf(deviceId);
        if (entry == null) {
            controller.raise(address, data);
            return DmaStatus.OK;
        }
        long operand = InterruptMessage.eventAddress(address, data);
        if (entry.interruptState != DeviceEntry.GOOD) {
            events.badEntry(entry, deviceId, operand);
            return DmaStatus.FAULT;
        }
        int mode = (int) InterruptMessage.MT.get(data);
        if (entry.interruptsValid && mode <= InterruptMessage.ARBITRATED
                && entry.interruptControl == DeviceTableEntry.INTCTL_REMAP) {
            return remap(entry, deviceId, operand, data, controller);
        }
        if (!entry.interruptsValid || passes(entry, mode, address)) {
            controller.raise(address, data);
            return DmaStatus.OK;
        }
        events.invalidInterrupt(entry, deviceId, operand, exists(mode)
                ? DeviceRequestType.INTERRUPT_CONTROL : DeviceRequestType.INTERRUPT_RESERVED);
        return DmaStatus.FAULT;
    }

    /** Whether a message passes as it is; those that are not for one vector have no logical destination. */
    private static boolean passes(DeviceEntry entry, int mode, long address) {
        return mode <= InterruptMessage.ARBITRATED ? entry.interruptControl == DeviceTableEntry.INTCTL_FORWARD
                : (entry.interruptsPassing >>> mode & 1) != 0 && !InterruptMessage.DM.isSet(address);
    }

    private static boolean exists(int mode) {
        return mode != 0b011 && mode != 0b110;
    }

    private DmaStatus remap(DeviceEntry entry, int deviceId, long operand, int data, InterruptController controller) {
        int index = (int) InterruptMessage.INDEX.get(data);
        if (index >= entry.interruptEntries) {
            return refuse(entry, deviceId, operand, 0);
        }
        long word = entries.find(deviceId, index);
        if (word == 0) {
            long since = entries.since();
            var now = form;
            long place = entry.interruptTable + (long) index * (now == Form.BASIC ? InterruptEntry.BYTES : GuestInterruptEntry.BYTES);
            if (!memory.contains(place, now == Form.BASIC ? InterruptEntry.BYTES : GuestInterruptEntry.BYTES)) {
                events.interruptEntryUnreadable(entry, deviceId, place);
                return DmaStatus.FAULT;
            }
            word = read(now, place);
            if (InterruptWord.isGood(word)) {
                entries.fill(deviceId, index, word, since);
            }
        }
        if (!InterruptWord.isGood(word)) {
            return refuse(entry, deviceId, operand, word);
        }
        controller.raise(InterruptWord.address(word), InterruptWord.data(word, data));
        return DmaStatus.OK;
    }

    private long read(Form now, long place) {
        if (now == Form.BASIC) {
            return InterruptWord.basic(memory.get32(place) & 0xffff_ffffL);
        }
        long low;
        long high;
        do {
            // Hardware reads the entry as a whole; here its lower half must not have changed meanwhile.
            low = memory.get64Acquire(place);
            high = memory.get64Acquire(place + Long.BYTES);
        } while (memory.get64Acquire(place) != low);
        return InterruptWord.extended(low, high, now == Form.EXTENDED_WIDE);
    }

    /** @param word what the entry comes to, 0 if there is none */
    private DmaStatus refuse(DeviceEntry entry, int deviceId, long operand, long word) {
        if (!entry.interruptsSilent && !InterruptWord.isSilent(word)) {
            events.interruptFault(entry, deviceId, operand,
                    InterruptWord.isReserved(word) ? EventFlags.PR.mask() | EventFlags.RZ.mask() : 0);
        }
        return DmaStatus.FAULT;
    }
}
