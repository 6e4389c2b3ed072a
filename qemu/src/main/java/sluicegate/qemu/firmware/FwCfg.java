package sluicegate.qemu.firmware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.machine.memory.MachineMemory;
import sluicegate.qemu.qtest.QtestChannel;

/**
 * The device by which QEMU hands files to the firmware of its machine (QEMU, {@code docs/specs/fw_cfg.rst}), read by its DMA
 * interface: a request in memory, its address written to a register, the file in memory when that returns.
 *
 * <p>There is no firmware in these machines, so we do what it would do, before anybody else has memory.
 */
public final class FwCfg {
    /** The list of all files. */
    private static final int FILE_DIRECTORY = 0x19;
    private static final int SELECT = 1 << 3;
    private static final int READ = 1 << 1;
    private static final int ERROR = 1;
    private static final int REQUEST_BYTES = 16;
    private static final int ENTRY_BYTES = 64;
    private static final int NAME_OFFSET = 8;
    private static final int MAX_FILES = 1024;
    private static final int SIZE_LIMIT = 4 << 20;

    private final QtestChannel channel;
    private final MachineMemory memory;
    private final Doorbell doorbell;
    private final long buffer;
    private final Map<String, Entry> files = new TreeMap<>();

    /** Where a machine has the register that takes a request's address. */
    @FunctionalInterface
    public interface Doorbell {
        /** Queues the write of an address, which the register wants big-endian. */
        void queue(QtestChannel channel, long address);
    }

    private record Entry(int size, int selector) {}

    /** @param buffer physical address of memory that nobody uses now; it is zero again after each file */
    public FwCfg(QtestChannel channel, MachineMemory memory, long buffer, Doorbell doorbell) {
        this.channel = channel;
        this.memory = memory;
        this.buffer = buffer;
        this.doorbell = doorbell;
        int count = ByteBuffer.wrap(fetch(FILE_DIRECTORY, Integer.BYTES)).getInt();
        if (count < 0 || count > MAX_FILES) {
            throw IommuException.of(Errno.EIO, "fw_cfg says that it has %s files", Hex.of(count));
        }
        var directory = ByteBuffer.wrap(fetch(FILE_DIRECTORY, Integer.BYTES + count * ENTRY_BYTES));
        for (int i = 0; i < count; i++) {
            int at = Integer.BYTES + i * ENTRY_BYTES;
            var name = new byte[ENTRY_BYTES - NAME_OFFSET];
            directory.get(at + NAME_OFFSET, name);
            files.put(text(name), new Entry(directory.getInt(at), directory.getShort(at + Integer.BYTES) & 0xffff));
        }
    }

    /** Bytes up to the first zero. */
    static String text(byte[] padded) {
        return new String(padded, StandardCharsets.US_ASCII).split("\0", 2)[0];
    }

    /**
     * A file as QEMU makes it at this moment: tables follow what was set up in PCI configuration space before.
     *
     * @throws IommuException ENOENT if there is no such file, EIO if QEMU does not hand it out
     */
    public byte[] read(String name) {
        var entry = files.get(name);
        if (entry == null) {
            throw IommuException.of(Errno.ENOENT, "QEMU has no file %s for firmware", name);
        }
        return fetch(entry.selector(), entry.size());
    }

    private byte[] fetch(int selector, int size) {
        if (size < 0 || size > SIZE_LIMIT) {
            throw IommuException.of(Errno.EIO, "QEMU's file %s for firmware has %d bytes", Hex.of(selector), size);
        }
        var request = ByteBuffer.allocate(REQUEST_BYTES).order(ByteOrder.BIG_ENDIAN)
                .putInt(selector << 16 | SELECT | READ).putInt(size).putLong(buffer + REQUEST_BYTES).array();
        memory.write(buffer, request, 0, REQUEST_BYTES);
        channel.begin();
        try {
            doorbell.queue(channel, buffer);
            channel.run();
        } finally {
            channel.end();
        }
        int control = Integer.reverseBytes(memory.get32(buffer));
        if (control != 0) {
            throw IommuException.of(Errno.EIO, "QEMU does not hand out its file %s for firmware: the request %s", Hex.of(selector),
                    (control & ERROR) != 0 ? "ends in an error" : "is not answered");
        }
        var bytes = new byte[size];
        memory.read(buffer + REQUEST_BYTES, bytes, 0, size);
        memory.clear(buffer, (long) REQUEST_BYTES + size + Long.BYTES - 1 & -Long.BYTES);
        return bytes;
    }
}
