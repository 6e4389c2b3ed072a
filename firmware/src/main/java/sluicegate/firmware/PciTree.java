package sluicegate.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;

/** PCI functions with the bridges that lead to them. Immutable. */
public final class PciTree {

    private PciTree() {}

    /**
     * Orders functions by the bus numbers of their bridges.
     *
     * @throws IommuException EINVAL naming both places if a function is there twice, or if bus ranges overlap or do not nest
     */
    public static PciTree of(List<PciConfigImage> images) {
        throw new UnsupportedOperationException("not yet");
    }

    /** All functions by address within each root bus: a bridge comes before what is behind it. */
    public List<Node> functions() {
        throw new UnsupportedOperationException("not yet");
    }

    public Optional<Node> find(PciAddress address) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The buses of a segment that no bridge leads to, ascending. */
    public List<Integer> rootBuses(int segment) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The bridge that leads to the function's bus; empty on a root bus. */
    public Optional<Node> parent(Node node) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The functions on the bus directly behind a bridge, in order. */
    public List<Node> children(Node node) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The function whose virtual function this is, by SR-IOV capabilities; the function itself if it is none. */
    public Node physicalFunction(Node node) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The function that a scope leads to in a segment, through the secondary bus of each bridge on its way. */
    public Optional<Node> resolve(int segment, DeviceScope scope) {
        throw new UnsupportedOperationException("not yet");
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
    }
}
