package sluicegate.qemu.dma;

import java.util.concurrent.TimeUnit;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * DMA by QEMU's {@code edu} device ({@code docs/specs/edu.rst}), with addresses of 64 bits. A timer starts it, so the machine
 * needs a clock: a processor that is parked and virtual time that jumps ({@code -icount shift=0,sleep=off}).
 *
 * <p>Its buffer can be filled and emptied by DMA alone, and a page for that would have to be mapped in the domain that is
 * tried. So QEMU makes the request, checks and translates it, and tells where it went; the bytes are moved here, in the
 * memory that both have in common. A write lands as zeros first, for some microseconds, then as what it is. What a
 * domain lets through and where it leads is QEMU's answer in either case.
 *
 * <p>A unit that tells where a page starts and not how large it is ({@link AmdviTrace}) is asked, by further reads, whether
 * addresses before the one in question are in the same page. Two pages of 4 KiB beside each other that lead to the same address
 * count as one then.
 */
final class EduDma extends PagewiseDma {
    private static final int SOURCE = 0x80;
    private static final int DESTINATION = 0x88;
    private static final int COUNT = 0x90;
    private static final int COMMAND = 0x98;
    private static final long BUFFER = 0x40000;
    /**
     * What is read goes to the lower half of the buffer; the upper half stays zero, to be written from. A transfer that
     * touches the last byte of the buffer aborts QEMU, so halves are a little less.
     */
    private static final int HALF = 2040;
    private static final long PAGE = 4096;
    private static final long LARGEST_PAGE = 1L << 47;
    private static final int RUN = 1;
    private static final int FROM_MEMORY = RUN;
    private static final int TO_MEMORY = RUN | 2;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long registers;

    /** @param registers physical address of its registers */
    EduDma(Parts parts, long registers) {
        super(parts);
        this.registers = registers;
    }

    @Override
    long lastAddress() {
        return -1;
    }

    @Override
    void issueRead(long iova, byte[] target, int offset, int length) {
        for (int done = 0; done < length && !trace().refused(); done += HALF) {
            int part = Math.min(HALF, length - done);
            start(iova + done, BUFFER, part, FROM_MEMORY);
            measure(iova + done);
            long from = trace().target(iova + done);
            if (!trace().refused() && memory().contains(from, part)) {
                memory().read(from, target, offset + done, part);
            }
        }
    }

    @Override
    void issueWrite(long iova, byte[] source, int offset, int length) {
        for (int done = 0; done < length && !trace().refused(); done += HALF) {
            int part = Math.min(HALF, length - done);
            if (part == Integer.BYTES) {
                trace().substitute(word(source, offset + done));
            }
            start(BUFFER + HALF, iova + done, part, TO_MEMORY);
            measure(iova + done);
            long to = trace().target(iova + done);
            if (!trace().refused() && memory().contains(to, part)) {
                memory().write(to, source, offset + done, part);
            }
        }
    }

    /** Finds out how large the page is that was met, as far as it matters for where {@code iova} leads. */
    private void measure(long iova) {
        if (!trace().sizeUnknown()) {
            return;
        }
        long start = trace().pageStart();
        long mask = PAGE - 1;
        boolean same = true;
        for (long size = 2 * PAGE; same && size > 0 && (start & size - 1) == 0 && size <= LARGEST_PAGE; size <<= 1) {
            if ((iova & size >>> 1) != 0) {
                long lower = iova & -size;
                same = leadsTo(lower, start) && leadsTo(lower + (size >>> 1) - PAGE, start);
            }
            mask = same ? size - 1 : mask;
        }
        trace().settle(start, mask);
    }

    private boolean leadsTo(long iova, long start) {
        trace().reset();
        start(iova, BUFFER, Integer.BYTES, FROM_MEMORY);
        return trace().sizeUnknown() && trace().pageStart() == start;
    }

    private static int word(byte[] bytes, int offset) {
        int word = 0;
        for (int i = Integer.BYTES - 1; i >= 0; i--) {
            word = word << 8 | bytes[offset + i] & 0xff;
        }
        return word;
    }

    private void start(long source, long destination, int count, int command) {
        var channel = channel();
        channel.write64(registers + SOURCE, source);
        channel.write64(registers + DESTINATION, destination);
        channel.write64(registers + COUNT, count);
        channel.write64(registers + COMMAND, command);
        long begun = System.nanoTime();
        boolean running = true;
        while (running) {
            int state = channel.read64(registers + COMMAND);
            channel.run();
            running = (channel.value(state) & RUN) != 0;
            if (running && System.nanoTime() - begun > PATIENCE_NANOS) {
                throw IommuException.of(Errno.ETIMEDOUT, "%s: the DMA of edu does not end", name());
            }
        }
    }
}
