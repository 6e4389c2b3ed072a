package sluicegate.qemu.qtest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.qemu.process.QemuProcess;

/**
 * A conversation with QEMU in the qtest protocol (its {@code softmmu/qtest.c}): lines such as {@code writel 0xfed90018 0x1},
 * each answered by {@code OK} or {@code OK VALUE}, in order.
 *
 * <p>Requests are queued between {@link #begin} and {@link #end} and sent together by {@link #run}, which returns when all are
 * answered: one system call and one answer's delay for many. Nothing is sent later than its caller expects: an access that
 * returned has had its effect, so that a store to memory after it comes after it for the hardware as well, and whoever
 * waits for a status in memory does not wait for a request that is still in a queue here.
 *
 * <p>Thread-safe: {@code begin} takes a lock that {@code end} gives back. In steady state nothing is allocated. Once QEMU is
 * gone, or has not answered in time and was killed for that, everything ends in EIO with how
 * it ended and its last words.
 */
public final class QtestChannel implements AutoCloseable {
    /** How long QEMU may take to answer. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Logger LOG = LoggerFactory.getLogger(QtestChannel.class);
    private static final int BUFFER = 1 << 16;
    private static final int LONGEST_REQUEST = 64;
    private static final int MAX_REQUESTS = 1024;
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final String machine;
    private final QemuProcess process;
    private final OutputStream requests;
    private final InputStream answers;
    private final Transcript transcript;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final byte[] out = new byte[BUFFER];
    private final byte[] in = new byte[BUFFER];
    private final long[] values = new long[MAX_REQUESTS];
    private int outLength;
    private int inStart;
    private int inEnd;
    private int count;
    /** When the request that is under way began, 0 if there is none. */
    private volatile long since;
    private volatile boolean late;
    private volatile boolean closed;
    private volatile Optional<String> death = Optional.empty();

    /**
     * @param machine name of the machine, for messages
     * @param said the file of what the process says beside its answers
     * @param patience how long an answer may take
     */
    public QtestChannel(String machine, QemuProcess process, Path said, Witness witness, Duration patience) {
        this.machine = machine;
        this.process = process;
        this.requests = process.requests();
        this.answers = process.answers();
        this.patience = patience;
        this.transcript = new Transcript(said, witness);
        process.watch(this::look, this::noteEnd);
    }

    private void look() {
        killIfLate();
        listen();
    }

    /** What QEMU says when nobody asks it: a device that does something in its own time interrupts. */
    private void listen() {
        if (lock.tryLock()) {
            try {
                if (isOpen()) {
                    transcript.follow();
                }
            } catch (IOException e) {
                LOG.debug("{}: what QEMU says can't be read; the next request will tell", machine, e);
            } finally {
                lock.unlock();
            }
        }
    }

    private void killIfLate() {
        long begun = since;
        if (begun != 0 && System.nanoTime() - begun > patience.toNanos()) {
            late = true;
            process.kill();
        }
    }

    /** The process is gone; if nobody is talking to it, nobody else would notice. */
    private void noteEnd() {
        lock.lock();
        try {
            if (isOpen()) {
                die(new IOException("end of the process"));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Starts a group of requests; other threads wait until its {@link #end}.
     *
     * @throws IommuException EIO if QEMU is gone, ENODEV if the machine is off
     */
    public void begin() {
        lock.lock();
        if (closed || death.isPresent()) {
            lock.unlock();
            throw gone();
        }
        clear();
    }

    /** Ends a group. What was queued and not run is dropped. */
    public void end() {
        clear();
        lock.unlock();
    }

    private void clear() {
        outLength = 0;
        count = 0;
    }

    /** Queues a write of four bytes. */
    public void write32(long address, int value) {
        queue("writel ", address, Integer.toUnsignedLong(value));
    }

    /** Queues a write of eight bytes. */
    public void write64(long address, long value) {
        queue("writeq ", address, value);
    }

    /** Queues a write of two bytes. */
    public void write16(long address, int value) {
        queue("writew ", address, value & 0xffff);
    }

    /** Queues a read of a byte and returns where {@link #value} will have it. */
    public int read8(long address) {
        return queue("readb ", address);
    }

    /** Queues a read of two bytes. */
    public int read16(long address) {
        return queue("readw ", address);
    }

    /** Queues a read of four bytes. */
    public int read32(long address) {
        return queue("readl ", address);
    }

    /** Queues a read of eight bytes. */
    public int read64(long address) {
        return queue("readq ", address);
    }

    /** Queues a write of four bytes to an I/O port. */
    public void out32(int port, int value) {
        queue("outl ", port, Integer.toUnsignedLong(value));
    }

    private int queue(String word, long address) {
        put(word);
        putHex(address);
        out[outLength++] = '\n';
        return count++;
    }

    private void queue(String word, long address, long value) {
        put(word);
        putHex(address);
        out[outLength++] = ' ';
        putHex(value);
        out[outLength++] = '\n';
        count++;
    }

    private void put(String word) {
        if (!lock.isHeldByCurrentThread() || count == MAX_REQUESTS || outLength > BUFFER - LONGEST_REQUEST) {
            throw new IllegalStateException("A group has a beginning, an end and at most " + MAX_REQUESTS + " requests");
        }
        for (int i = 0; i < word.length(); i++) {
            out[outLength++] = (byte) word.charAt(i);
        }
    }

    private void putHex(long value) {
        out[outLength++] = '0';
        out[outLength++] = 'x';
        int digits = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 3) / 4);
        for (int i = digits - 1; i >= 0; i--) {
            out[outLength++] = DIGITS[(int) (value >>> 4 * i) & 0xf];
        }
    }

    /**
     * Sends what is queued and waits for the answers.
     *
     * @throws IommuException EIO if QEMU refuses a request, is gone or does not answer
     */
    public void run() {
        since = Math.max(1, System.nanoTime());
        try {
            requests.write(out, 0, outLength);
            requests.flush();
            for (int i = 0; i < count; i++) {
                values[i] = answer();
            }
            transcript.follow();
        } catch (IOException e) {
            throw die(e);
        } finally {
            since = 0;
            clear();
        }
    }

    /** What the request with that number read. */
    public long value(int request) {
        return values[request];
    }

    private long answer() throws IOException {
        int length = nextLine();
        while (length >= 3 && in[inStart] == 'I') {
            // An interrupt line has changed; none of them is a unit's on the machines that there are.
            inStart += length + 1;
            length = nextLine();
        }
        if (length < 2 || in[inStart] != 'O' || in[inStart + 1] != 'K') {
            var text = new String(in, inStart, length, StandardCharsets.UTF_8);
            inStart += length + 1;
            throw IommuException.of(Errno.EIO, "%s: QEMU refuses a request: %s", machine, text);
        }
        long value = 0;
        for (int i = inStart + 5; i < inStart + length; i++) {
            value = value << 4 | Character.digit(in[i], 16);
        }
        inStart += length + 1;
        return value;
    }

    /** Length of the line at {@code inStart}, which is all in the buffer on return. */
    private int nextLine() throws IOException {
        int at = inStart;
        while (true) {
            while (at < inEnd) {
                if (in[at] == '\n') {
                    return at - inStart;
                }
                at++;
            }
            if (inStart > 0) {
                System.arraycopy(in, inStart, in, 0, inEnd - inStart);
                at -= inStart;
                inEnd -= inStart;
                inStart = 0;
            }
            if (inEnd == in.length) {
                throw new IOException("an answer without end");
            }
            int got = answers.read(in, inEnd, in.length - inEnd);
            if (got < 0) {
                throw new IOException("end of its answers");
            }
            inEnd += got;
        }
    }

    /**
     * Reads memory or registers as bytes.
     *
     * @throws IommuException EIO
     */
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, BUFFER / 4);
            readPart(address + done, target, offset + done, part);
            done += part;
        }
    }

    private void readPart(long address, byte[] target, int offset, int length) {
        begin();
        try {
            queue("read ", address, length);
            since = Math.max(1, System.nanoTime());
            requests.write(out, 0, outLength);
            requests.flush();
            int line = nextLine();
            if (line != 5 + 2 * length) {
                throw new IOException("'" + new String(in, inStart, Math.min(line, 80), StandardCharsets.UTF_8) + "'");
            }
            for (int i = 0; i < length; i++) {
                int at = inStart + 5 + 2 * i;
                target[offset + i] = (byte) (Character.digit(in[at], 16) << 4 | Character.digit(in[at + 1], 16));
            }
            inStart += line + 1;
            transcript.follow();
        } catch (IOException e) {
            throw die(e);
        } finally {
            since = 0;
            end();
        }
    }

    private IommuException die(IOException cause) {
        if (!isOpen()) {
            return gone();
        }
        var how = late ? "did not answer within " + patience.toMillis() + " ms and was killed" : process.end();
        process.kill();
        try {
            transcript.follow();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        var words = transcript.messages();
        death = Optional.of(String.format("QEMU %s%s", how, words.isEmpty() ? "" : "; it said: " + words));
        LOG.error("{}: {}", machine, death.get(), cause);
        return gone();
    }

    private IommuException gone() {
        return closed
                ? IommuException.of(Errno.ENODEV, "Machine %s is off", machine)
                : IommuException.of(Errno.EIO, "%s: %s. Power the machine off and boot it again", machine,
                        death.orElse("QEMU is gone"));
    }

    /** How QEMU died, if it did and somebody has noticed. */
    public Optional<String> death() {
        return death;
    }

    /** Whether QEMU can be talked to. */
    public boolean isOpen() {
        return !closed && death.isEmpty();
    }

    /** Ends the conversation: who talks now is waited for, who comes later gets ENODEV. */
    @Override
    public void close() {
        closed = true;
        process.kill();
        lock.lock();
        try {
            transcript.close();
        } catch (IOException e) {
            // Only reading it could matter, and there is no reader any more.
        } finally {
            lock.unlock();
        }
    }
}
