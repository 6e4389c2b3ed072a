package sluicegate.core.impl;

import java.util.Optional;
import java.util.stream.Collectors;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Which unit sees requests with a requester id. Takes no lock. */
final class RequesterUnits {
    private RequesterUnits() {}

    /**
     * The unit of the device with this id; else the one that firmware names for the id; else the only one of its segment.
     *
     * @throws IommuException ENODEV
     */
    static CoreUnit find(Registry registry, PciAddress requester) {
        var device = registry.device(requester.toString());
        if (device.isPresent()) {
            return device.get().coreUnit().orElseThrow(() -> IommuException.of(Errno.ENODEV,
                    "No IOMMU is in front of device %s", requester));
        }
        var ofSegment = registry.units().stream().filter(unit -> unit.platform().segment() == requester.segment()).toList();
        var named = ofSegment.stream().map(unit -> unit.platform().machine()).distinct()
                .flatMap(machine -> firmwareOf(machine, requester).stream()).findFirst();
        if (named.isPresent()) {
            return ofSegment.stream().filter(unit -> unit.platform() == named.get()).findFirst().orElseThrow(() ->
                    IommuException.of(Errno.ENODEV, "The unit %s in front of requester id %s is not there yet",
                            named.get().name(), requester));
        }
        if (ofSegment.size() == 1) {
            return ofSegment.get(0);
        }
        throw IommuException.of(Errno.ENODEV, ofSegment.isEmpty()
                ? "No IOMMU serves PCI segment %2$04x, so there is none in front of requester id %1$s"
                : "Nothing says which of %3$s is in front of requester id %1$s: no device or bridge has it", requester,
                requester.segment(), ofSegment.stream().map(CoreUnit::name).collect(Collectors.joining(", ")));
    }

    private static Optional<IommuUnit> firmwareOf(Machine machine, PciAddress requester) {
        return machine.buses().stream().map((Bus bus) -> bus.unitInFrontOf(requester)).flatMap(Optional::stream).findFirst();
    }
}
