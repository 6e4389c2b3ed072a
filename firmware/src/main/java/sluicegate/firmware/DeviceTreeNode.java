package sluicegate.firmware;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import sluicegate.api.types.IommuException;

/** A node of a {@link DeviceTree}. Immutable once the tree is read. */
public final class DeviceTreeNode {
    private static final int DEFAULT_ADDRESS_CELLS = 2;
    private static final int DEFAULT_SIZE_CELLS = 1;
    /** Of a number that is read; PCI addresses have one more, which is no part of the number. */
    private static final int MOST_CELLS = 4;

    private final FirmwareFile file;
    private final int offset;
    private final String name;
    private final Optional<DeviceTreeNode> parent;
    private final Map<String, DeviceTreeProperty> properties = new LinkedHashMap<>();
    private final List<DeviceTreeNode> children = new ArrayList<>();

    DeviceTreeNode(FirmwareFile file, int offset, String name, Optional<DeviceTreeNode> parent) {
        this.file = file;
        this.offset = offset;
        this.name = name;
        this.parent = parent;
    }

    /** For the reader of the tree. Whether the node did not have the property before. */
    boolean add(DeviceTreeProperty property) {
        return properties.putIfAbsent(property.name(), property) == null;
    }

    /** For the reader of the tree. */
    void add(DeviceTreeNode child) {
        children.add(child);
    }

    /** Where it starts in the file, in bytes. */
    public int offset() {
        return offset;
    }

    /** Its name with its unit address, such as {@code iommu@2b400000}; empty for the root. */
    public String name() {
        return name;
    }

    /** The node that it is in; empty for the root. */
    public Optional<DeviceTreeNode> parent() {
        return parent;
    }

    /** The nodes in it, in the order of the file. */
    public List<DeviceTreeNode> children() {
        return Collections.unmodifiableList(children);
    }

    /** This node and all below it, each before those in it. */
    public Stream<DeviceTreeNode> withDescendants() {
        return Stream.concat(Stream.of(this), children.stream().flatMap(DeviceTreeNode::withDescendants));
    }

    /** Its properties, in the order of the file. */
    public List<DeviceTreeProperty> properties() {
        return List.copyOf(properties.values());
    }

    public Optional<DeviceTreeProperty> property(String propertyName) {
        return Optional.ofNullable(properties.get(propertyName));
    }

    public boolean has(String propertyName) {
        return properties.containsKey(propertyName);
    }

    /** Its path from the root, such as {@code /soc/iommu@2b400000}. */
    public String path() {
        return parent.map(above -> (above.parent.isEmpty() ? "" : above.path()) + "/" + name).orElse("/");
    }

    /** What it is, the most exact word first. */
    public List<String> compatible() {
        return property("compatible").map(DeviceTreeProperty::strings).orElse(List.of());
    }

    /** Whether {@code compatible} has a word. */
    public boolean isCompatible(String word) {
        return compatible().contains(word);
    }

    /**
     * Whether it is there to be used: it and every node above it has no {@code status}, or one that is {@code okay}.
     */
    public boolean enabled() {
        var status = property("status").map(DeviceTreeProperty::string);
        boolean own = status.isEmpty() || status.get().equals("okay") || status.get().equals("ok");
        return own && parent.map(DeviceTreeNode::enabled).orElse(true);
    }

    /**
     * Whether its DMA is coherent with the caches: {@code dma-coherent} here or on a node above, unless
     * {@code dma-noncoherent} is nearer ({@code of_dma_is_coherent} on Arm).
     */
    public boolean coherent() {
        if (has("dma-coherent")) {
            return true;
        }
        return !has("dma-noncoherent") && parent.map(DeviceTreeNode::coherent).orElse(false);
    }

    /**
     * The highest address that requests of what is here can have on their way ({@code of_dma_get_range}, {@code dma_range_map_max}): the
     * end of {@code dma-ranges} here or at the nearest node above that has some; all of 2^64 if none does. An empty one translates
     * nothing and limits nothing. Where one shifts addresses, those of memory count, as in the kernel.
     *
     * @throws IommuException EINVAL if the property is no whole number of ranges
     */
    public long dmaLimit() {
        var ranges = property("dma-ranges").filter(property -> property.cellCount() > 0);
        if (ranges.isEmpty()) {
            return parent.map(DeviceTreeNode::dmaLimit).orElse(-1L);
        }
        int before = addressCells();
        int address = parent.map(DeviceTreeNode::addressCells).orElse(before);
        int cells = before + address + sizeCells();
        var property = ranges.get();
        if (property.cellCount() % cells != 0) {
            throw property.malformed("has %d cells, which is no multiple of %d", property.cellCount(), cells);
        }
        long limit = 0;
        for (int at = 0; at < property.cellCount(); at += cells) {
            long last = property.number(at + before, address) + property.number(at + before + address, sizeCells()) - 1;
            limit = Long.compareUnsigned(last, limit) > 0 ? last : limit;
        }
        return limit;
    }

    /** Cells of an address in {@code reg} of its children. */
    public int addressCells() {
        return property("#address-cells").map(DeviceTreeProperty::cell).map(this::checkedCells).orElse(DEFAULT_ADDRESS_CELLS);
    }

    /** Cells of a size in {@code reg} of its children. */
    public int sizeCells() {
        return property("#size-cells").map(DeviceTreeProperty::cell).map(this::checkedCells).orElse(DEFAULT_SIZE_CELLS);
    }

    private int checkedCells(long cells) {
        if (cells > MOST_CELLS) {
            throw malformed("addresses or sizes of %d cells; there are %d at most", cells, MOST_CELLS);
        }
        return (int) cells;
    }

    /**
     * A range of addresses.
     *
     * @param start first address
     * @param size bytes; may be 0
     */
    public record Range(long start, long size) {}

    /**
     * The ranges in {@code reg}, as physical addresses: translated by {@code ranges} of the nodes above.
     *
     * @throws IommuException EINVAL if {@code reg} is no whole number of ranges, or a range is one that a node above
     *     doesn't translate
     */
    public List<Range> reg() {
        if (parent.isEmpty() || !has("reg")) {
            return List.of();
        }
        return ranges(property("reg").get(), parent.get()).stream().map(range -> parent.get().toPhysical(range)).toList();
    }

    /** Reads address and size pairs as a node's children have them. */
    static List<Range> ranges(DeviceTreeProperty property, DeviceTreeNode bus) {
        int addressCells = bus.addressCells();
        int sizeCells = bus.sizeCells();
        int cells = addressCells + sizeCells;
        if (addressCells == 0 || property.cellCount() % cells != 0) {
            throw property.malformed("has %d cells, which is no multiple of %d for an address and %d for a size",
                    property.cellCount(), addressCells, sizeCells);
        }
        var found = new ArrayList<Range>();
        for (int at = 0; at < property.cellCount(); at += cells) {
            found.add(new Range(property.number(at, addressCells), property.number(at + addressCells, sizeCells)));
        }
        return found;
    }

    /** What an address on this node's bus is for the CPU. */
    private Range toPhysical(Range onBus) {
        if (parent.isEmpty()) {
            return onBus;
        }
        var ranges = property("ranges").orElseThrow(() -> malformed(
                "address 0x%x on this bus cannot be reached: the node has no ranges", onBus.start()));
        if (ranges.cellCount() == 0) {
            return parent.get().toPhysical(onBus);
        }
        int childCells = addressCells();
        int parentCells = parent.get().addressCells();
        int cells = childCells + parentCells + sizeCells();
        if (childCells == 0 || ranges.cellCount() % cells != 0) {
            throw ranges.malformed("has %d cells, which is no multiple of %d", ranges.cellCount(), cells);
        }
        for (int at = 0; at < ranges.cellCount(); at += cells) {
            long start = ranges.number(at, childCells);
            long size = ranges.number(at + childCells + parentCells, sizeCells());
            if (Long.compareUnsigned(onBus.start() - start, size) < 0 && Long.compareUnsigned(onBus.start(), start) >= 0) {
                long there = ranges.number(at + childCells, parentCells) + (onBus.start() - start);
                return parent.get().toPhysical(new Range(there, onBus.size()));
            }
        }
        throw ranges.malformed("does not translate address 0x%x", onBus.start());
    }

    /** What is wrong with the node: EINVAL with file, offset and path. */
    IommuException malformed(String format, Object... args) {
        return file.malformed(offset, "%s: %s", path(), String.format(format, args));
    }

    /** How warnings name the node. */
    public String at() {
        return file.at(offset) + ": " + path();
    }

    /** The path. */
    @Override
    public String toString() {
        return path();
    }
}
