package sluicegate.sim.amdvi;

import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.amdvi.GuestInterruptEntry;
import sluicegate.spec.amdvi.InterruptEntry;
import sluicegate.spec.amdvi.InterruptMessage;

/**
 * What an entry of an interrupt remapping table comes to, in one word: where to an interrupt goes and how, or why it is refused.
 *
 * <pre>
 *   63   62   61   60   59 44   43   42 40   39 32    31 0
 * +----+----+----+---+-------+----+-------+--------+-------------+
 * | OK | 0  | RZ | S |   0   | DM |  MT   | VECTOR | destination |
 * +----+----+----+---+-------+----+-------+--------+-------------+
 * </pre>
 */
final class InterruptWord {
    private static final long GOOD = 1L << 63;
    private static final long RESERVED = 1L << 61;
    private static final long SILENT = 1L << 60;
    private static final long LOGICAL = 1L << 43;
    private static final int MODE_AT = 40;
    private static final int VECTOR_AT = 32;

    private static final long BASIC_RESERVED = InterruptEntry.LAYOUT.reservedMask(0) | InterruptEntry.GUESTMODE.mask();
    /** Of the long form: destinations have 8 bits unless they have 32. */
    private static final long SHORT_DESTINATION = GuestInterruptEntry.DESTINATION_LO.mask()
            & ~InterruptEntry.DESTINATION.mask();
    private static final long LOW_RESERVED = GuestInterruptEntry.LAYOUT.reservedMask(0) | GuestInterruptEntry.GUESTMODE.mask();
    private static final long HIGH_RESERVED = GuestInterruptEntry.LAYOUT.reservedMask(1);

    private InterruptWord() {}

    /** Of an entry of 32 bits. */
    static long basic(long entry) {
        return word(entry, (entry & BASIC_RESERVED) != 0, InterruptEntry.DESTINATION.get(entry), InterruptEntry.VECTOR.get(entry));
    }

    /**
     * Of an entry of 128 bits.
     *
     * @param wide whether destinations have 32 bits (ControlRegister.XTEN)
     */
    static long extended(long low, long high, boolean wide) {
        long narrow = wide ? 0 : low & SHORT_DESTINATION | high & GuestInterruptEntry.DESTINATION_HI.mask();
        boolean reserved = (low & LOW_RESERVED | high & HIGH_RESERVED | narrow) != 0;
        long destination = GuestInterruptEntry.DESTINATION_LO.get(low) | GuestInterruptEntry.DESTINATION_HI.get(high) << 24;
        return word(low, reserved, destination, GuestInterruptEntry.VECTOR.get(high));
    }

    /** The fields that both forms have in the same place. */
    private static long word(long low, boolean reserved, long destination, long vector) {
        long mode = InterruptEntry.INTTYPE.get(low);
        long silent = InterruptEntry.SUPIOPF.isSet(low) ? SILENT : 0;
        if (!InterruptEntry.REMAPEN.isSet(low)) {
            return silent;
        }
        if (reserved || mode > InterruptMessage.ARBITRATED) {
            return silent | RESERVED;
        }
        return GOOD | silent | (InterruptEntry.DM.isSet(low) ? LOGICAL : 0) | mode << MODE_AT | vector << VECTOR_AT | destination;
    }

    static boolean isGood(long word) {
        return (word & GOOD) != 0;
    }

    /** Whether interrupts that it refuses are not to be logged (SupIOPF). */
    static boolean isSilent(long word) {
        return (word & SILENT) != 0;
    }

    /** Whether the entry can't be used though it is there: a reserved bit is set, or its type is none. */
    static boolean isReserved(long word) {
        return (word & RESERVED) != 0;
    }

    /** Where the message is written to. */
    static long address(long word) {
        long destination = word & 0xffff_ffffL;
        long address = InterruptMessage.DEST.set(InterruptController.BASE, destination & 0xff) | (destination & ~0xffL) << 32;
        return (word & LOGICAL) != 0 ? address | InterruptMessage.DM.mask() : address;
    }

    /** What is written. @param data of the message as the device sent it, whose trigger mode it keeps */
    static int data(long word, int data) {
        long kept = data & (InterruptMessage.TM.mask() | InterruptMessage.LEVEL.mask());
        return (int) InterruptMessage.VECTOR.set(InterruptMessage.MT.set(kept, word >>> MODE_AT & 1), word >>> VECTOR_AT & 0xff);
    }
}
