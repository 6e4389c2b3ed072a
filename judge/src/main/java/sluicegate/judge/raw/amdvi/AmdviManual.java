package sluicegate.judge.raw.amdvi;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sluicegate.api.platform.PhysicalMemory;

/**
 * What the manual (48882) says of a request of one device, from the words in memory: device table entry (2.2.2.1), host tables (2.2.3),
 * interrupt remapping (2.2.5), guest tables (2.2.6), events (2.5). Its masks are written out by hand and shared with nobody.
 *
 * @param features the extended feature register
 * @param gcr3OfGuest GCR3TRPMode of the control register: where there are host tables, GCR3 tables are at addresses of a guest
 * @param deviceTlbs IotlbSup of the unit's capability
 * @param longInterrupts GAEn of the control register: entries of interrupt remapping tables have 128 bits
 * @param wideInterrupts XTEn: with destinations of 32 bits
 */
record AmdviManual(PhysicalMemory memory, long features, boolean gcr3OfGuest, boolean deviceTlbs, boolean longInterrupts,
        boolean wideInterrupts) {
    static final long NO_PASID = -1;
    private static final int INTERRUPT_RANGE = 0xfee;
    private static final int ILLEGAL_DEV_TABLE_ENTRY = 1;
    private static final int IO_PAGE_FAULT = 2;
    private static final int PAGE_TAB_HARDWARE_ERROR = 4;
    private static final int INVALID_DEVICE_REQUEST = 8;
    /** Flags of events, where IO_PAGE_FAULT has them. */
    static final long GN = 1L << 48;
    static final long US = 1L << 50;
    static final long I = 1L << 51;
    static final long PR = 1L << 52;
    static final long RW = 1L << 53;
    static final long PE = 1L << 54;
    static final long RZ = 1L << 55;
    private static final long MASTER_ABORT = 1L << 57;

    /** An event record. */
    record Event(long low, long high) {}

    /**
     * @param address where the request goes; -1 if it is refused or is an interrupt
     * @param event what is recorded of it
     * @param marks words that the unit writes, with what they are then
     */
    record Answer(boolean passes, long address, Optional<Event> event, Map<Long, Long> marks) {}

    /** A fault, on its way out of a walk; without an entry's address it is an I/O page fault. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final long flags;
        private final long unreadable;

        private Refused(long flags, long unreadable) {
            super(null, null, false, false);
            this.flags = flags;
            this.unreadable = unreadable;
        }

        static Refused with(long flags) {
            return new Refused(flags, -1);
        }

        static Refused unreadable(long place) {
            return new Refused(0, place);
        }
    }

    /** A device table entry. */
    record Entry(long word0, long word1, long word2, long word3) {
        boolean has(long word, int bit) {
            return (word >>> bit & 1) != 0;
        }

        /** Bits {@code high} to {@code low} of the whole entry, within one word. */
        long bits(int high, int low) {
            long word = low < 64 ? word0 : low < 128 ? word1 : low < 192 ? word2 : word3;
            return word << 63 - (high & 63) >>> 63 - high + low;
        }

        long domain() {
            return word1 & 0xffff;
        }
    }

    private boolean can(int bitOfFeatures) {
        return (features >>> bitOfFeatures & 1) != 0;
    }

    private long unless(int bitOfFeatures, long mask) {
        return can(bitOfFeatures) ? 0 : mask;
    }

    /**
     * @param place of the device table entry
     * @param pasid or {@link #NO_PASID}
     * @param data what is written, if it is an interrupt
     */
    Answer answer(long place, int deviceId, long pasid, long iova, boolean write, int data) {
        var entry = new Entry(memory.get64(place), memory.get64(place + 8), memory.get64(place + 16), memory.get64(place + 24));
        boolean toInterrupts = iova >>> 20 == INTERRUPT_RANGE;
        if (toInterrupts && write) {
            return interrupt(entry, deviceId, iova, data);
        }
        if (!entry.has(entry.word0, 0)) {
            return passing(iova, Map.of());
        }
        long rw = write ? RW : 0;
        var illegal = illegalForDma(entry);
        if (illegal.isPresent()) {
            long space = pasid == NO_PASID ? 0 : space(entry, pasid);
            return refused(ILLEGAL_DEV_TABLE_ENTRY, deviceId, illegal.get() | rw | space, iova, Map.of());
        }
        if (toInterrupts) {
            return refused(INVALID_DEVICE_REQUEST, deviceId, rw | space(entry, pasid), iova, Map.of());
        }
        var marks = new TreeMap<Long, Long>();
        try {
            return passing(new AmdviWalk(this, entry, write, marks).translate(pasid, iova), marks);
        } catch (Refused refused) {
            if (refused.unreadable >= 0) {
                return refused(PAGE_TAB_HARDWARE_ERROR, deviceId, MASTER_ABORT | rw | space(entry, pasid), refused.unreadable, marks);
            }
            // Without execution and privilege, a request with a PASID is one of a user.
            long flags = refused.flags | rw | (pasid == NO_PASID ? 0 : US) | space(entry, pasid);
            // SA silences all, SE all but the first.
            return entry.has(entry.word1, 34) ? new Answer(false, -1, Optional.empty(), marks)
                    : refused(IO_PAGE_FAULT, deviceId, flags, iova, marks);
        }
    }

    /** Addresses have 52 bits, and no page can lead to where interrupts are sent to: nothing is there. */
    private Answer passing(long address, Map<Long, Long> marks) {
        return new Answer(true, address >>> 52 == 0 ? address : Long.MAX_VALUE, Optional.empty(), marks);
    }

    private static Answer refused(int code, int deviceId, long flags, long operand, Map<Long, Long> marks) {
        return new Answer(false, -1, Optional.of(new Event((long) code << 60 | flags | deviceId, operand)), marks);
    }

    /** The domain, or GN with the PASID in two parts. */
    private static long space(Entry entry, long pasid) {
        return pasid == NO_PASID ? entry.domain() << 32 : GN | (pasid & 0xffff) << 32 | pasid >>> 16 << 16;
    }

    // ---- device table entry

    /** What is wrong with the half that V makes valid: flags of the event. */
    private Optional<Long> illegalForDma(Entry entry) {
        long reserved0 = 1L << 63 | 0x7cL | unless(49, 3L << 7) | unless(50, 1L << 52) | unless(1, 1L << 53) | unless(48, 1L << 54)
                | unless(4, 0x3fL << 55);
        long reserved1 = unless(4, 0xffffL << 16 | -1L << 43) | (deviceTlbs ? 0 : 1L << 32) | unless(31, 1L << 42);
        if ((entry.word0 & reserved0) != 0 || (entry.word1 & reserved1) != 0) {
            return Optional.of(RZ);
        }
        return entry.bits(100, 99) == 3 || entry.has(entry.word0, 1) && !codesExist(entry) ? Optional.of(0L) : Optional.empty();
    }

    private boolean codesExist(Entry entry) {
        long marks = entry.bits(8, 7);
        long hostLevels = (features >>> 10 & 3) == 3 ? 0 : 4 + (features >>> 10 & 3);
        boolean guest = entry.has(entry.word0, 55);
        return marks != 2 && (marks != 3 || can(52)) && entry.bits(11, 9) <= hostLevels
                && (!guest || entry.bits(57, 56) <= (features >>> 14 & 3) && entry.bits(183, 182) <= (features >>> 12 & 3));
    }

    /** What is wrong with the half that IV makes valid. */
    private Optional<Long> illegalForInterrupts(Entry entry) {
        long reserved2 = 3L << 52 | 1L << 59 | unless(4, 3L << 54);
        long reserved3 = 0x7fff | 0x3fL << 48 | unless(51, -1L << 54) | unless(55, 1L << 15 | 0xffffL << 16 | 0xffffL << 32);
        if ((entry.word2 & reserved2) != 0 || (entry.word3 & reserved3) != 0) {
            return Optional.of(RZ);
        }
        long control = entry.bits(189, 188);
        return control == 3 || control == 2 && entry.bits(132, 129) > 11 ? Optional.of(0L) : Optional.empty();
    }

    // ---- interrupts

    private Answer interrupt(Entry entry, int deviceId, long address, int data) {
        // FD_F8 in HyperTransport, with vector, destination, logical, level and type.
        long operand = 0xffff_fffd_f800_0000L | (data & 0xffL) << 16 | (address >>> 12 & 0xff) << 8 | (address >>> 2 & 1) << 6
                | (data >>> 15 & 1) << 5 | (data >>> 8 & 7) << 2;
        var illegal = entry.has(entry.word0, 0) ? illegalForDma(entry) : Optional.<Long>empty();
        if (illegal.isEmpty() && entry.has(entry.word2, 0)) {
            illegal = illegalForInterrupts(entry);
        }
        if (illegal.isPresent()) {
            return refused(ILLEGAL_DEV_TABLE_ENTRY, deviceId, illegal.get() | I, operand, Map.of());
        }
        if (!entry.has(entry.word2, 0)) {
            return passing(-1, Map.of());
        }
        int type = data >>> 8 & 7;
        long control = entry.bits(189, 188);
        if (type <= 1 && control == 2) {
            return remapped(entry, deviceId, operand, data & 0x7ff);
        }
        boolean passes = switch (type) {
            case 0, 1 -> control == 1;
            case 2 -> true;
            case 4 -> entry.bits(186, 186) != 0;
            case 5 -> entry.bits(184, 184) != 0;
            case 7 -> entry.bits(185, 185) != 0;
            default -> false;
        };
        long why = type == 3 || type == 6 ? 6 : 5;
        return passes ? passing(-1, Map.of())
                : refused(INVALID_DEVICE_REQUEST, deviceId, why << 57 | space(entry, NO_PASID), operand, Map.of());
    }

    private Answer remapped(Entry entry, int deviceId, long operand, int index) {
        if (index >= 1 << entry.bits(132, 129)) {
            return interruptFault(entry, deviceId, 0, operand, false);
        }
        long place = (entry.word2 & (1L << 52) - 64) + (long) index * (longInterrupts ? 16 : 4);
        if (!memory.contains(place, longInterrupts ? 16 : 4)) {
            return refused(PAGE_TAB_HARDWARE_ERROR, deviceId, MASTER_ABORT | I | space(entry, NO_PASID), place & -8, Map.of());
        }
        long low = longInterrupts ? memory.get64(place) : memory.get32(place) & 0xffff_ffffL;
        boolean silent = (low & 2) != 0;
        if ((low & 1) == 0) {
            return interruptFault(entry, deviceId, 0, operand, silent);
        }
        long reserved = !longInterrupts ? 0xff00_0080L : 0xffff_ffff_0000_0080L | (wideInterrupts ? 0 : 0xffff_0000L);
        long reservedHigh = wideInterrupts ? 0x00ff_ffff_ffff_ff00L : -1L << 8;
        boolean bad = (low & reserved) != 0 || longInterrupts && (memory.get64(place + 8) & reservedHigh) != 0 || (low >>> 2 & 7) > 1;
        return bad ? interruptFault(entry, deviceId, PR | RZ, operand, silent) : passing(-1, Map.of());
    }

    private static Answer interruptFault(Entry entry, int deviceId, long flags, long operand, boolean silent) {
        return silent || entry.bits(133, 133) != 0 ? new Answer(false, -1, Optional.empty(), Map.of())
                : refused(IO_PAGE_FAULT, deviceId, flags | I | space(entry, NO_PASID), operand, Map.of());
    }
}
