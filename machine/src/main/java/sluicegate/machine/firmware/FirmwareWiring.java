package sluicegate.machine.firmware;

import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.DeviceDescription;
import sluicegate.firmware.IvrsDevices;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.UnitDescription;
import sluicegate.firmware.UnitInput;
import sluicegate.machine.pci.Placement;
import sluicegate.machine.pci.RequesterIds;

/**
 * Which unit is in front of which device of a machine, and by which ids it knows the device, whatever firmware says it.
 * Functions and addresses are those on the platform. Immutable.
 */
public final class FirmwareWiring {
    private final MachineDescription described;
    private final SegmentBase segments;

    public FirmwareWiring(MachineDescription described, SegmentBase segments) {
        this.described = described;
        this.segments = segments;
    }

    /**
     * What a device is to the unit in front of it.
     *
     * @param specifiers one for each id, the one under which its requests arrive last: a requester id for VT-d; a stream id
     *     for an SMMU; a requester id and what its device table entry gets
     *     ({@link sluicegate.spec.acpi.IvhdEntry#DTE_BITS}) for an AMD IOMMU
     * @param ats whether it may use address translation services
     */
    public record Identity(UnitDescription unit, List<List<Integer>> specifiers, boolean ats) {
        public Identity {
            specifiers = specifiers.stream().map(List::copyOf).toList();
        }
    }

    /** Where a function's requests arrive; empty if no unit is in front of it. */
    public Optional<UnitInput> arrivalOf(PciFunction function) {
        return segments.inMachine(function.address())
                .flatMap(address -> described.inputOf(address, RequesterIds.atRoot(function)));
    }

    /** What is said of the place where a function is. */
    public Placement placementOf(PciAddress function) {
        return segments.inMachine(function)
                .map(address -> new Placement(described.buses().externalFacing().contains(address), described.dmaLimit(address)))
                .orElse(Placement.ORDINARY);
    }

    /**
     * What a function is to its unit; empty if no unit is in front of it.
     *
     * @throws IommuException EINVAL if firmware puts it behind several
     */
    public Optional<Identity> identityOf(PciFunction function) {
        return segments.inMachine(function.address()).flatMap(address -> {
            var inputs = described.inputsOf(address, RequesterIds.all(function));
            var units = inputs.stream().map(UnitInput::unit).distinct().toList();
            if (units.size() > 1) {
                throw IommuException.of(Errno.EINVAL, "Firmware puts %s behind several units: %s; a device is behind one",
                        function.name(), String.join(", ", units.stream().map(UnitDescription::name).toList()));
            }
            return units.stream().findFirst().map(unit -> new Identity(unit,
                    inputs.stream().map(input -> specifier(address.segment(), input)).toList(), described.atsAllowed(address)));
        });
    }

    /**
     * What a device that no bus discovers is to its unit.
     *
     * @throws IommuException EINVAL for what firmware says wrong about it
     */
    public Identity identityOf(DeviceDescription device) {
        device.problem().ifPresent(problem -> {
            throw new IommuException(Errno.EINVAL, problem);
        });
        var unit = device.inputs().get(0).unit();
        return new Identity(unit, device.inputs().stream().map(input -> specifier(segmentOf(unit), input)).toList(), false);
    }

    /** The unit in front of a requester id, whether a function has it or not. */
    public Optional<UnitDescription> unitInFrontOf(PciAddress requester) {
        return segments.inMachine(requester).flatMap(described::inputOf).map(UnitInput::unit);
    }

    private static int segmentOf(UnitDescription unit) {
        return unit instanceof UnitDescription.Amdvi amdvi ? amdvi.ivhd().segment() : 0;
    }

    private List<Integer> specifier(int segment, UnitInput input) {
        int id = (int) input.id();
        return described.ivrs().map(table -> List.of(id, new IvrsDevices(table).settingOf(segment, id)))
                .orElseGet(() -> List.of(id));
    }
}
