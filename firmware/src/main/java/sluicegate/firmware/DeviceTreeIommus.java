package sluicegate.firmware;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.DeviceTreeNode.Range;

/**
 * What a {@link DeviceTree} says about IOMMUs: the units, the devices and PCI hosts in front of which they are, memory, and
 * what of it is reserved (bindings {@code iommu.txt}, {@code pci-iommu.yaml}, {@code reserved-memory.yaml}). Immutable.
 *
 * <p>Disabled nodes are in the lists too and say so: a device whose unit is disabled has none for the kernel.
 */
public final class DeviceTreeIommus {
    private static final int MAP_CELLS = 4;
    private static final long ALL_IDS = 0xffff_ffffL;
    private static final int MOST_SEGMENT = 0xffff;

    private final DeviceTree tree;
    private final Map<DeviceTreeNode, Unit> units = new LinkedHashMap<>();
    private final List<Master> masters = new ArrayList<>();
    private final List<PciHost> pciHosts = new ArrayList<>();
    private final List<Range> memory = new ArrayList<>();
    private final List<Reserved> reserved = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private DeviceTreeIommus(DeviceTree tree) {
        this.tree = tree;
        tree.nodes().filter(node -> node.has("#iommu-cells")).forEach(node -> units.put(node, unit(node)));
        tree.nodes().filter(node -> node.has("iommus")).forEach(node -> masters.add(master(node)));
        addHosts(tree.nodes().filter(DeviceTreeIommus::isPciHost).toList());
        tree.root().children().stream().filter(node -> isDeviceType(node, "memory") && node.enabled())
                .forEach(node -> memory.addAll(node.reg()));
        tree.find("/reserved-memory").ifPresent(all -> all.children().stream().filter(DeviceTreeNode::enabled)
                .forEach(node -> reserved.add(reservation(node))));
    }

    /**
     * Reads it out of a tree.
     *
     * @throws IommuException EINVAL with file, offset and path: a reference to no node or to what is no IOMMU, properties of
     *     the wrong length, addresses that cannot be reached
     */
    public static DeviceTreeIommus of(DeviceTree tree) {
        return new DeviceTreeIommus(tree);
    }

    /**
     * An IOMMU.
     *
     * @param registers its register windows, as physical addresses; none if it is a function on PCI
     * @param cells cells of an id
     * @param interrupts its interrupt lines
     */
    public record Unit(DeviceTreeNode node, List<Range> registers, int cells, List<Interrupt> interrupts) {
        public Unit {
            registers = List.copyOf(registers);
            interrupts = List.copyOf(interrupts);
        }

        /** What it is, such as {@code arm,smmu-v3}, the most exact word first. */
        public List<String> compatible() {
            return node.compatible();
        }

        public boolean enabled() {
            return node.enabled();
        }

        /** Whether its table walks are coherent with the caches. */
        public boolean coherent() {
            return node.coherent();
        }

        /** The interrupt line of a name, such as {@code eventq}. */
        public Optional<Interrupt> interrupt(String name) {
            return interrupts.stream().filter(line -> line.name().equals(name)).findFirst();
        }
    }

    /**
     * An interrupt line.
     *
     * @param name what it is for, empty if nothing is said
     * @param controller where it arrives
     * @param cells which one, in the terms of the controller
     */
    public record Interrupt(String name, DeviceTreeNode controller, List<Long> cells) {
        private static final int GIC_CELLS = 3;
        private static final int SHARED = 0;
        private static final int FIRST_SHARED = 32;
        private static final int FIRST_PRIVATE = 16;

        public Interrupt {
            cells = List.copyOf(cells);
        }

        /** Its number at a generic interrupt controller; empty for other controllers. */
        public Optional<Long> gicInterrupt() {
            boolean gic = controller.compatible().stream().anyMatch(word -> word.startsWith("arm,") && word.contains("gic"));
            return gic && cells.size() >= GIC_CELLS
                    ? Optional.of(cells.get(1) + (cells.get(0) == SHARED ? FIRST_SHARED : FIRST_PRIVATE)) : Optional.empty();
        }
    }

    /**
     * A device with ids of its own.
     *
     * @param ids its ids, at one unit or at several
     * @param dmaLimit the highest address that {@code dma-ranges} lets through
     */
    public record Master(DeviceTreeNode node, List<Id> ids, long dmaLimit) {
        public Master {
            ids = List.copyOf(ids);
        }

        /** Whether it can wait for stalled accesses. */
        public boolean canStall() {
            return node.has("dma-can-stall");
        }

        /** Bits of PASID that it supports, 0 for none. */
        public int pasidBits() {
            return node.property("pasid-num-bits").map(DeviceTreeProperty::cell).orElse(0L).intValue();
        }
    }

    /**
     * An id at a unit.
     *
     * @param cells the id, in the terms of the unit
     */
    public record Id(Unit unit, List<Long> cells) {
        public Id {
            cells = List.copyOf(cells);
        }
    }

    /**
     * The host bridge of a PCI segment.
     *
     * @param segment from {@code linux,pci-domain}, or else in the order of the tree
     * @param mask which bits of a requester id count
     * @param map what requester ids become
     * @param dmaLimit the highest address that {@code dma-ranges} lets through
     */
    public record PciHost(DeviceTreeNode node, int segment, long mask, List<MapEntry> map, long dmaLimit) {
        public PciHost {
            map = List.copyOf(map);
        }

        /** Whether it knows address translation services. */
        public boolean ats() {
            return node.has("ats-supported");
        }

        /**
         * The unit in front of a function, and its id there; empty if its requests pass no unit ({@code of_map_id}).
         */
        public Optional<Id> idOf(int requesterId) {
            long masked = requesterId & mask;
            return map.stream().filter(entry -> masked >= entry.first() && masked - entry.first() < entry.count()).findFirst()
                    .map(entry -> new Id(entry.unit(), List.of(entry.firstId() + (masked - entry.first()))));
        }
    }

    /**
     * A range of requester ids and what becomes of it.
     *
     * @param first lowest requester id
     * @param unit the unit in front of them
     * @param firstId the id that the lowest has there
     * @param count how many there are
     */
    public record MapEntry(long first, Unit unit, long firstId, long count) {}

    /**
     * Reserved memory.
     *
     * @param memory where it is; empty if the operating system is to choose a place, or if it is about addresses only
     * @param noMap the operating system must not map it
     * @param addresses where devices see it, or see nothing else
     */
    public record Reserved(DeviceTreeNode node, List<Range> memory, boolean noMap, List<DeviceAddresses> addresses) {
        public Reserved {
            memory = List.copyOf(memory);
            addresses = List.copyOf(addresses);
        }

        /** Whether these addresses of a device are the memory itself, so that it has to be mapped one to one. */
        public boolean direct(DeviceAddresses there) {
            return memory.stream().findFirst().equals(Optional.of(there.range()));
        }
    }

    /** Addresses of a device that are in use ({@code iommu-addresses}). */
    public record DeviceAddresses(DeviceTreeNode device, Range range) {}

    /** The units, in the order of the tree. */
    public List<Unit> units() {
        return List.copyOf(units.values());
    }

    /** The units that are enabled and have a word in {@code compatible}. */
    public List<Unit> units(String compatible) {
        return units.values().stream().filter(unit -> unit.enabled() && unit.node().isCompatible(compatible)).toList();
    }

    /** The devices with {@code iommus}, in the order of the tree. */
    public List<Master> masters() {
        return List.copyOf(masters);
    }

    /** The PCI host bridges, in the order of the tree. */
    public List<PciHost> pciHosts() {
        return List.copyOf(pciHosts);
    }

    /** The enabled PCI host bridge of a segment. */
    public Optional<PciHost> pciHost(int segment) {
        return pciHosts.stream().filter(host -> host.segment() == segment && host.node().enabled()).findFirst();
    }

    /** Where memory is, in the order of the tree. */
    public List<Range> memory() {
        return List.copyOf(memory);
    }

    /** The children of {@code /reserved-memory}. */
    public List<Reserved> reserved() {
        return List.copyOf(reserved);
    }

    /** What was odd and what was done about it, one sentence each with file and offset; those of the tree not included. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    private static boolean isDeviceType(DeviceTreeNode node, String type) {
        return node.property("device_type").map(DeviceTreeProperty::string).filter(type::equals).isPresent();
    }

    private static boolean isPci(DeviceTreeNode node) {
        return isDeviceType(node, "pci") || isDeviceType(node, "pciex");
    }

    private static boolean isPciHost(DeviceTreeNode node) {
        return isPci(node) && node.parent().stream().noneMatch(DeviceTreeIommus::isPci);
    }

    /** Numbers that are given stay, the other hosts get the free ones in their order ({@code pci_bus_find_domain_nr}). */
    private void addHosts(List<DeviceTreeNode> hosts) {
        var taken = new TreeSet<Integer>();
        for (var host : hosts) {
            givenSegment(host).ifPresent(taken::add);
        }
        int next = 0;
        for (var host : hosts) {
            var given = givenSegment(host);
            while (given.isEmpty() && !taken.add(next)) {
                next++;
            }
            pciHosts.add(host(host, given.orElse(next)));
        }
    }

    private static Optional<Integer> givenSegment(DeviceTreeNode host) {
        return host.property("linux,pci-domain").map(property -> {
            if (property.cell() > MOST_SEGMENT) {
                throw property.malformed("is 0x%x; PCI segments are numbered up to 0x%x", property.cell(), MOST_SEGMENT);
            }
            return (int) property.cell();
        });
    }

    private Unit unit(DeviceTreeNode node) {
        boolean onPci = node.parent().stream().anyMatch(DeviceTreeIommus::isPci);
        return new Unit(node, onPci ? List.of() : node.reg(), (int) node.property("#iommu-cells").orElseThrow().cell(),
                node.enabled() ? interrupts(node) : List.of());
    }

    private List<Interrupt> interrupts(DeviceTreeNode node) {
        var names = node.property("interrupt-names").map(DeviceTreeProperty::strings).orElse(List.of());
        var found = new ArrayList<Interrupt>();
        var extended = node.property("interrupts-extended");
        var property = extended.or(() -> node.property("interrupts"));
        if (property.isEmpty()) {
            return List.of();
        }
        var lines = property.get();
        var common = extended.isPresent() ? Optional.<DeviceTreeNode>empty() : Optional.of(interruptParent(node, lines));
        for (int at = 0; at < lines.cellCount(); ) {
            var controller = common.isPresent() ? common.get() : referred(lines, at++);
            int cells = cells(controller, "#interrupt-cells", lines);
            var number = numbers(lines, at, cells);
            found.add(new Interrupt(found.size() < names.size() ? names.get(found.size()) : "", controller, number));
            at += cells;
            if (cells == 0 && common.isPresent()) {
                throw lines.malformed("names interrupts of %s, which are of no cells", controller.path());
            }
        }
        return found;
    }

    private DeviceTreeNode interruptParent(DeviceTreeNode node, DeviceTreeProperty interrupts) {
        for (var at = Optional.of(node); at.isPresent(); at = at.get().parent()) {
            var property = at.get().property("interrupt-parent");
            if (property.isPresent()) {
                return referred(property.get(), 0);
            }
        }
        throw interrupts.malformed("is for no interrupt controller: no interrupt-parent is above");
    }

    private DeviceTreeNode referred(DeviceTreeProperty property, int index) {
        long phandle = property.cell(index);
        return tree.byPhandle(phandle)
                .orElseThrow(() -> property.malformed("refers to phandle 0x%x, which no node has", phandle));
    }

    private static int cells(DeviceTreeNode node, String name, DeviceTreeProperty from) {
        var property = node.property(name).orElseThrow(() -> from.malformed("refers to %s, which has no %s", node.path(), name));
        long cells = property.cell();
        if (cells > Short.MAX_VALUE) {
            throw property.malformed("is %d, which is too many", cells);
        }
        return (int) cells;
    }

    private static List<Long> numbers(DeviceTreeProperty property, int at, int cells) {
        if (cells > property.cellCount() - at) {
            throw property.malformed("has %d cells, too few for %d more at %d", property.cellCount(), cells, at);
        }
        var numbers = new ArrayList<Long>();
        for (int i = 0; i < cells; i++) {
            numbers.add(property.cell(at + i));
        }
        return numbers;
    }

    private Unit unitAt(DeviceTreeProperty property, int index) {
        var node = referred(property, index);
        return Optional.ofNullable(units.get(node)).orElseThrow(() -> property.malformed(
                "refers to %s, which is no IOMMU: it has no #iommu-cells", node.path()));
    }

    private Master master(DeviceTreeNode node) {
        var property = node.property("iommus").orElseThrow();
        var ids = new ArrayList<Id>();
        for (int at = 0; at < property.cellCount(); ) {
            var unit = unitAt(property, at);
            int cells = cells(unit.node(), "#iommu-cells", property);
            ids.add(new Id(unit, numbers(property, at + 1, cells)));
            at += 1 + cells;
        }
        if (ids.isEmpty()) {
            warnings.add(property.at() + " is empty: the device is behind no IOMMU");
        }
        return new Master(node, ids, node.dmaLimit());
    }

    private PciHost host(DeviceTreeNode node, int segment) {
        long mask = node.property("iommu-map-mask").map(DeviceTreeProperty::cell).orElse(ALL_IDS);
        var map = new ArrayList<MapEntry>();
        node.property("iommu-map").ifPresent(property -> {
            if (property.cellCount() % MAP_CELLS != 0) {
                throw property.malformed("has %d cells, which is no multiple of %d", property.cellCount(), MAP_CELLS);
            }
            for (int at = 0; at < property.cellCount(); at += MAP_CELLS) {
                map.add(mapEntry(property, at, mask));
            }
        });
        return new PciHost(node, segment, mask, map, node.dmaLimit());
    }

    private MapEntry mapEntry(DeviceTreeProperty property, int at, long mask) {
        long first = property.cell(at);
        if ((first & ~mask) != 0) {
            throw property.malformed("maps requester id 0x%x, which has bits that iommu-map-mask 0x%x doesn't let through",
                    first, mask);
        }
        var entry = new MapEntry(first, unitAt(property, at + 1), property.cell(at + 2), property.cell(at + 3));
        if (entry.count() == 0) {
            warnings.add(property.at() + String.format(" maps no requester ids from 0x%x on", first));
        }
        return entry;
    }

    private Reserved reservation(DeviceTreeNode node) {
        var addresses = new ArrayList<DeviceAddresses>();
        node.property("iommu-addresses").ifPresent(property -> {
            for (int at = 0; at < property.cellCount(); ) {
                var device = referred(property, at);
                var bus = device.parent().orElse(device);
                int addressCells = bus.addressCells();
                int cells = addressCells + bus.sizeCells();
                numbers(property, at + 1, cells);
                var range = new Range(property.number(at + 1, addressCells),
                        property.number(at + 1 + addressCells, bus.sizeCells()));
                if (range.size() == 0) {
                    warnings.add(property.at() + " has a range of no addresses for " + device.path() + "; left out");
                } else {
                    addresses.add(new DeviceAddresses(device, range));
                }
                at += 1 + cells;
            }
        });
        return new Reserved(node, node.reg(), node.has("no-map"), addresses);
    }
}
