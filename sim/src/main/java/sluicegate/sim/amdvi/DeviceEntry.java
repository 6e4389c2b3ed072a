package sluicegate.sim.amdvi;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.InterruptMessage;

/**
 * What a request needs to know of its device table entry, or why there is none. Fields instead of methods, because every request
 * looks at some of them; all but the tags of PASIDs, which are added as they are met, never change.
 */
final class DeviceEntry {
    /** Nothing is wrong with it. */
    static final int GOOD = 0;
    /** A reserved bit is set. */
    static final int RESERVED = 1;
    /** A code that is not allowed. */
    static final int ILLEGAL = 2;
    /** The device id is beyond the device table. */
    static final int BEYOND_TABLE = 3;
    /** There is no memory where the entry would be. */
    static final int UNREADABLE = 4;

    /** What a domain's tables are numbered with, in place of a PASID, where accessed and dirty bits are written. */
    static final int HOST_MARKS = 1 << 20;

    /** {@link #state} and, if it is unreadable, where it would be. */
    final int state;
    final long place;

    final boolean valid;
    final boolean translationValid;
    /** {@link RequestAccess} READ and WRITE as IR and IW have them. */
    final int limit;
    final int domain;
    final long root;
    /** MODE: levels of host tables, 0 for none. */
    final int hostLevels;
    /** HAD. */
    final int hostMarks;
    final boolean guest;
    /** Requests without a PASID go through the guest tables of PASID 0. */
    final boolean guestWithoutPasid;
    final int guestLevels;
    final long gcr3Root;
    final int gcr3Levels;
    final boolean deviceTlb;
    final boolean pageRequests;
    final boolean exclusion;
    /** What is wrong with it for messages: {@link #state}, or that of the half that is about interrupts. */
    final int interruptState;
    /** IV; the other fields that are about interrupts count for nothing without it. */
    final boolean interruptsValid;
    final int interruptControl;
    final long interruptTable;
    /** How many entries the table has. */
    final int interruptEntries;
    /** IG: no refused message is logged. */
    final boolean interruptsSilent;
    /** Delivery modes that pass besides, as bits. */
    final int interruptsPassing;
    private final boolean silent;
    private final boolean silentAfterFirst;
    private final AtomicBoolean faulted = new AtomicBoolean();

    /** What translations through host tables are tagged with. */
    final int hostTag;
    /** Of requests without a PASID: what their translations are tagged with, and which addresses may be in the IOTLB. */
    final int tag;
    final long bias;
    final int width;
    /** The same of requests with a PASID. */
    final long guestBias;
    final int guestWidth;
    private final DomainTags tags;
    /** PASIDs and their tags by turns, an open hash table with room; replaced as a whole. */
    private volatile int[] pasids = {-1, 0, -1, 0};
    private int pasidCount;

    private DeviceEntry(int state, int interruptState, long place, long[] words, boolean guestEnabled, DomainTags tags) {
        long low = words[0];
        long second = words[1];
        long third = words[2];
        this.state = state;
        this.interruptState = interruptState;
        this.place = place;
        this.tags = tags;
        valid = DeviceTableEntry.V.isSet(low);
        translationValid = DeviceTableEntry.TV.isSet(low);
        limit = (DeviceTableEntry.IR.isSet(low) ? RequestAccess.READ : 0)
                | (DeviceTableEntry.IW.isSet(low) ? RequestAccess.WRITE : 0);
        domain = (int) DeviceTableEntry.DOMAINID.get(second);
        root = DeviceTableEntry.ROOT.inPlace(low);
        hostLevels = (int) DeviceTableEntry.MODE.get(low);
        hostMarks = (int) DeviceTableEntry.HAD.get(low);
        guest = guestEnabled && DeviceTableEntry.GV.isSet(low);
        guestWithoutPasid = guest && DeviceTableEntry.GIOV.isSet(low);
        guestLevels = 4 + (int) DeviceTableEntry.GPTMODE.get(third);
        gcr3Root = DeviceTableEntry.gcr3Root(low, second);
        gcr3Levels = 1 + (int) DeviceTableEntry.GLX.get(low);
        deviceTlb = DeviceTableEntry.I.isSet(second);
        pageRequests = DeviceTableEntry.PPR.isSet(low);
        exclusion = DeviceTableEntry.EX.isSet(second);
        interruptsValid = DeviceTableEntry.IV.isSet(third);
        interruptControl = (int) DeviceTableEntry.INTCTL.get(third);
        interruptTable = DeviceTableEntry.INTROOT.inPlace(third);
        interruptEntries = 1 << DeviceTableEntry.INTTABLEN.get(third);
        interruptsSilent = interruptsValid && DeviceTableEntry.IG.isSet(third);
        interruptsPassing = passing(third);
        silent = DeviceTableEntry.SA.isSet(second);
        silentAfterFirst = DeviceTableEntry.SE.isSet(second);
        boolean walks = state == GOOD && valid && translationValid;
        guestWidth = walks && guest ? 12 + 9 * guestLevels : 0;
        guestBias = guestWidth == 0 ? 0 : 1L << guestWidth - 1;
        hostTag = !walks || hostLevels == 0 ? DomainTags.NONE
                : hostMarks == DeviceTableEntry.HAD_NONE ? domain : tags.of(domain, HOST_MARKS | hostMarks);
        if (walks && guestWithoutPasid) {
            tag = tags.of(domain, 0);
            width = guestWidth;
            bias = guestBias;
        } else {
            tag = hostTag;
            width = hostTag == DomainTags.NONE ? 0 : Math.min(12 + 9 * hostLevels, Iotlb.ADDRESS_BITS);
            bias = 0;
        }
    }

    /** SMIs pass unless they are filtered, which the model never does. */
    private static int passing(long third) {
        return 1 << InterruptMessage.SMI
                | (DeviceTableEntry.NMIPASS.isSet(third) ? 1 << InterruptMessage.NMI : 0)
                | (DeviceTableEntry.INITPASS.isSet(third) ? 1 << InterruptMessage.INIT : 0)
                | (DeviceTableEntry.EINTPASS.isSet(third) ? 1 << InterruptMessage.EXT_INT : 0);
    }

    /**
     * @param words the four words of an entry that can be used for DMA
     * @param interruptState whether it can be used for messages
     */
    static DeviceEntry of(long[] words, int interruptState, boolean guestEnabled, DomainTags tags) {
        return new DeviceEntry(GOOD, interruptState, 0, words, guestEnabled, tags);
    }

    /** An entry that cannot be used, neither for DMA nor for messages. */
    static DeviceEntry bad(int state, long[] words, DomainTags tags) {
        return new DeviceEntry(state, state, 0, words, false, tags);
    }

    static DeviceEntry absent(int state, long place, DomainTags tags) {
        return new DeviceEntry(state, state, place, new long[DeviceTableEntry.WORDS], false, tags);
    }

    /** Whether host tables stand behind the guest tables. */
    boolean nested() {
        return hostLevels > 0;
    }

    /** Whether an address has no bits that host tables of this depth can't resolve. */
    boolean hostFits(long address) {
        return hostLevels >= 6 || address >>> 12 + 9 * hostLevels == 0;
    }

    /** Whether an address is canonical for its guest tables. */
    boolean guestFits(long address) {
        return address + guestBias >>> guestWidth == 0;
    }

    /** The tag of a PASID that was met before, or {@link DomainTags#NONE}. Takes no lock. */
    int tagOf(int pasid) {
        var table = pasids;
        int mask = table.length - 2;
        for (int at = pasid << 1 & mask; ; at = at + 2 & mask) {
            int found = table[at];
            if (found == pasid) {
                return table[at + 1];
            }
            if (found < 0) {
                return DomainTags.NONE;
            }
        }
    }

    /** The tag of a PASID, made if need be. */
    int makeTag(int pasid) {
        int known = tagOf(pasid);
        return known != DomainTags.NONE ? known : addTag(pasid, tags.of(domain, pasid));
    }

    private synchronized int addTag(int pasid, int made) {
        if (made != DomainTags.NONE && tagOf(pasid) == DomainTags.NONE) {
            var old = pasids;
            var table = old.length > 4 * (pasidCount + 1) ? old.clone() : rehashed(old);
            put(table, pasid, made);
            pasidCount++;
            pasids = table;
        }
        return made;
    }

    private static int[] rehashed(int[] old) {
        var table = new int[2 * old.length];
        Arrays.fill(table, -1);
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] >= 0) {
                put(table, old[i], old[i + 1]);
            }
        }
        return table;
    }

    private static void put(int[] table, int pasid, int tag) {
        int mask = table.length - 2;
        int at = pasid << 1 & mask;
        while (table[at] >= 0) {
            at = at + 2 & mask;
        }
        table[at] = pasid;
        table[at + 1] = tag;
    }

    /** Whether an I/O page fault of the device is to be logged; with SE only one is until the entry is read again. */
    boolean logsFault() {
        return !silent && (!silentAfterFirst || faulted.compareAndSet(false, true));
    }

    /** RZ of an ILLEGAL_DEV_TABLE_ENTRY event. @param why {@link #state} or {@link #interruptState} */
    static long illegalFlags(int why) {
        return why == RESERVED ? EventFlags.RZ.mask() : 0;
    }
}
