package sluicegate.itest;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Tells who keeps an object alive: has HotSpot write its heap (the format is described in {@code hprof_b_spec.h} of the JDK's sources)
 * and walks from the object back to a root. References that keep nothing alive, weak and phantom ones, do not count; nor does a
 * finalizer's queue.
 */
final class HeapDump {
    private static final int OBJECT = 2;
    private static final int[] SIZES = {0, 0, 8, 0, 1, 2, 4, 8, 1, 2, 4, 8};
    private static final Set<String> KEEPING_NOTHING = Set.of("java/lang/ref/WeakReference", "java/lang/ref/PhantomReference");

    private record Field(String name, int type) {}

    private record Type(String name, long parent, List<Field> fields) {}

    private final Map<Long, String> strings = new HashMap<>();
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, Type> types = new HashMap<>();
    private final Map<Long, String> roots = new HashMap<>();
    private final String marker;
    private long[] from = new long[1 << 20];
    private long[] to = new long[1 << 20];
    private String[] how = new String[1 << 20];
    private int edges;
    private long wanted;

    private HeapDump(String marker) {
        this.marker = marker;
    }

    /**
     * Finds the shortest way from a root to what a reference refers to.
     *
     * @param marker class of the reference, of which there is only one instance that refers to anything
     * @return each step with class and field, root first; empty if nothing keeps the object alive
     */
    static List<String> pathToReferentOf(Class<?> marker, Path folder) throws IOException, JMException {
        var file = folder.resolve("leak-" + System.nanoTime() + ".hprof");
        ManagementFactory.getPlatformMBeanServer().invoke(new ObjectName("com.sun.management:type=HotSpotDiagnostic"), "dumpHeap",
                new Object[] {file.toString(), true}, new String[] {String.class.getName(), boolean.class.getName()});
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
            var dump = new HeapDump(marker.getName().replace('.', '/'));
            dump.read(in);
            return dump.path();
        } finally {
            Files.delete(file);
        }
    }

    // ---- reading

    private void read(DataInputStream in) throws IOException {
        while (in.readByte() != 0) { // the format's name
            continue;
        }
        if (in.readInt() != Long.BYTES) {
            throw new IOException("ids of other than eight bytes");
        }
        in.readLong();
        for (int tag = in.read(); tag >= 0; tag = in.read()) {
            in.readInt();
            long length = in.readInt() & 0xffff_ffffL;
            switch (tag) {
                case 0x01 -> strings.put(in.readLong(), new String(in.readNBytes((int) length - Long.BYTES), StandardCharsets.UTF_8));
                case 0x02 -> {
                    in.readInt();
                    long type = in.readLong();
                    in.readInt();
                    names.put(type, strings.get(in.readLong()));
                }
                case 0x0c, 0x1c -> segment(in, length);
                default -> in.skipNBytes(length);
            }
        }
    }

    private void segment(DataInputStream in, long length) throws IOException {
        for (long left = length; left > 0;) {
            int tag = in.read();
            left -= 1 + switch (tag) {
                case 0xff, 0x05, 0x07 -> root(in, tag, 0);
                case 0x01 -> root(in, tag, 8);
                case 0x02, 0x03, 0x08 -> root(in, tag, 8);
                case 0x04, 0x06 -> root(in, tag, 4);
                case 0x20 -> type(in);
                case 0x21 -> instance(in);
                case 0x22 -> objects(in);
                case 0x23 -> numbers(in);
                default -> throw new IOException("unknown heap record " + tag);
            };
        }
    }

    private long root(DataInputStream in, int tag, int more) throws IOException {
        roots.put(in.readLong(), tag == 0x05 ? "system class" : tag == 0x01 ? "JNI" : tag == 0x08 ? "thread" : "stack or monitor");
        in.skipNBytes(more);
        return Long.BYTES + more;
    }

    /** Classes come before instances. */
    private long type(DataInputStream in) throws IOException {
        long id = in.readLong();
        in.readInt();
        long parent = in.readLong();
        var name = names.get(id);
        edge(id, in.readLong(), name + ".<class loader>");
        in.skipNBytes(4 * Long.BYTES + 4);
        edge(id, parent, name + ".<superclass>");
        long read = 7 * Long.BYTES + 8;
        int constants = in.readUnsignedShort();
        read += 2;
        for (int i = 0; i < constants; i++) {
            in.readShort();
            int kind = in.read();
            in.skipNBytes(SIZES[kind]);
            read += 3 + SIZES[kind];
        }
        int statics = in.readUnsignedShort();
        read += 2;
        for (int i = 0; i < statics; i++) {
            var field = strings.get(in.readLong());
            int kind = in.read();
            if (kind == OBJECT) {
                edge(id, in.readLong(), name + "." + field + " (static)");
            } else {
                in.skipNBytes(SIZES[kind]);
            }
            read += Long.BYTES + 1 + SIZES[kind];
        }
        int count = in.readUnsignedShort();
        read += 2;
        var fields = new ArrayList<Field>(count);
        for (int i = 0; i < count; i++) {
            fields.add(new Field(strings.get(in.readLong()), in.read()));
            read += Long.BYTES + 1;
        }
        types.put(id, new Type(name, parent, fields));
        return read;
    }

    private long instance(DataInputStream in) throws IOException {
        long id = in.readLong();
        in.readInt();
        long type = in.readLong();
        int length = in.readInt();
        var name = names.get(type);
        edge(id, type, name + ".<class>");
        boolean weak = false;
        for (var at = types.get(type); at != null; at = types.get(at.parent())) {
            weak |= KEEPING_NOTHING.contains(at.name());
        }
        for (var at = types.get(type); at != null; at = types.get(at.parent())) {
            for (var field : at.fields()) {
                if (field.type() != OBJECT) {
                    in.skipNBytes(SIZES[field.type()]);
                    continue;
                }
                long value = in.readLong();
                boolean referent = field.name().equals("referent") && at.name().equals("java/lang/ref/Reference");
                if (referent && marker.equals(name) && value != 0) {
                    wanted = value;
                }
                if (!referent || !weak) {
                    edge(id, value, name + "." + field.name());
                }
            }
        }
        return 2 * Long.BYTES + 8 + length;
    }

    private long objects(DataInputStream in) throws IOException {
        long id = in.readLong();
        in.readInt();
        int count = in.readInt();
        var name = names.get(in.readLong());
        for (int i = 0; i < count; i++) {
            edge(id, in.readLong(), name);
        }
        return 2L * Long.BYTES + 8 + (long) count * Long.BYTES;
    }

    private static long numbers(DataInputStream in) throws IOException {
        in.readLong();
        in.readInt();
        int count = in.readInt();
        long bytes = (long) count * SIZES[in.read()];
        in.skipNBytes(bytes);
        return Long.BYTES + 9 + bytes;
    }

    private void edge(long holder, long held, String step) {
        if (held == 0) {
            return;
        }
        if (edges == from.length) {
            from = Arrays.copyOf(from, 2 * edges);
            to = Arrays.copyOf(to, 2 * edges);
            how = Arrays.copyOf(how, 2 * edges);
        }
        from[edges] = holder;
        to[edges] = held;
        how[edges++] = step;
    }

    // ---- walking

    /** Level by level from the object to whoever holds it, which needs no index: ways are short. */
    private List<String> path() {
        var seen = new HashMap<Long, Integer>(); // by which reference a holder holds the next
        Set<Long> front = Set.of(wanted);
        seen.put(wanted, -1);
        while (wanted != 0 && !front.isEmpty()) {
            var reached = front.stream().filter(roots::containsKey).findFirst();
            if (reached.isPresent()) {
                return told(reached.get(), seen);
            }
            var next = new HashSet<Long>();
            for (int i = 0; i < edges; i++) {
                if (front.contains(to[i]) && !seen.containsKey(from[i])) {
                    seen.put(from[i], i);
                    next.add(from[i]);
                }
            }
            front = next;
        }
        return List.of();
    }

    private List<String> told(long root, Map<Long, Integer> seen) {
        var steps = new ArrayList<String>();
        steps.add(roots.get(root));
        for (int i = seen.get(root); i >= 0; i = seen.get(to[i])) {
            steps.add(how[i].replace('/', '.'));
        }
        return steps;
    }
}
