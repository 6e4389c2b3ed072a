package sluicegate.firmware;

import sluicegate.api.platform.PciAddress;
import sluicegate.spec.ByteField;

/** The nodes of an ACPI table, one after the other: where they are and how long. */
final class TableNodes {
    private final FirmwareFile file;
    private final byte[] data;
    private final long count;
    private final long first;
    private final int head;
    private final ByteField length;

    /** What to do with a node. */
    interface Reader {
        /**
         * @param at where it is in the file
         * @param length in bytes, at least that of its head; it does not pass the end of the file
         */
        void read(int at, int length);
    }

    /**
     * @param fixed bytes of the table before its first node
     * @param head bytes of the head of each node
     * @param length of a node, in its head
     */
    TableNodes(FirmwareFile file, int fixed, ByteField count, ByteField offset, int head, ByteField length) {
        this.file = file;
        this.data = file.bytes();
        this.head = head;
        this.length = length;
        if (data.length < fixed) {
            throw file.malformed(data.length, "the table ends after %d bytes, within its fixed part of %d bytes", data.length, fixed);
        }
        this.count = count.get(data, 0);
        first = offset.get(data, 0);
        if (first < fixed || first > data.length) {
            throw file.malformed(offset.offset(), "the first node is said to be at 0x%x, which is not between the fixed part and the end at 0x%x",
                    first, data.length);
        }
    }

    void forEach(Reader reader) {
        int at = (int) first;
        for (long i = 0; i < count; i++) {
            int rest = data.length - at;
            if (rest < head) {
                throw file.malformed(at, "the table ends after %d bytes of the head of node %d of %d, which has %d", rest, i + 1, count, head);
            }
            int bytes = (int) length.get(data, at);
            if (bytes < head || bytes > rest) {
                throw file.malformed(at, "the node has a length of %d; it has a head of %d bytes and the table ends after %d", bytes, head, rest);
            }
            reader.read(at, bytes);
            at += bytes;
        }
    }

    /** The function with a requester id. */
    static PciAddress function(long segment, long requesterId) {
        return new PciAddress((int) segment, (int) requesterId >>> 8, (int) requesterId >>> 3 & 0x1f, (int) requesterId & 7);
    }
}
