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
    private static final int USUAL_INDEX = (1 << 9) - 1;

    private final PhysicalMemory memory;
    private final TranslationEngine engine;
    private final EventReporter events;
    private final VirtualInterrupts guests;
    private final InterruptEntries entries = new InterruptEntries();
    private volatile Form form = Form.BASIC;

    /**
     * What the control register says of entries and messages.
     *
     * @param extended GAEN: entries are four times as long
     * @param wide XTEN: those have destinations of 32 bits
     * @param guests GAMEN: those may be of virtual processors
     * @param many NUMINTREMAPMODE: messages with DM set have an index of 11 bits
     */
    record Form(boolean extended, boolean wide, boolean guests, boolean many) {
        static final Form BASIC = new Form(false, false, false, false);

        private int entryBytes() {
            return extended ? GuestInterruptEntry.BYTES : InterruptEntry.BYTES;
        }
    }

    InterruptRemapper(PhysicalMemory memory, TranslationEngine engine, EventReporter events, VirtualInterrupts guests) {
        this.memory = memory;
        this.engine = engine;
        this.events = events;
        this.guests = guests;
    }

    /** What is kept of the tables. */
    InterruptEntries entries() {
        return entries;
    }

    void configure(Form next) {
        if (!next.equals(form)) {
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
        var now = form;
        boolean many = now.many && InterruptMessage.DM.isSet(address);
        if (entry.interruptsValid && (many || mode <= InterruptMessage.ARBITRATED)
                && entry.interruptControl == DeviceTableEntry.INTCTL_REMAP) {
            int index = (int) InterruptMessage.INDEX.get(data) & (many ? MOST_ENTRIES - 1 : USUAL_INDEX);
            return remap(now, entry, deviceId, index, operand, data, controller);
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

    private DmaStatus remap(Form now, DeviceEntry entry, int deviceId, int index, long operand, int data,
            InterruptController controller) {
        if (index >= entry.interruptEntries) {
            return refuse(entry, deviceId, operand, 0);
        }
        long place = entry.interruptTable + (long) index * now.entryBytes();
        long word = entries.find(deviceId, index);
        if (word == 0) {
            long since = entries.since();
            if (!memory.contains(place, now.entryBytes())) {
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
        if (InterruptWord.isVirtual(word)) {
            var status = guests.deliver(word, place, deviceId, controller);
            if (status != DmaStatus.OK) {
                events.interruptEntryUnreadable(entry, deviceId, InterruptWord.backingPage(word));
                return DmaStatus.FAULT;
            }
            return status;
        }
        controller.raise(InterruptWord.address(word), InterruptWord.data(word, data));
        return DmaStatus.OK;
    }

    private long read(Form now, long place) {
        if (!now.extended) {
            return InterruptWord.basic(memory.get32(place) & 0xffff_ffffL);
        }
        long low;
        long high;
        do {
            // Hardware reads the entry as a whole; here its lower half must not have changed meanwhile.
            low = memory.get64Acquire(place);
            high = memory.get64Acquire(place + Long.BYTES);
        } while (memory.get64Acquire(place) != low);
        return InterruptWord.extended(low, high, now.wide, now.guests);
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
