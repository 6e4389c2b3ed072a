package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads one flattened device tree of version 16 or later (Devicetree Specification 5). Used once.
 *
 * <p>All numbers are big endian. The header is made of ten of 32 bits:
 *
 * <pre>
 *  0x00 magic             0x14 version
 *  0x04 total size        0x18 last compatible version
 *  0x08 structure block   0x1c boot CPU
 *  0x0c strings block     0x20 size of the strings block
 *  0x10 reservations      0x24 size of the structure block (since version 17)
 * </pre>
 */
final class DeviceTreeParser {
    private static final long MAGIC = 0xd00d_feedL;
    private static final int HEADER = 0x28;
    private static final int VERSION_WITH_STRUCTURE_SIZE = 17;
    private static final int OLDEST_VERSION = 16;
    private static final int RESERVATION = 16;
    private static final int TOKEN = 4;
    private static final int BEGIN_NODE = 1;
    private static final int END_NODE = 2;
    private static final int PROPERTY = 3;
    private static final int NOP = 4;
    private static final int END = 9;
    /** Deeper than any machine; nodes are followed upwards by recursion. */
    private static final int MOST_DEPTH = 64;
    private static final int SIZE_LIMIT = 4 << 20;

    private final FirmwareFile file;
    private final byte[] data;
    private final List<String> warnings = new ArrayList<>();
    private final Map<Long, DeviceTreeNode> byPhandle = new LinkedHashMap<>();
    private final Deque<DeviceTreeNode> open = new ArrayDeque<>();
    private int total;
    private int structure;
    private int structureEnd;
    private int strings;
    private int stringsEnd;

    DeviceTreeParser(FirmwareFile file) {
        this.file = file;
        this.data = file.bytes();
    }

    DeviceTree parse() {
        header();
        var reservations = reservations();
        var root = nodes();
        return new DeviceTree(file.path(), root, reservations, byPhandle, warnings);
    }

    private void header() {
        if (data.length < HEADER) {
            throw file.malformed(0, "the file ends after %d bytes, within the header of %d bytes", data.length, HEADER);
        }
        if (data.length > SIZE_LIMIT) {
            throw file.malformed(0, "the file has %d bytes; no device tree has more than %d", data.length, SIZE_LIMIT);
        }
        if (word(0) != MAGIC) {
            throw file.malformed(0, "the file starts with 0x%08x; a device tree starts with 0x%08x", word(0), MAGIC);
        }
        if (word(0x04) > data.length || word(0x04) < HEADER) {
            throw file.malformed(0x04, "the tree says it has %d bytes, but the file has %d", word(0x04), data.length);
        }
        total = (int) word(0x04);
        if (total < data.length) {
            warn(total, "%d bytes follow the tree", data.length - total);
        }
        long version = word(0x14);
        if (version < OLDEST_VERSION || word(0x18) > VERSION_WITH_STRUCTURE_SIZE) {
            throw file.malformed(0x14, "the tree is of version %d, readable by those who know %d; known are %d and %d",
                    version, word(0x18), OLDEST_VERSION, VERSION_WITH_STRUCTURE_SIZE);
        }
        structure = part(0x08, "structure block", TOKEN, TOKEN);
        strings = part(0x0c, "strings block", 1, 0);
        structureEnd = version < VERSION_WITH_STRUCTURE_SIZE ? total : end(structure, 0x24, "structure block");
        stringsEnd = end(strings, 0x20, "strings block");
    }

    private int part(int field, String what, int alignment, int least) {
        long offset = word(field);
        if (offset < HEADER || offset > total - least || offset % alignment != 0) {
            throw file.malformed(field, "the %s is said to be at 0x%x, which is not a multiple of %d between the header and "
                    + "the end at 0x%x", what, offset, alignment, total);
        }
        return (int) offset;
    }

    private int end(int start, int field, String what) {
        long size = word(field);
        if (size > total - start) {
            throw file.malformed(field, "the %s of %d bytes at 0x%x passes the end of the tree at 0x%x", what, size, start, total);
        }
        return start + (int) size;
    }

    private List<DeviceTree.Reservation> reservations() {
        var reservations = new ArrayList<DeviceTree.Reservation>();
        for (int at = part(0x10, "memory reservation block", 8, RESERVATION); ; at += RESERVATION) {
            if (at > total - RESERVATION) {
                throw file.malformed(at, "the memory reservation block has no end");
            }
            long address = word(at) << 32 | word(at + 4);
            long size = word(at + 8) << 32 | word(at + 12);
            if (address == 0 && size == 0) {
                return reservations;
            }
            reservations.add(new DeviceTree.Reservation(address, size));
        }
    }

    private DeviceTreeNode nodes() {
        DeviceTreeNode root = null;
        for (int at = structure; ; ) {
            int token = token(at);
            int next = at + TOKEN;
            switch (token) {
                case BEGIN_NODE -> {
                    if (root != null && open.isEmpty()) {
                        throw file.malformed(at, "a second root node");
                    }
                    next = beginNode(at);
                    root = root == null ? open.peek() : root;
                }
                case END_NODE -> {
                    if (open.isEmpty()) {
                        throw file.malformed(at, "a node ends without having begun");
                    }
                    endNode(open.pop());
                }
                case PROPERTY -> next = property(at);
                case NOP -> { }
                case END -> {
                    if (root == null || !open.isEmpty()) {
                        throw file.malformed(at, "the tree ends %s", root == null ? "without a node"
                                : "within the node " + open.peek().path());
                    }
                    return root;
                }
                default -> throw file.malformed(at, "0x%x is no token", token);
            }
            at = next;
        }
    }

    private int token(int at) {
        if (at > structureEnd - TOKEN) {
            throw file.malformed(at, "the structure block ends at 0x%x without its end token", structureEnd);
        }
        return (int) word(at);
    }

    private int beginNode(int at) {
        int start = at + TOKEN;
        int stop = start;
        while (stop < structureEnd && data[stop] != 0) {
            stop++;
        }
        if (stop >= structureEnd) {
            throw file.malformed(start, "the node's name has no end");
        }
        if (open.size() == MOST_DEPTH) {
            throw file.malformed(at, "nodes are nested deeper than %d", MOST_DEPTH);
        }
        var parent = Optional.ofNullable(open.peek());
        var node = new DeviceTreeNode(file, at, text(start, stop), parent);
        parent.ifPresent(above -> above.add(node));
        open.push(node);
        return aligned(stop + 1);
    }

    private void endNode(DeviceTreeNode node) {
        for (var name : List.of("phandle", "linux,phandle")) {
            node.property(name).ifPresent(property -> {
                var other = byPhandle.putIfAbsent(property.cell(), node);
                if (other != null && other != node) {
                    throw property.malformed("is 0x%x, as that of %s", property.cell(), other.path());
                }
            });
        }
    }

    private int property(int at) {
        if (open.isEmpty()) {
            throw file.malformed(at, "a property outside of all nodes");
        }
        int start = at + TOKEN + 8;
        if (start > structureEnd) {
            throw file.malformed(at, "the structure block ends within a property");
        }
        long length = word(at + TOKEN);
        long nameOffset = word(at + TOKEN + 4);
        if (length > structureEnd - start) {
            throw file.malformed(at, "the property of %d bytes passes the end of the structure block at 0x%x", length, structureEnd);
        }
        var node = open.peek();
        var property = new DeviceTreeProperty(file, node, start, propertyName(at, nameOffset),
                Arrays.copyOfRange(data, start, start + (int) length));
        if (!node.children().isEmpty()) {
            throw file.malformed(at, "%s: property %s comes after nodes", node.path(), property);
        }
        if (!node.add(property)) {
            throw file.malformed(at, "%s: a second property %s", node.path(), property);
        }
        return aligned(start + (int) length);
    }

    private String propertyName(int at, long offset) {
        if (offset >= stringsEnd - strings) {
            throw file.malformed(at, "the property's name is at 0x%x of the strings block, which has 0x%x bytes", offset,
                    stringsEnd - strings);
        }
        int start = strings + (int) offset;
        int stop = start;
        while (stop < stringsEnd && data[stop] != 0) {
            stop++;
        }
        if (stop == stringsEnd) {
            throw file.malformed(start, "the property's name has no end");
        }
        return text(start, stop);
    }

    private String text(int start, int stop) {
        return new String(data, start, stop - start, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static int aligned(int at) {
        return at + TOKEN - 1 & -TOKEN;
    }

    private long word(int at) {
        return (data[at] & 0xffL) << 24 | (data[at + 1] & 0xff) << 16 | (data[at + 2] & 0xff) << 8 | data[at + 3] & 0xff;
    }

    private void warn(int at, String format, Object... args) {
        warnings.add(file.at(at) + ": " + String.format(format, args));
    }
}
