package sluicegate.firmware;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import sluicegate.spec.pci.CapabilityHeader;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.StatusRegister;

/**
 * Walks the lists of capabilities of a configuration space (PCI Local Bus 6.7, PCI Express Base 7.9.4).
 *
 * <p>A list that loops, leaves configuration space or points into the header ends there, with what was found so far.
 */
public final class PciCapabilities {
    /** Capabilities start at multiples of this. */
    private static final int WORD = 4;

    private PciCapabilities() {}

    /**
     * One capability.
     *
     * @param id its id
     * @param offset where it is in configuration space, bytes
     * @param extended whether it is of the list that starts at 0x100
     */
    public record Capability(int id, int offset, boolean extended) {}

    /** The offset of the first standard capability with that id ({@link sluicegate.spec.pci.CapabilityId#code}). */
    public static OptionalInt find(PciConfigImage image, int id) {
        return first(standard(image), id);
    }

    /** The offset of the first extended capability with that id ({@link sluicegate.spec.pci.ExtendedCapabilityId#code}). */
    public static OptionalInt findExtended(PciConfigImage image, int id) {
        return first(extended(image), id);
    }

    /** All of them, standard ones first, each in the order of its list. */
    public static List<Capability> list(PciConfigImage image) {
        var all = new ArrayList<>(standard(image));
        all.addAll(extended(image));
        return List.copyOf(all);
    }

    private static OptionalInt first(List<Capability> list, int id) {
        return list.stream().filter(capability -> capability.id() == id).mapToInt(Capability::offset).findFirst();
    }

    private static List<Capability> standard(PciConfigImage image) {
        var found = new ArrayList<Capability>();
        if (!StatusRegister.CAPABILITIES_LIST.isSet(image.read16(ConfigHeader.STATUS.offset()))) {
            return found;
        }
        var seen = new BitSet();
        // The two lowest bits of a pointer are reserved and have to be masked.
        int at = image.read8(ConfigHeader.CAPABILITIES_POINTER.offset()) & -WORD;
        while (at >= ConfigHeader.SIZE && !seen.get(at)) {
            seen.set(at);
            int header = image.read16(at);
            if (header == 0xffff) {
                break;
            }
            found.add(new Capability((int) CapabilityHeader.ID.get(header), at, false));
            at = CapabilityHeader.next(header) & -WORD;
        }
        return found;
    }

    private static List<Capability> extended(PciConfigImage image) {
        var found = new ArrayList<Capability>();
        var seen = new BitSet();
        int at = ConfigHeader.EXTENDED_CAPABILITIES;
        while (at >= ConfigHeader.EXTENDED_CAPABILITIES && at < image.size() && !seen.get(at)) {
            seen.set(at);
            long header = Integer.toUnsignedLong(image.read32(at));
            if (header == 0 || header == 0xffff_ffffL) {
                break;
            }
            found.add(new Capability((int) ExtendedCapabilityHeader.ID.get(header), at, true));
            at = ExtendedCapabilityHeader.next(header) & -WORD;
        }
        return found;
    }
}
