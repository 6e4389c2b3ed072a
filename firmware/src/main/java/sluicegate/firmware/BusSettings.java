package sluicegate.firmware;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import sluicegate.api.platform.PciAddress;
import sluicegate.firmware.PropertiesText.Entry;
import sluicegate.spec.pci.HeaderTypeRegister;

/**
 * What {@code machine.properties} says about buses, beside what firmware does.
 *
 * @param ats whether functions may use address translation services, if that is not left to firmware
 * @param externalFacing ports that lead out of the machine: what is behind them is not trusted
 * @param dmaBits bits of address that buses let through to memory; 64 if all
 */
public record BusSettings(Optional<Boolean> ats, Set<PciAddress> externalFacing, int dmaBits) {
    /** Nothing is said. */
    public static final BusSettings NONE = new BusSettings(Optional.empty(), Set.of(), Long.SIZE);

    static final String ATS = "ats";
    static final String EXTERNAL_FACING = "external-facing";
    static final String DMA_BITS = "dma-bits";
    static final List<String> NAMES = List.of(ATS, EXTERNAL_FACING, DMA_BITS);

    /** The kernel's lowest memory zone, below which no device could work. */
    private static final int LEAST_BITS = 24;

    public BusSettings {
        externalFacing = Set.copyOf(externalFacing);
    }

    /** @param functions those that the machine has */
    static BusSettings of(Map<String, Entry> settings, PciTree functions) {
        return new BusSettings(ats(settings.get(ATS)), externalFacing(settings.get(EXTERNAL_FACING), functions), dmaBits(settings.get(DMA_BITS)));
    }

    private static Optional<Boolean> ats(Entry entry) {
        return Optional.ofNullable(entry).flatMap(said -> switch (said.value().strip()) {
            case "yes" -> Optional.of(true);
            case "no" -> Optional.of(false);
            case "firmware" -> Optional.empty();
            default -> throw said.bad("write yes, no or firmware");
        });
    }

    private static Set<PciAddress> externalFacing(Entry entry, PciTree functions) {
        var ports = new TreeSet<PciAddress>(Comparator.comparing(PciAddress::toString));
        if (entry != null) {
            for (var word : entry.value().strip().split("\\s*,\\s*")) {
                ports.add(port(entry, word, functions));
            }
        }
        return ports;
    }

    private static PciAddress port(Entry entry, String word, PciTree functions) {
        PciAddress address;
        try {
            address = PciAddress.parse(word);
        } catch (RuntimeException e) {
            throw entry.bad("'%s' is no PCI address; write ports such as 00:1c.0, 00:1d.0", word);
        }
        if (functions.find(address).filter(node -> node.image().headerLayout() == HeaderTypeRegister.BRIDGE).isEmpty()) {
            throw entry.bad("%s is no bridge of this machine, so nothing is behind it", address);
        }
        return address;
    }

    private static int dmaBits(Entry entry) {
        if (entry == null) {
            return Long.SIZE;
        }
        try {
            int bits = Integer.parseInt(entry.value().strip());
            if (bits >= LEAST_BITS && bits <= Long.SIZE) {
                return bits;
            }
        } catch (NumberFormatException e) {
            // As a number out of range.
        }
        throw entry.bad("write how many bits of address buses let through, %d to %d", LEAST_BITS, Long.SIZE);
    }
}
