package sluicegate.inspect.groups;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.PciConfigImage;
import sluicegate.firmware.PciTree;
import sluicegate.inspect.MachineExplainer.Move;

/** Puts a card into another slot, on paper. */
final class Relocation {
    private Relocation() {}

    /**
     * The machine with all functions of a card's slot below another port.
     *
     * @throws IommuException EINVAL if the port leads to no bus or to one with devices, or if the card has buses behind it
     */
    static MachineDescription of(PaperMachine machine, PaperFunction card, PaperFunction port) {
        var was = machine.described();
        int bus = port.busesBehind().filter(buses -> buses.secondary() != 0).orElseThrow(
                () -> IommuException.of(Errno.EINVAL, "%s leads to no bus, so nothing can be put below it", port.name())).secondary();
        if (machine.functions().stream().anyMatch(function -> function.address().bus() == bus && function.address().segment() == port.address().segment())) {
            throw IommuException.of(Errno.EINVAL, "Below %s there is something already: name a port with an empty slot", port.name());
        }
        var images = new ArrayList<PciConfigImage>();
        for (var function : machine.functions()) {
            boolean moves = sameSlot(function, card);
            if (moves && function.busesBehind().isPresent()) {
                throw IommuException.of(Errno.EINVAL, "%s is a bridge: move what is behind it, device by device", function.name());
            }
            var image = function.image();
            images.add(moves ? new PciConfigImage(place(function, port.address().segment(), bus), image.description(), image.config(), image.source()) : image);
        }
        var tree = PciTree.of(images);
        return new MachineDescription(was.name(), was.description(), was.memory(), was.dmar(), was.vtd(), was.mcfg(), tree,
                was.dmar().map(dmar -> DmarScopes.of(dmar, tree)), was.ivrs(), was.iort(), was.others(), was.deviceTree(), was.units(), was.buses(), was.warnings());
    }

    private static boolean sameSlot(PaperFunction one, PaperFunction other) {
        return one.address().segment() == other.address().segment() && one.address().bus() == other.address().bus()
                && one.address().device() == other.address().device();
    }

    private static PciAddress place(PaperFunction function, int segment, int bus) {
        return new PciAddress(segment, bus, 0, function.address().function());
    }

    /** What functions are called after the moves. */
    static Map<String, String> names(PaperMachine machine, List<Move> moves) {
        var names = new HashMap<String, String>();
        for (var move : moves) {
            var card = machine.function(PciAddress.parse(move.device()));
            var port = machine.function(PciAddress.parse(move.port()));
            if (card.isPresent() && port.isPresent()) {
                machine.functions().stream().filter(function -> sameSlot(function, card.get())).forEach(function -> names.put(function.name(),
                        place(function, port.get().address().segment(), port.get().busesBehind().map(buses -> buses.secondary()).orElse(0)).toString()));
            }
        }
        return names;
    }
}
