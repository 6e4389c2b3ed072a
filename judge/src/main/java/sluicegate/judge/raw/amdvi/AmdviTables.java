package sluicegate.judge.raw.amdvi;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Hex;
import sluicegate.judge.run.Subject;

/**
 * Tables of one device in one aligned block of memory, in which everything else is zero. Where host tables are behind guest tables, they
 * map the block and the page to themselves. Bits are written out by hand; accessed and dirty ones are clear.
 */
final class AmdviTables {
    static final int DOMAIN = 5;
    static final int PASID = 0x3405;
    private static final int BLOCK = 0x1_0000;
    private static final int TABLE = 0x1000;
    private static final int ENTRY_BYTES = 32;
    /** Where in the buffer the page is, and where in the page the DMA goes. */
    private static final long PAGE = 0x5000;
    private static final long OFFSET = 0x120;
    /** Which interrupt is sent, and where to. */
    private static final int INDEX = 0x50;
    private static final long INTERRUPTS = 0xfee0_0000L;
    private static final long VECTOR = 0xe1;
    private static final long V_TV = 3;
    private static final long HAD = 3 << 7;
    private static final long IR_IW = 3L << 61;
    private static final long GV = 1L << 55;
    private static final long GIOV = 1L << 54;
    /** P, RW and US of guest tables. */
    private static final long GUEST = 7;
    private static final long PS = 1 << 7;

    private final Machine machine;
    private final int deviceId;
    private final boolean marks;
    private final boolean longInterrupts;
    private final long devices;
    private final long block;
    private final long buffer;
    private final byte[] zeros = new byte[BLOCK];
    private AmdviShape latest = AmdviShape.NONE;

    /**
     * Takes memory for them.
     *
     * @param marks whether the unit writes accessed and dirty bits of host tables
     * @param longInterrupts whether entries of interrupt remapping tables have 128 bits
     */
    AmdviTables(Machine machine, int deviceId, boolean marks, boolean longInterrupts) {
        this.machine = machine;
        this.deviceId = deviceId;
        this.marks = marks;
        this.longInterrupts = longInterrupts;
        devices = machine.allocate(2 * TABLE);
        block = machine.allocate(BLOCK);
        buffer = machine.allocate(Subject.BUFFER_SIZE);
        if (block % BLOCK != 0 || block >>> 30 != 0 || block >>> 21 == page() >>> 21 || entry() + ENTRY_BYTES > devices + 2 * TABLE) {
            throw new IllegalStateException("tables at " + block + " beside a buffer at " + buffer + ": nested tables can't map both");
        }
    }

    /** What the device table base register is to be: a table of two pages. */
    long deviceTable() {
        return devices | 1;
    }

    long entry() {
        return devices + (long) deviceId * ENTRY_BYTES;
    }

    long page() {
        return buffer + PAGE;
    }

    private long host(int level) {
        return block + (level - 1L) * TABLE;
    }

    /** The lowest host table for the block itself; empty unless tables are nested. */
    private long hostOfBlock() {
        return block + 6L * TABLE;
    }

    private long guest(int level) {
        return block + (6L + level) * TABLE;
    }

    private long gcr3(int level) {
        return block + (11L + level) * TABLE;
    }

    private long interrupts() {
        return block + 15L * TABLE;
    }

    /** Where the DMA goes. */
    long iova(AmdviCase raw) {
        var shape = raw.shape();
        if (shape.interrupt()) {
            return INTERRUPTS;
        }
        if (shape.hostLevels() == 0 && !shape.hasGuestTables()) {
            return (page() | OFFSET) ^ raw.requestFlips();
        }
        int levels = shape.hasGuestTables() ? shape.guestLevels() : shape.hostLevels();
        long iova = (page() | OFFSET) & (1L << AmdviShape.firstShift(shape.leafLevel() + 1)) - 1;
        for (int level = shape.leafLevel() + 1; level <= levels; level++) {
            iova |= shape.skips() && level < levels ? 0 : level + 1L << AmdviShape.firstShift(level);
        }
        return iova ^ raw.requestFlips();
    }

    /** Whether the request goes to the interrupt address range. */
    boolean isInterrupt(AmdviCase raw) {
        return raw.write() && iova(raw) >>> 20 == INTERRUPTS >>> 20;
    }

    /** What an interrupt writes. */
    int data(AmdviCase raw) {
        return raw.shape().interrupt() ? INDEX ^ (int) raw.requestFlips() : 0xd4c3_b2a1;
    }

    /** Whether the request has a PASID. */
    int pasid(AmdviCase raw) {
        return !raw.shape().withPasid() ? -1 : PASID & (1 << 9 * raw.shape().gcr3Levels()) - 1;
    }

    /**
     * Writes all words, with the inversions of the case. Of a case with the same tables, nothing but them and marks is left behind.
     *
     * @param marks what the latest case was to mark
     */
    void write(AmdviCase raw, Set<Long> marks) {
        var memory = machine.memory();
        if (raw.shape().equals(latest)) {
            marks.forEach(place -> memory.set64(place, 0));
        } else {
            memory.write(block, zeros, 0, BLOCK);
            latest = raw.shape();
        }
        if (raw.shape().nested()) {
            for (long at = 0; at < BLOCK; at += TABLE) {
                memory.set64(hostOfBlock() + (block + at >>> 12 & 511) * 8, block + at | IR_IW | 1);
            }
            memory.set64(host(2) + (block >>> 21 & 511) * 8, hostOfBlock() | 1 << 9 | IR_IW | 1);
        }
        words(raw).forEach((word, value) -> memory.set64(place(word, raw), value ^ raw.flipped(word)));
    }

    /** Words of the tables that are not as they were written, but for some; nothing else may be written there. */
    String changed(AmdviCase raw, Set<Long> but) {
        var text = new StringBuilder();
        words(raw).forEach((word, value) -> {
            long place = place(word, raw);
            long now = machine.memory().get64(place);
            if (now != (value ^ raw.flipped(word)) && !but.contains(place)) {
                text.append(word.text()).append(' ').append(Hex.of(now)).append(' ');
            }
        });
        return text.toString();
    }

    private Map<AmdviWord, Long> words(AmdviCase raw) {
        var shape = raw.shape();
        var words = new EnumMap<AmdviWord, Long>(AmdviWord.class);
        device(shape, words);
        for (int level = 1; level <= 3 && AmdviWord.gcr3(level).isIn(shape); level++) {
            words.put(AmdviWord.gcr3(level), (level == 1 ? guest(shape.guestLevels()) : gcr3(level - 1)) | 1);
        }
        for (int level = shape.leafLevel(); level <= shape.guestLevels(); level++) {
            long size = 1L << AmdviShape.firstShift(level);
            words.put(AmdviWord.guest(level), level > shape.leafLevel() ? guest(level - 1) | GUEST
                    : page() & -size | GUEST | (level > 1 ? PS : 0));
        }
        int leaf = shape.hostLeaf();
        for (int level = leaf; level <= shape.hostLevels(); level++) {
            if (AmdviWord.host(level).isIn(shape)) {
                long next = shape.skips() ? leaf : level - 1L;
                words.put(AmdviWord.host(level), level > leaf ? host((int) next) | next << 9 | IR_IW | 1 : page(shape) | IR_IW | 1);
            }
        }
        if (shape.interrupt()) {
            // Valid, fixed, to the processor 0.
            words.put(AmdviWord.INTERRUPT0, longInterrupts ? 1L : 1L | VECTOR << 16);
            words.put(AmdviWord.INTERRUPT1, longInterrupts ? VECTOR : 0);
        }
        return words;
    }

    private long page(AmdviShape shape) {
        if (shape.pageShift() == 0) {
            return page() & -1L << AmdviShape.firstShift(shape.hostLeaf());
        }
        // The lowest zero bit is half the size.
        long size = 1L << shape.pageShift();
        return page() & -size | (size >>> 1) - 1 & -TABLE | 7 << 9;
    }

    private void device(AmdviShape shape, Map<AmdviWord, Long> words) {
        long table = shape.hostLevels() > 0 ? host(shape.hostLevels()) : hostOfBlock();
        long low = V_TV | (marks ? HAD : 0) | (long) shape.hostLevels() << 9 | table | IR_IW;
        long high = DOMAIN;
        long third = 0;
        if (shape.hasGuestTables()) {
            long root = gcr3(shape.gcr3Levels());
            low |= GV | (shape.withPasid() ? 0 : GIOV) | shape.gcr3Levels() - 1L << 56 | (root >>> 12 & 7) << 58;
            high |= (root >>> 15 & 0xffff) << 16 | root >>> 31 << 43;
            third = shape.guestLevels() - 4L << 54;
        } else if (shape.interrupt()) {
            // IV, 256 entries, remapped.
            third = 1 | 8 << 1 | interrupts() | 2L << 60;
        }
        words.put(AmdviWord.DTE0, low);
        words.put(AmdviWord.DTE1, high);
        words.put(AmdviWord.DTE2, third);
        words.put(AmdviWord.DTE3, 0L);
    }

    private long place(AmdviWord word, AmdviCase raw) {
        return switch (word) {
            case DTE0, DTE1, DTE2, DTE3 -> entry() + 8L * word.ordinal();
            case GCR3_3, GCR3_2, GCR3_1 -> gcr3Place(1 + AmdviWord.GCR3_1.ordinal() - word.ordinal(), raw);
            case GUEST5, GUEST4, GUEST3, GUEST2, GUEST1 -> place(guest(1), 1 + AmdviWord.GUEST1.ordinal() - word.ordinal(), unflipped(raw));
            case HOST6, HOST5, HOST4, HOST3, HOST2, HOST1 -> place(host(1), 1 + AmdviWord.HOST1.ordinal() - word.ordinal(),
                    raw.shape().nested() ? page() : unflipped(raw));
            // Of 32 bits, two share a word; that of the case is the lower one.
            case INTERRUPT0 -> interrupts() + (longInterrupts ? INDEX * 16L : INDEX * 4L);
            case INTERRUPT1 -> interrupts() + (longInterrupts ? INDEX * 16L : INDEX * 4L) + 8;
        };
    }

    private long unflipped(AmdviCase raw) {
        return iova(raw) ^ raw.requestFlips();
    }

    private long gcr3Place(int level, AmdviCase raw) {
        return gcr3(level) + ((long) (Math.max(pasid(raw), 0) >>> 9 * (level - 1) & 511) << 3);
    }

    /** @param lowest the table of level 1, behind which the others are */
    private static long place(long lowest, int level, long address) {
        return lowest + (level - 1L) * TABLE + (address >>> AmdviShape.firstShift(level) & 511) * 8;
    }
}
