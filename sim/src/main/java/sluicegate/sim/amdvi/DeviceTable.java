package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.DeviceTableSegmentRegister;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;

/**
 * From a device id to its device table entry, in memory (2.2.2): which segment, whether the entry is within it, and whether
 * what it says is allowed on this unit.
 *
 * <p>Thread-safe; look-ups take no lock.
 */
final class DeviceTable {
    private static final int DEVICE_ID_BITS = 16;
    private static final long BASE_BITS = ~DeviceTableBaseRegister.LAYOUT.reservedMask(0);
    private static final long SEGMENT_BITS = ~DeviceTableSegmentRegister.LAYOUT.reservedMask(0);

    private final PhysicalMemory memory;
    private final AmdviCapabilities capabilities;
    private final DomainTags tags;
    private final long[] reserved = new long[DeviceTableEntry.WORDS];
    private volatile long[] bases = new long[1 + DeviceTableSegmentRegister.COUNT];
    private volatile int segmentBits;
    private volatile boolean guestEnabled;

    DeviceTable(PhysicalMemory memory, AmdviCapabilities capabilities, DomainTags tags) {
        this.memory = memory;
        this.capabilities = capabilities;
        this.tags = tags;
        for (int word = 0; word < reserved.length; word++) {
            reserved[word] = DeviceTableEntry.reservedMask(word, capabilities.features(), capabilities.deviceTlbs());
        }
    }

    /**
     * What of the control register matters here.
     *
     * @param bits the table has two to that power segments
     * @param guest whether guest translation is on
     */
    void configure(int bits, boolean guest) {
        segmentBits = Math.min(bits, capabilities.segmentBits());
        guestEnabled = guest;
    }

    /** Reads the entry of a device. */
    DeviceEntry read(int deviceId) {
        int inSegment = DEVICE_ID_BITS - segmentBits;
        int segment = deviceId >>> inSegment;
        int index = deviceId & (1 << inSegment) - 1;
        long base = bases[segment];
        int entries = segment == 0 ? DeviceTableBaseRegister.entries(base) : DeviceTableSegmentRegister.entries(base);
        if (index >= entries) {
            return DeviceEntry.absent(DeviceEntry.BEYOND_TABLE, 0, tags);
        }
        long place = DeviceTableBaseRegister.BASE.inPlace(base) + (long) index * DeviceTableEntry.BYTES;
        if (!memory.contains(place, DeviceTableEntry.BYTES)) {
            return DeviceEntry.absent(DeviceEntry.UNREADABLE, place, tags);
        }
        return decode(words(place));
    }

    /** Hardware reads the entry as a whole; here it is read again until its first word has not changed meanwhile. */
    private long[] words(long place) {
        var words = new long[DeviceTableEntry.WORDS];
        do {
            for (int i = 0; i < words.length; i++) {
                words[i] = memory.get64Acquire(place + 8L * i);
            }
        } while (memory.get64Acquire(place) != words[0]);
        return words;
    }

    /** V makes the lower half valid, bits 127:1, and IV the upper one: what is not valid is not looked at. */
    private DeviceEntry decode(long[] words) {
        boolean valid = DeviceTableEntry.V.isSet(words[0]);
        if (valid && reservedIn(words, 0)) {
            return DeviceEntry.bad(DeviceEntry.RESERVED, words, tags);
        }
        if (valid && (DeviceTableEntry.IOCTL.get(words[1]) == 3
                || DeviceTableEntry.TV.isSet(words[0]) && !codesPossible(words))) {
            return DeviceEntry.bad(DeviceEntry.ILLEGAL, words, tags);
        }
        return DeviceEntry.of(words, interruptState(words), valid && guestEnabled, tags);
    }

    private boolean reservedIn(long[] words, int half) {
        return (words[half] & reserved[half] | words[half + 1] & reserved[half + 1]) != 0;
    }

    private int interruptState(long[] words) {
        if (!DeviceTableEntry.IV.isSet(words[2])) {
            return DeviceEntry.GOOD;
        }
        if (reservedIn(words, 2)) {
            return DeviceEntry.RESERVED;
        }
        long control = DeviceTableEntry.INTCTL.get(words[2]);
        boolean tooLong = DeviceTableEntry.INTTABLEN.get(words[2]) > DeviceTableEntry.MAX_INTTABLEN;
        return control == 3 || control == DeviceTableEntry.INTCTL_REMAP && tooLong ? DeviceEntry.ILLEGAL : DeviceEntry.GOOD;
    }

    private boolean codesPossible(long[] words) {
        int marks = (int) DeviceTableEntry.HAD.get(words[0]);
        boolean marksPossible = marks == DeviceTableEntry.HAD_NONE || marks == DeviceTableEntry.HAD_ACCESSED
                || marks == DeviceTableEntry.HAD_ACCESSED_DIRTY && capabilities.has(ExtendedFeatureRegister.HDSUP);
        return marksPossible && DeviceTableEntry.MODE.get(words[0]) <= capabilities.hostLevels()
                && (!DeviceTableEntry.GV.isSet(words[0]) || guestPossible(words));
    }

    private boolean guestPossible(long[] words) {
        return DeviceTableEntry.GLX.get(words[0]) < capabilities.gcr3Levels()
                && 4 + DeviceTableEntry.GPTMODE.get(words[2]) <= capabilities.guestLevels();
    }

    long base(int segment) {
        return bases[segment];
    }

    /** The writer of a base register, that of segment 0 or of another. */
    Writer baseWriter(int segment) {
        long bits = segment == 0 ? BASE_BITS : SEGMENT_BITS;
        return (value, mask) -> {
            synchronized (this) {
                var changed = bases.clone();
                changed[segment] = (changed[segment] & ~mask | value) & bits;
                bases = changed;
            }
        };
    }
}
