package sluicegate.firmware;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.SriovCapability;

/** PCI functions with the bridges that lead to them. Immutable. */
public final class PciTree {
    private final TreeMap<PciAddress, Node> functions;
    private final Map<Integer, BusMap> segments;
    private final Map<PciAddress, Node> physicalFunctions;

    private PciTree(TreeMap<PciAddress, Node> functions) {
        this.functions = functions;
        this.segments = functions.values().stream()
                .collect(Collectors.groupingBy(node -> node.address().segment(),
                        Collectors.collectingAndThen(Collectors.toList(), BusMap::of)));
        this.physicalFunctions = physicalFunctions(functions);
    }

    /**
     * A function in the tree.
     *
     * @param image its configuration space
     */
    public record Node(PciConfigImage image) {
        public PciAddress address() {
            return image.address();
        }

        /** Whether the bridge leads to a bus: firmware leaves both numbers zero where it does not. */
        public boolean leadsToBus() {
            return image.isBridge() && image.secondaryBus() != 0;
        }

        @Override
        public String toString() {
            return image.toString();
        }
    }

    /**
     * Orders functions by the bus numbers of their bridges.
     *
     * @throws IommuException EINVAL naming both places if a function is there twice, or if bus ranges overlap or do not nest
     */
    public static PciTree of(List<PciConfigImage> images) {
        var functions = new TreeMap<PciAddress, Node>();
        for (var image : images) {
            var other = functions.put(image.address(), new Node(image));
            if (other != null) {
                throw IommuException.of(Errno.EINVAL, "%s: %s is there twice, the first time in %s",
                        image.source(), image.address(), other.image().source());
            }
        }
        return new PciTree(functions);
    }

    /** All functions by address. A bridge comes before what is behind it, because buses are numbered downwards. */
    public List<Node> functions() {
        return List.copyOf(functions.values());
    }

    public Optional<Node> find(PciAddress address) {
        return Optional.ofNullable(functions.get(address));
    }

    /** The buses with functions in a segment that no bridge leads to, ascending. */
    public List<Integer> rootBuses(int segment) {
        return functions.keySet().stream().filter(address -> address.segment() == segment)
                .map(PciAddress::bus).distinct().filter(bus -> bridgeTo(segment, bus).isEmpty()).toList();
    }

    /** The bridge that leads to the function's bus; empty on a root bus. */
    public Optional<Node> parent(Node node) {
        return bridgeTo(node.address().segment(), node.address().bus());
    }

    /** The functions on the buses to which this bridge leads with no other bridge in between, by address. */
    public List<Node> children(Node node) {
        return functions.values().stream()
                .filter(other -> parent(other).filter(node::equals).isPresent()).toList();
    }

    /** All functions behind a bridge, at any depth, by address; none if it is no bridge. */
    public List<Node> behind(Node bridge) {
        if (!bridge.leadsToBus()) {
            return List.of();
        }
        // Ranges nest, so everything on a bus of the range is behind the bridge.
        int segment = bridge.address().segment();
        return List.copyOf(functions.subMap(new PciAddress(segment, bridge.image().secondaryBus(), 0, 0), true,
                new PciAddress(segment, bridge.image().subordinateBus(), 0x1f, 7), true).values());
    }

    /** The function whose virtual function this is, by SR-IOV capabilities; the function itself if it is none. */
    public Node physicalFunction(Node node) {
        return physicalFunctions.getOrDefault(node.address(), node);
    }

    /**
     * The function that a scope leads to in a segment, through the secondary bus of each bridge on its way
     * ({@code dmar_match_pci_path}): the path starts on a root bus. As in the kernel, a path of one hop may also name
     * bus, device and function directly, which broken firmware does.
     */
    public Optional<Node> resolve(int segment, DeviceScope scope) {
        if (scope.path().size() > 1 && bridgeTo(segment, scope.startBus()).isPresent()) {
            return Optional.empty();
        }
        int bus = scope.startBus();
        Node found = null;
        for (var hop : scope.path()) {
            if (found != null) {
                if (!found.leadsToBus()) {
                    return Optional.empty();
                }
                bus = found.image().secondaryBus();
            }
            found = functions.get(new PciAddress(segment, bus, hop.device(), hop.function()));
            if (found == null) {
                return Optional.empty();
            }
        }
        return Optional.ofNullable(found);
    }

    /** The bridge that leads to a bus of a segment; empty for a root bus and one that is not there. */
    public Optional<Node> bridgeTo(int segment, int bus) {
        var buses = segments.get(segment);
        return buses == null ? Optional.empty() : buses.bridgeTo(bus);
    }

    private static Map<PciAddress, Node> physicalFunctions(TreeMap<PciAddress, Node> functions) {
        var physical = new HashMap<PciAddress, Node>();
        for (var node : functions.values()) {
            var image = node.image();
            var capability = PciCapabilities.findExtended(image, ExtendedCapabilityId.SR_IOV.code());
            if (capability.isEmpty()) {
                continue;
            }
            int at = capability.getAsInt();
            if (!SriovCapability.VF_ENABLE.isSet(image.read16(at + SriovCapability.CONTROL_REGISTER.offset()))) {
                continue;
            }
            int count = image.read16(at + SriovCapability.NUM_VFS.offset());
            int offset = image.read16(at + SriovCapability.FIRST_VF_OFFSET.offset());
            int stride = image.read16(at + SriovCapability.VF_STRIDE.offset());
            int first = SriovCapability.requesterIdOfVf(node.address().requesterId(), offset, stride, 0);
            for (var other : functions.tailMap(PciAddress.of(node.address().segment(), first)).values()) {
                int distance = other.address().requesterId() - first;
                boolean virtual = stride == 0 ? distance == 0 : distance % stride == 0 && distance / stride < count;
                if (other.address().segment() != node.address().segment() || distance > stride * (count - 1)) {
                    break;
                }
                if (virtual && !other.equals(node)) {
                    physical.put(other.address(), node);
                }
            }
        }
        return Collections.unmodifiableMap(physical);
    }

    /** Which bridge leads to each bus of one segment. */
    private record BusMap(Node[] innermost) {
        private static final int BUSES = 256;

        static BusMap of(List<Node> functions) {
            var bridges = new ArrayList<>(functions.stream().filter(Node::leadsToBus).toList());
            bridges.forEach(BusMap::checkNumbers);
            // Wide ranges first: what is painted last on a bus is the bridge closest to it.
            bridges.sort((a, b) -> Integer.compare(width(b), width(a)));
            var innermost = new Node[BUSES];
            for (var bridge : bridges) {
                paint(bridge, innermost);
            }
            return new BusMap(innermost);
        }

        private static int width(Node bridge) {
            return bridge.image().subordinateBus() - bridge.image().secondaryBus();
        }

        private static void checkNumbers(Node bridge) {
            var image = bridge.image();
            if (image.subordinateBus() < image.secondaryBus() || image.secondaryBus() <= bridge.address().bus()) {
                throw IommuException.of(Errno.EINVAL, "%s: bridge %s on bus %02x leads to buses %02x-%02x; they have to be"
                        + " ascending and above its own", image.source(), bridge.address(), bridge.address().bus(),
                        image.secondaryBus(), image.subordinateBus());
            }
        }

        private static void paint(Node bridge, Node[] innermost) {
            var image = bridge.image();
            var above = innermost[bridge.address().bus()];
            for (int bus = image.secondaryBus(); bus <= image.subordinateBus(); bus++) {
                if (innermost[bus] != above) {
                    boolean beyond = above != null && bus > above.image().subordinateBus();
                    var other = beyond ? above : innermost[bus];
                    throw IommuException.of(Errno.EINVAL, "%s: buses %02x-%02x of bridge %s %s %02x-%02x of bridge %s (%s)",
                            image.source(), image.secondaryBus(), image.subordinateBus(), bridge.address(),
                            beyond ? "reach beyond" : "overlap", other.image().secondaryBus(),
                            other.image().subordinateBus(), other.address(), other.image().source());
                }
            }
            for (int bus = image.secondaryBus(); bus <= image.subordinateBus(); bus++) {
                innermost[bus] = bridge;
            }
        }

        Optional<Node> bridgeTo(int bus) {
            return Optional.ofNullable(bus < BUSES ? innermost[bus] : null);
        }
    }
}
