package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import sluicegate.firmware.Iort.IdMapping;
import sluicegate.firmware.Iort.ItsGroup;
import sluicegate.firmware.Iort.NamedComponent;
import sluicegate.firmware.Iort.Node;
import sluicegate.firmware.Iort.Rmr;
import sluicegate.firmware.Iort.RootComplex;
import sluicegate.firmware.Iort.Smmu;
import sluicegate.firmware.Iort.SmmuV3;

/**
 * Follows ids through an {@link Iort}: from a requester id or a component to the stream id at an SMMU, or to the device id
 * at an interrupt translation service. Immutable.
 *
 * <p>Follows {@code iort_node_map_id} of the kernel. Firmware often has one id too many in a range, because the table
 * counts ids less one and not everybody knows. So if the last id of one range is the first of a later one, the later one
 * counts.
 */
public final class IortPaths {
    private final Iort table;

    public IortPaths(Iort table) {
        this.table = Objects.requireNonNull(table, "table");
    }

    /**
     * Where an id arrives.
     *
     * @param node an SMMU or a group of interrupt translation services
     * @param id the id there: stream id or device id, from 0 to 2^32 - 1
     */
    public record Arrival(Node node, long id) {}

    /**
     * Memory that firmware reserves for streams.
     *
     * @param firstStream lowest stream id concerned
     * @param lastStream highest stream id concerned
     * @param ranges the node that tells what, and how it is accessed
     */
    public record Reservation(long firstStream, long lastStream, Rmr ranges) {

        /** Whether it is for a stream. */
        public boolean concerns(long stream) {
            return stream >= firstStream && stream <= lastStream;
        }
    }

    /** The SMMU in front of a PCI function, and the stream id there; empty if its requests pass no SMMU. */
    public Optional<Arrival> smmuOf(int segment, int requesterId) {
        return table.rootComplex(segment).flatMap(root -> follow(root, requesterId, IortPaths::isSmmu));
    }

    /** The interrupt translation services for a PCI function, and the device id there. */
    public Optional<Arrival> itsOf(int segment, int requesterId) {
        return table.rootComplex(segment).flatMap(root -> follow(root, requesterId, ItsGroup.class::isInstance));
    }

    /** The SMMU of an input id of a node, and the stream id there. */
    public Optional<Arrival> smmuOf(Node from, long id) {
        return follow(from, id, IortPaths::isSmmu);
    }

    /** The interrupt translation services for an input id of a node, and the device id there. */
    public Optional<Arrival> itsOf(Node from, long id) {
        return follow(from, id, ItsGroup.class::isInstance);
    }

    /**
     * All stream ids of a component, which sends no ids of its own: those of its single mappings, up to the first that
     * leads to no SMMU ({@code iort_nc_iommu_map}).
     */
    public List<Arrival> smmusOf(NamedComponent component) {
        return arrivals(component, IortPaths::isSmmu);
    }

    /** The interrupt translation services of a component, and its device ids there. */
    public List<Arrival> itsOf(NamedComponent component) {
        return component.mappings().stream()
                .flatMap(mapping -> platformId(mapping, ItsGroup.class::isInstance).stream()).toList();
    }

    /** The interrupt translation services for an SMMU's or counter group's own message interrupts, and its device id there. */
    public Optional<Arrival> ownItsOf(Node node) {
        return node.ownMapping().flatMap(mapping -> platformId(mapping, ItsGroup.class::isInstance));
    }

    /** What firmware reserves for streams of an SMMU, in the order of the table. */
    public List<Reservation> reservationsOf(Node smmu) {
        return table.nodes(Rmr.class).stream().flatMap(rmr -> rmr.streamsOf(smmu)
                .map(mapping -> new Reservation(mapping.firstOutput(), mapping.lastOutput(), rmr))).toList();
    }

    /** The nodes that have ids of an SMMU as output: what is behind it. */
    public Stream<Node> behind(Node smmu) {
        return table.nodes().stream().filter(node -> (node instanceof RootComplex || node instanceof NamedComponent)
                && node.mappings().stream().anyMatch(mapping -> mapping.target() == smmu.offset()));
    }

    private static boolean isSmmu(Node node) {
        return node instanceof SmmuV3 || node instanceof Smmu;
    }

    private List<Arrival> arrivals(Node from, Predicate<Node> wanted) {
        var found = new ArrayList<Arrival>();
        for (var mapping : from.mappings()) {
            var arrival = platformId(mapping, wanted);
            if (arrival.isEmpty()) {
                break;
            }
            found.add(arrival.get());
        }
        return List.copyOf(found);
    }

    private Optional<Arrival> platformId(IdMapping mapping, Predicate<Node> wanted) {
        return mapping.single()
                ? target(mapping).flatMap(node -> follow(node, mapping.firstOutput(), wanted)) : Optional.empty();
    }

    /** Ends, because the parser saw to it that no mappings lead in a circle. */
    private Optional<Arrival> follow(Node from, long id, Predicate<Node> wanted) {
        var node = from;
        long at = id;
        while (!wanted.test(node)) {
            var mapping = mappingOf(node, at);
            if (mapping.isEmpty()) {
                return Optional.empty();
            }
            at = mapping.get().output(at);
            node = target(mapping.get()).orElseThrow();
        }
        return Optional.of(new Arrival(node, at));
    }

    private static Optional<IdMapping> mappingOf(Node node, long id) {
        var own = node.ownMapping().orElse(null);
        IdMapping lastOfRange = null;
        for (var mapping : node.mappings()) {
            if (mapping.equals(own)) {
                continue;
            }
            if (mapping.single()) {
                if (node instanceof NamedComponent || node instanceof RootComplex) {
                    return Optional.of(mapping);
                }
            } else if (mapping.contains(id) && (lastOfRange == null || id == mapping.firstInput())) {
                if (id != mapping.lastInput() || mapping.firstInput() == mapping.lastInput()) {
                    return Optional.of(mapping);
                }
                lastOfRange = mapping;
            }
        }
        return Optional.ofNullable(lastOfRange);
    }

    private Optional<Node> target(IdMapping mapping) {
        return table.nodeAt(mapping.target());
    }
}
