package sluicegate.sim.amdvi;

import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.amdvi.GuestInterruptEntry;
import sluicegate.spec.amdvi.InterruptEntry;
import sluicegate.spec.amdvi.InterruptMessage;
import sluicegate.spec.amdvi.VirtualInterruptEntry;

/**
 * What an entry of an interrupt remapping table comes to, in one word: where to an interrupt goes and how, or why it is refused.
 *
 * <pre>
 *   63   62   61   60   59 44   43   42 40   39 32    31 0
 * +----+----+----+---+-------+----+-------+--------+-------------+
 * | OK | 0  | RZ | S |   0   | DM |  MT   | VECTOR | destination |
 * +----+----+----+---+-------+----+-------+--------+-------------+
 *
 * Of a virtual processor:
 *   63   62   61   60   59 52   51 12          11 8   7 0
 * +----+----+----+---+-------+--------------+------+--------+
 * | OK | 1  | 0  | S |   0   | backing page |  0   | VECTOR |
 * +----+----+----+---+-------+--------------+------+--------+
 * </pre>
 */
final class InterruptWord {
    private static final long GOOD = 1L << 63;
    private static final long VIRTUAL = 1L << 62;
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
    /** The model has no ExtendedFeature2Register.GAPPIDISSUP. */
    private static final long VIRTUAL_LOW_RESERVED = VirtualInterruptEntry.LAYOUT.reservedMask(0) | VirtualInterruptEntry.GAPPIDIS.mask();
    private static final long VIRTUAL_HIGH_RESERVED = VirtualInterruptEntry.LAYOUT.reservedMask(1);

    private InterruptWord() {}

    /** Of an entry of 32 bits. */
    static long basic(long entry) {
        return word(entry, (entry & BASIC_RESERVED) != 0, InterruptEntry.DESTINATION.get(entry), InterruptEntry.VECTOR.get(entry));
    }

    /**
     * Of an entry of 128 bits.
     *
     * @param wide whether destinations have 32 bits (ControlRegister.XTEN)
     * @param guests whether there are virtual processors (ControlRegister.GAMEN)
     */
    static long extended(long low, long high, boolean wide, boolean guests) {
        if (guests && GuestInterruptEntry.GUESTMODE.isSet(low)) {
            return virtual(low, high, wide);
        }
        long narrow = wide ? 0 : low & SHORT_DESTINATION | high & GuestInterruptEntry.DESTINATION_HI.mask();
        boolean reserved = (low & LOW_RESERVED | high & HIGH_RESERVED | narrow) != 0;
        long destination = GuestInterruptEntry.DESTINATION_LO.get(low) | GuestInterruptEntry.DESTINATION_HI.get(high) << 24;
        return word(low, reserved, destination, GuestInterruptEntry.VECTOR.get(high));
    }

    private static long virtual(long low, long high, boolean wide) {
        long silent = VirtualInterruptEntry.SUPIOPF.isSet(low) ? SILENT : 0;
        if (!VirtualInterruptEntry.REMAPEN.isSet(low)) {
            return silent;
        }
        long narrow = wide ? 0 : low & SHORT_DESTINATION | high & VirtualInterruptEntry.DESTINATION_HI.mask();
        return (low & VIRTUAL_LOW_RESERVED | high & VIRTUAL_HIGH_RESERVED | narrow) != 0 ? silent | RESERVED
                : GOOD | VIRTUAL | silent | VirtualInterruptEntry.ROOT.inPlace(high) | VirtualInterruptEntry.VECTOR.get(high);
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

    /** Whether it leads to a virtual processor. */
    static boolean isVirtual(long word) {
        return (word & VIRTUAL) != 0;
    }

    /** Where the backing page of the virtual processor is. */
    static long backingPage(long word) {
        return VirtualInterruptEntry.ROOT.inPlace(word);
    }

    /** The vector of the virtual processor. */
    static int virtualVector(long word) {
        return (int) word & 0xff;
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
