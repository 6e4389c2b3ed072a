package sluicegate.qemu.dma;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.machine.interrupt.VectorTable;
import sluicegate.qemu.qtest.Line;
import sluicegate.qemu.qtest.Witness;

/**
 * What became of the requests of a DMA. QEMU's devices do not tell: a read that was refused gives zeros, a write is lost. But
 * QEMU's memory core logs every access that it refuses ({@code -d guest_errors}, in newer versions {@code invalid_mem}), whatever
 * unit refused it, and the unit's trace tells where the others went.
 *
 * <p>Messages of the unit and of devices, which end in an interrupt controller that nobody listens to, are seen here too and
 * handed on. Guarded by the channel's lock.
 */
public final class DmaTrace implements Witness {
    private static final long SMALLEST_PAGE = 4096;
    private static final String REFUSED_READ = "Invalid read at addr 0x";
    private static final String REFUSED_WRITE = "Invalid write at addr 0x";

    private final UnitTrace unit;
    private final VectorTable vectors;
    private boolean refused;
    private boolean translated;
    private boolean faulted;
    /** The unit did not say how large the page is. */
    private boolean sizeUnknown;
    private long page;
    private long mask;
    private boolean message;
    private boolean substitute;
    private int data;

    public DmaTrace(UnitTrace unit, VectorTable vectors) {
        this.unit = unit;
        this.vectors = vectors;
    }

    /** Forgets what was seen. */
    void reset() {
        refused = false;
        translated = false;
        faulted = false;
        message = false;
        substitute = false;
        sizeUnknown = false;
    }

    /** Says what the next message of a device carries in truth. */
    void substitute(int word) {
        substitute = true;
        data = word;
    }

    /** Whether an access was refused. */
    boolean refused() {
        return refused;
    }

    /** Whether it was the unit that refused it: said so, or gave an address and no permission to go there. */
    boolean refusedByUnit(long iova, int length, PhysicalMemory memory) {
        return faulted || translated && memory.contains(target(iova), length);
    }

    /** Whether an access was a message to the interrupt controller. */
    boolean sawMessage() {
        return message;
    }

    /** The address that an access went to: its own if no unit translated it. */
    long target(long iova) {
        return translated ? page | iova & mask : iova;
    }

    void translated(long pageAddress, long pageMask) {
        translated = true;
        page = pageAddress;
        mask = pageMask;
    }

    /** As {@link #translated}, by a unit that tells where the page starts and not how large it is. */
    void translatedFrom(long pageAddress) {
        translated(pageAddress, SMALLEST_PAGE - 1);
        sizeUnknown = true;
    }

    /** Whether an access was translated by a unit that did not say how large the page is. */
    boolean sizeUnknown() {
        return translated && sizeUnknown && !refused;
    }

    /** Where the page starts that an access went to. */
    long pageStart() {
        return page;
    }

    /** Where the page is and how large, found out by other means. */
    void settle(long pageAddress, long pageMask) {
        reset();
        translated(pageAddress, pageMask);
    }

    /** The unit refuses an access. */
    void faulted() {
        faulted = true;
    }

    /** The unit signals an event of its own. */
    void unitMessage(long address, int word) {
        vectors.raise(address, word);
    }

    /** The unit raises one of its wired interrupts: whoever has a vector of that name hears of it. */
    void unitLine(String line) {
        vectors.raiseLine(line);
    }

    /** A device wrote to the one place where messages go. */
    void deviceMessage(int word) {
        deviceMessage(vectors.messageAddress(), word);
    }

    /** A device wrote to where messages go. */
    void deviceMessage(long address, int word) {
        vectors.raise(address, substitute ? data : word);
        message = true;
        substitute = false;
    }

    @Override
    public boolean read(Line line) {
        if (line.startsWith(REFUSED_READ) || line.startsWith(REFUSED_WRITE)) {
            refused = true;
            return true;
        }
        return unit.read(line, this);
    }
}
