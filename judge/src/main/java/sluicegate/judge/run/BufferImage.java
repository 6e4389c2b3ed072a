package sluicegate.judge.run;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the buffer should hold: at first a byte for each place that is never zero and differs from its neighbours', so that data
 * from the wrong place, or none, is noticed.
 */
public final class BufferImage {
    static final int PAGE = 4096;

    private final Facts facts;
    private final Map<Long, byte[]> written = new HashMap<>();

    BufferImage(Facts facts) {
        this.facts = facts;
    }

    /** Addresses of the pages that were written, ascending. */
    public Set<Long> writtenPages() {
        return new TreeSet<>(written.keySet());
    }

    /** The page at that physical address as it should be. */
    public byte[] page(long address) {
        var page = written.get(address);
        return page != null ? page.clone() : fresh(address);
    }

    private byte[] fresh(long address) {
        return fresh(address, facts.buffer());
    }

    /** The page as it is before any program. */
    static byte[] fresh(long address, long buffer) {
        var page = new byte[PAGE];
        int number = (int) (address - buffer >>> 12);
        for (int i = 0; i < PAGE; i++) {
            page[i] = (byte) (1 + Integer.remainderUnsigned((number * PAGE + i) * 0x85ebca6b >>> 7, 255));
        }
        return page;
    }

    void read(long address, byte[] target, int offset, int length) {
        System.arraycopy(page(address & -PAGE), (int) address & PAGE - 1, target, offset, length);
    }

    void write(long address, byte[] source, int offset, int length) {
        var page = written.computeIfAbsent(address & -PAGE, this::fresh);
        System.arraycopy(source, offset, page, (int) address & PAGE - 1, length);
    }
}
