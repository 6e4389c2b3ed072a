package sluicegate.firmware;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes flattened device trees word by word, from the Devicetree Specification, chapter 5. */
final class DeviceTreeBuilder {
    static final int STRUCTURE = 40 + 16;

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> names = new LinkedHashMap<>();

    /** A root node with cells as most have. */
    static DeviceTreeBuilder tree() {
        return new DeviceTreeBuilder().node("").cells("#address-cells", 2).cells("#size-cells", 2);
    }

    DeviceTreeBuilder raw(int... words) {
        for (int word : words) {
            structure.writeBytes(ByteBuffer.allocate(4).putInt(word).array());
        }
        return this;
    }

    DeviceTreeBuilder node(String name) {
        return raw(1).padded((name + "\0").getBytes(StandardCharsets.ISO_8859_1));
    }

    DeviceTreeBuilder end() {
        return raw(2);
    }

    DeviceTreeBuilder property(String name, byte[] value) {
        int at = names.computeIfAbsent(name, key -> {
            int next = strings.size();
            strings.writeBytes((key + "\0").getBytes(StandardCharsets.ISO_8859_1));
            return next;
        });
        return raw(3, value.length, at).padded(value);
    }

    DeviceTreeBuilder cells(String name, int... cells) {
        var value = ByteBuffer.allocate(cells.length * 4);
        for (int cell : cells) {
            value.putInt(cell);
        }
        return property(name, value.array());
    }

    DeviceTreeBuilder text(String name, String... texts) {
        return property(name, (String.join("\0", texts) + "\0").getBytes(StandardCharsets.ISO_8859_1));
    }

    DeviceTreeBuilder flag(String name) {
        return property(name, new byte[0]);
    }

    private DeviceTreeBuilder padded(byte[] bytes) {
        structure.writeBytes(bytes);
        structure.writeBytes(new byte[-bytes.length & 3]);
        return this;
    }

    /** Ends the root node and the tree. */
    byte[] bytes() {
        return raw(2, 9).unfinished();
    }

    /** Without anything that ends it. */
    byte[] unfinished() {
        int total = STRUCTURE + structure.size() + strings.size();
        return ByteBuffer.allocate(total).putInt(0xd00dfeed).putInt(total).putInt(STRUCTURE)
                .putInt(STRUCTURE + structure.size()).putInt(40).putInt(17).putInt(16).putInt(0).putInt(strings.size())
                .putInt(structure.size()).putLong(0).putLong(0).put(structure.toByteArray()).put(strings.toByteArray()).array();
    }
}
