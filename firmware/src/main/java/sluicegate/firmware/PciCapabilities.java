package sluicegate.firmware;

import java.util.List;
import java.util.OptionalInt;

/**
 * Walks the lists of capabilities of a configuration space (PCI Local Bus 6.7, PCI Express Base 7.9.4).
 *
 * <p>A list that loops, leaves configuration space or points into the header ends there, with what was found so far.
 */
public final class PciCapabilities {

    private PciCapabilities() {}

    /**
     * One capability.
     *
     * @param id its id
     * @param offset where it is in configuration space, bytes
     * @param extended whether it is of the list that starts at 0x100
     */
    public record Capability(int id, int offset, boolean extended) {}

    /** The offset of the first standard capability with that id. */
    public static OptionalInt find(PciConfigImage image, int id) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The offset of the first extended capability with that id. */
    public static OptionalInt findExtended(PciConfigImage image, int id) {
        throw new UnsupportedOperationException("not yet");
    }

    /** All of them, standard ones first, each in the order of its list. */
    public static List<Capability> list(PciConfigImage image) {
        throw new UnsupportedOperationException("not yet");
    }
}
