package sluicegate.firmware;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import sluicegate.api.types.IommuException;

/**
 * A flattened device tree (Devicetree Specification, chapter 5): nodes with properties, which mean what bindings say.
 * {@link DeviceTreeIommus} reads out of it what this platform needs. Immutable.
 */
public final class DeviceTree {
    private final String file;
    private final DeviceTreeNode root;
    private final List<Reservation> reservations;
    private final Map<Long, DeviceTreeNode> byPhandle;
    private final List<String> warnings;

    DeviceTree(String file, DeviceTreeNode root, List<Reservation> reservations, Map<Long, DeviceTreeNode> byPhandle,
            List<String> warnings) {
        this.file = file;
        this.root = root;
        this.reservations = List.copyOf(reservations);
        this.byPhandle = Collections.unmodifiableMap(new LinkedHashMap<>(byPhandle));
        this.warnings = List.copyOf(warnings);
    }

    /**
     * A stretch of memory that the operating system must not use.
     *
     * @param address first physical address
     * @param size bytes
     */
    public record Reservation(long address, long size) {}

    /**
     * Reads the tree.
     *
     * @throws IommuException EINVAL with file, offset and the rule that was broken: no such tree, parts that pass its end or
     *     one another, tokens that come where they cannot, names without end, two nodes with one phandle
     */
    public static DeviceTree parse(FirmwareFile file) {
        return new DeviceTreeParser(file).parse();
    }

    /** Path of the file it was read from. */
    public String file() {
        return file;
    }

    /** The root node. */
    public DeviceTreeNode root() {
        return root;
    }

    /** What the header reserves. */
    public List<Reservation> reservations() {
        return reservations;
    }

    /** The node that others refer to by a number. */
    public Optional<DeviceTreeNode> byPhandle(long phandle) {
        return Optional.ofNullable(byPhandle.get(phandle));
    }

    /** The node at a path such as {@code /soc/iommu@2b400000}; {@code /} for the root. */
    public Optional<DeviceTreeNode> find(String path) {
        return nodes().filter(node -> node.path().equals(path)).findFirst();
    }

    /** All nodes, each before those in it. */
    public Stream<DeviceTreeNode> nodes() {
        return root.withDescendants();
    }

    /** What was odd and what was done about it, one sentence each with file and offset. */
    public List<String> warnings() {
        return warnings;
    }
}
