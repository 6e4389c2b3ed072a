package sluicegate.capture.files;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.FirmwareFile;

/**
 * {@code memory.bin.gz}: pages of physical memory, each a record of its address (8 bytes) and its 4096 bytes, little-endian,
 * by ascending address.
 */
public final class MemoryPages {
    /** Name of the file. */
    public static final String NAME = "memory.bin.gz";
    /** Bytes of a page. */
    public static final int PAGE = 4096;

    private static final int RECORD = Long.BYTES + PAGE;
    /** 256 MiB of tables: more than any kernel has, less than a heap. */
    private static final int MAX_PAGES = 1 << 16;

    private MemoryPages() {}

    /**
     * A page.
     *
     * @param address a multiple of 4096
     * @param words its contents as 512 words
     */
    public record Page(long address, long[] words) {}

    /**
     * Reads all pages.
     *
     * @throws IommuException EINVAL with file, offset in the uncompressed contents and rule for what is cut short or no gzip,
     *     addresses that do not ascend or are no multiples of 4096, or far too many pages
     */
    public static List<Page> parse(FirmwareFile file) {
        var pages = new ArrayList<Page>();
        var buffer = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN);
        try (var in = new GZIPInputStream(new ByteArrayInputStream(file.bytes()))) {
            while (fill(file, in, buffer, pages.size())) {
                pages.add(page(file, buffer, pages));
            }
        } catch (EOFException e) {
            throw Malformed.contents(file, (long) pages.size() * RECORD, "the file is cut short: its compressed data ends in the "
                    + "record after %d whole pages", pages.size());
        } catch (ZipException e) {
            throw Malformed.contents(file, (long) pages.size() * RECORD, "the file is no gzip or is damaged: %s", e.getMessage());
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, file.path() + " cannot be read: " + e.getMessage(), e);
        }
        return List.copyOf(pages);
    }

    /** Reads a record; returns false if there is none. */
    private static boolean fill(FirmwareFile file, InputStream in, ByteBuffer buffer, int index) throws IOException {
        int count = in.readNBytes(buffer.array(), 0, RECORD);
        if (count != 0 && count != RECORD) {
            throw Malformed.contents(file, (long) index * RECORD, "the last record has %d bytes instead of %d", count, RECORD);
        }
        return count != 0;
    }

    private static Page page(FirmwareFile file, ByteBuffer buffer, List<Page> before) {
        long offset = (long) before.size() * RECORD;
        if (before.size() == MAX_PAGES) {
            throw Malformed.contents(file, offset, "there are more than %d pages; a capture holds tables, no data", MAX_PAGES);
        }
        long address = buffer.getLong(0);
        if (address % PAGE != 0) {
            throw Malformed.contents(file, offset, "the page address %s is no multiple of 4096", Hex.of(address));
        }
        if (!before.isEmpty() && Long.compareUnsigned(address, before.get(before.size() - 1).address()) <= 0) {
            throw Malformed.contents(file, offset, "the page address %s is not above the one before it, %s", Hex.of(address),
                    Hex.of(before.get(before.size() - 1).address()));
        }
        var words = new long[PAGE / Long.BYTES];
        buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().position(1).get(words);
        return new Page(address, words);
    }
}
