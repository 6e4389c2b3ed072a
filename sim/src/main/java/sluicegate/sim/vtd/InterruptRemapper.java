package sluicegate.sim.vtd;

import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.InterruptRemappingEntry;
import sluicegate.spec.vtd.InterruptRemappingTableAddressRegister;
import sluicegate.spec.vtd.InterruptRequest;
import sluicegate.spec.vtd.PostedInterruptEntry;

/**
 * Interrupt remapping (VT-d 5.1.4): what becomes of the messages of devices. Those of the unit itself are not remapped.
 *
 * <p>Thread-safe. Switching and the table's pointer come in the order of the register file.
 */
final class InterruptRemapper {
    private static final long TABLE_RESERVED = InterruptRemappingTableAddressRegister.LAYOUT.reservedMask(0);
    private static final long LOW_RESERVED = InterruptRemappingEntry.LAYOUT.reservedMask(0);
    private static final long HIGH_RESERVED = InterruptRemappingEntry.LAYOUT.reservedMask(1);
    private static final long POSTED_LOW_RESERVED = PostedInterruptEntry.LAYOUT.reservedMask(0);
    private static final long POSTED_HIGH_RESERVED = PostedInterruptEntry.LAYOUT.reservedMask(1);
    /** The delivery modes that there are. */
    private static final int MODES = 1 << InterruptRemappingEntry.FIXED | 1 << InterruptRemappingEntry.LOWEST_PRIORITY
            | 1 << InterruptRemappingEntry.SMI | 1 << InterruptRemappingEntry.NMI | 1 << InterruptRemappingEntry.INIT
            | 1 << InterruptRemappingEntry.EXT_INT;

    private final PhysicalMemory memory;
    private final VtdCapabilities capabilities;
    private final FaultReporting faults;
    private final InterruptController controller;
    private final InterruptPosting posting;
    private final InterruptEntryCache cache = new InterruptEntryCache();
    private volatile long tableAddress;
    private volatile Table table = new Table(0, 0, false);
    private volatile boolean enabled;
    private volatile boolean compatibility;

    /**
     * The table, as it was when its pointer was set.
     *
     * @param entries how many there are
     * @param extended whether destinations have 32 bits
     */
    private record Table(long address, int entries, boolean extended) {}

    InterruptRemapper(PhysicalMemory memory, VtdCapabilities capabilities, FaultReporting faults,
            InterruptController controller) {
        this.memory = memory;
        this.capabilities = capabilities;
        this.faults = faults;
        this.controller = controller;
        this.posting = new InterruptPosting(memory);
    }

    InterruptEntryCache cache() {
        return cache;
    }

    /** IRTA_REG. */
    long tableAddress() {
        return tableAddress;
    }

    /** It takes effect with the next SIRTP. */
    void writeTableAddress(long value, long mask) {
        long written = (tableAddress & ~mask | value) & ~TABLE_RESERVED;
        tableAddress = capabilities.extendedInterruptMode() ? written
                : InterruptRemappingTableAddressRegister.EIME.clear(written);
    }

    /** GCMD_REG.SIRTP. What is cached stays, as on units without CAP_REG.ESIRTPS. */
    void setTable() {
        long register = tableAddress;
        table = new Table(InterruptRemappingTableAddressRegister.IRTA.inPlace(register),
                2 << InterruptRemappingTableAddressRegister.S.get(register),
                InterruptRemappingTableAddressRegister.EIME.isSet(register));
    }

    /** GCMD_REG.IRE. */
    void enable(boolean on) {
        enabled = on;
    }

    boolean enabled() {
        return enabled;
    }

    /** GCMD_REG.CFI: whether messages in compatibility format pass. */
    void passCompatibility(boolean on) {
        compatibility = on;
    }

    boolean passesCompatibility() {
        return compatibility;
    }

    /** A device has written to the interrupt address range; returns what it is told. */
    DmaStatus message(int sourceId, long address, int data) {
        if (!enabled) {
            controller.raise(address, data);
            return DmaStatus.OK;
        }
        var now = table;
        if (!InterruptRequest.FORMAT.isSet(address)) {
            return compatible(now, sourceId, address, data);
        }
        int index = InterruptRequest.index(address, data);
        if (InterruptRequest.SHV.isSet(address) && (data & ~InterruptRequest.SUBHANDLE.mask()) != 0) {
            return refuse(FaultReason.INTERRUPT_REQUEST_RESERVED, sourceId, index);
        }
        if (index >= now.entries || beyondHostAddress(now.address + (long) index * InterruptRemappingEntry.BYTES)) {
            return refuse(FaultReason.INTERRUPT_INDEX_TOO_LARGE, sourceId, index);
        }
        var entry = entry(now, index);
        int fault = entry.faultCode() == 0 && !entry.admits(sourceId)
                ? FaultReason.INTERRUPT_SOURCE_REJECTED.code() : entry.faultCode();
        if (fault == 0) {
            fault = deliver(now, entry);
        }
        if (fault == 0) {
            return DmaStatus.OK;
        }
        faults.reportInterrupt(fault, sourceId, index, entry.faultsDisabled());
        return DmaStatus.FAULT;
    }

    private DmaStatus compatible(Table now, int sourceId, long address, int data) {
        if (now.extended || !compatibility) {
            return refuse(FaultReason.INTERRUPT_COMPATIBILITY_BLOCKED, sourceId, 0);
        }
        controller.raise(address, data);
        return DmaStatus.OK;
    }

    private DmaStatus refuse(FaultReason reason, int sourceId, int index) {
        faults.reportInterrupt(reason.code(), sourceId, index, false);
        return DmaStatus.FAULT;
    }

    private boolean beyondHostAddress(long address) {
        return (address & capabilities.beyondHostAddress()) != 0;
    }

    /** The entry: from the cache, or from the table and then kept. */
    private InterruptEntry entry(Table now, int index) {
        var cached = cache.find(index);
        if (cached != null) {
            return cached;
        }
        long since = cache.since();
        var read = read(now, index);
        // Only with caching mode does hardware keep what is not present or malformed (6.1).
        if (capabilities.cachingMode() || read.faultCode() == 0) {
            cache.fill(index, read, since);
        }
        return read;
    }

    private InterruptEntry read(Table now, int index) {
        long at = now.address + (long) index * InterruptRemappingEntry.BYTES;
        if (!memory.contains(at, InterruptRemappingEntry.BYTES)) {
            return InterruptEntry.fault(FaultReason.INTERRUPT_ENTRY_UNREADABLE, 0);
        }
        long low;
        long high;
        do {
            // An entry is read as a whole (5.1.4): what was read counts if its lower half has not changed meanwhile.
            low = memory.get64Acquire(at);
            high = memory.get64Acquire(at + 8);
        } while (memory.get64Acquire(at) != low);
        if (!InterruptRemappingEntry.P.isSet(low)) {
            return InterruptEntry.fault(FaultReason.INTERRUPT_ENTRY_NOT_PRESENT, low);
        }
        return reserved(now, low, high)
                ? InterruptEntry.fault(FaultReason.INTERRUPT_ENTRY_RESERVED, low) : InterruptEntry.good(low, high);
    }

    private boolean reserved(Table now, long low, long high) {
        if (InterruptRemappingEntry.SVT.get(high) > InterruptRemappingEntry.SVT_BUS) {
            return true;
        }
        if (InterruptRemappingEntry.IM.isSet(low)) {
            return !capabilities.interruptPosting() || (low & POSTED_LOW_RESERVED | high & POSTED_HIGH_RESERVED) != 0
                    || beyondHostAddress(PostedInterruptEntry.descriptor(low, high));
        }
        long destination = now.extended ? 0 : InterruptRemappingEntry.DST.mask() & ~InterruptRemappingEntry.XAPIC_DESTINATION;
        return (low & (LOW_RESERVED | destination) | high & HIGH_RESERVED) != 0
                || (MODES >>> InterruptRemappingEntry.DLM.get(low) & 1) == 0;
    }

    /** Sends the interrupt that an entry describes; returns the code of a fault, or 0. */
    private int deliver(Table now, InterruptEntry entry) {
        long low = entry.low();
        if (entry.posted()) {
            var posted = posting.post(low, entry.high(), now.extended);
            if (posted.notification()) {
                send(now, posted.destination(), 0, InterruptRequest.VECTOR.set(0, posted.vector()));
            }
            return posted.faultCode();
        }
        int mode = (int) InterruptRemappingEntry.DLM.get(low);
        long data = InterruptRequest.LEVEL.mask() | InterruptRequest.DLM.set(0, mode)
                | (InterruptRemappingEntry.TM.isSet(low) ? InterruptRequest.TM.mask() : 0);
        if (mode <= InterruptRemappingEntry.LOWEST_PRIORITY) {
            // Others mean no vector of the processor's.
            data = InterruptRequest.VECTOR.set(data, InterruptRemappingEntry.V.get(low));
        }
        long how = (InterruptRemappingEntry.RH.isSet(low) ? InterruptRequest.RH.mask() : 0)
                | (InterruptRemappingEntry.DM.isSet(low) ? InterruptRequest.DM.mask() : 0);
        send(now, InterruptRemappingEntry.DST.get(low), how, data);
        return 0;
    }

    /** @param destination as IRTEs and posted interrupt descriptors have it */
    private void send(Table now, long destination, long how, long data) {
        long id = now.extended ? destination : destination >>> 8;
        controller.raise(InterruptController.BASE | InterruptRequest.DEST.set(0, id & 0xff) | (id & ~0xffL) << 32 | how,
                (int) data);
    }
}
