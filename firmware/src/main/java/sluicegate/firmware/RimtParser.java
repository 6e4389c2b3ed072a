package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.firmware.Rimt.Device;
import sluicegate.firmware.Rimt.Iommu;
import sluicegate.firmware.Rimt.Mapping;
import sluicegate.firmware.Rimt.RootComplex;
import sluicegate.firmware.Rimt.Wire;
import sluicegate.spec.acpi.RimtIdMapping;
import sluicegate.spec.acpi.RimtIommu;
import sluicegate.spec.acpi.RimtNode;
import sluicegate.spec.acpi.RimtNodeType;
import sluicegate.spec.acpi.RimtPlatformDevice;
import sluicegate.spec.acpi.RimtRootComplex;
import sluicegate.spec.acpi.RimtTable;
import sluicegate.spec.acpi.RimtWire;

/** Reads one RIMT table. Used once. */
final class RimtParser {
    private final FirmwareFile file;
    private final byte[] data;
    private final List<Iommu> iommus = new ArrayList<>();
    private final List<RootComplex> rootComplexes = new ArrayList<>();
    private final List<Device> devices = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    RimtParser(AcpiTable table) {
        file = table.file();
        data = file.bytes();
    }

    Rimt parse() {
        var nodes = new TableNodes(file, RimtTable.SIZE, RimtTable.NODE_COUNT, RimtTable.NODE_OFFSET, RimtNode.SIZE, RimtNode.LENGTH);
        // IOMMUs first: mappings of the others lead to them, from before and after.
        nodes.forEach((at, length) -> {
            if (type(at).equals(Optional.of(RimtNodeType.IOMMU))) {
                requireFixed(at, length, RimtIommu.SIZE);
                iommus.add(iommu(at, length));
            }
        });
        nodes.forEach(this::node);
        return new Rimt(file.path(), iommus, rootComplexes, devices, warnings);
    }

    private Optional<RimtNodeType> type(int at) {
        return RimtNodeType.of(RimtNode.TYPE.get(data, at));
    }

    private void requireFixed(int at, int length, int fixed) {
        if (length < fixed) {
            throw file.malformed(at, "the %s node has %d bytes, less than the %d that it always has", type(at).orElseThrow(), length, fixed);
        }
    }

    private void node(int at, int length) {
        var type = type(at);
        if (type.isEmpty()) {
            warnings.add(file.at(at) + ": node of unknown type " + RimtNode.TYPE.get(data, at) + ", left out");
        } else if (type.get() == RimtNodeType.ROOT_COMPLEX) {
            requireFixed(at, length, RimtRootComplex.SIZE);
            rootComplexes.add(rootComplex(at, length));
        } else if (type.get() == RimtNodeType.PLATFORM_DEVICE) {
            requireFixed(at, length, RimtPlatformDevice.SIZE);
            devices.add(device(at, length));
        }
    }

    private Iommu iommu(int at, int length) {
        long flags = RimtIommu.FLAGS.get(data, at);
        int count = (int) RimtIommu.WIRE_COUNT.get(data, at);
        int from = array(at, length, RimtIommu.WIRE_OFFSET.get(data, at), count, RimtWire.SIZE, "interrupt wires");
        var wires = new ArrayList<Wire>();
        for (int i = 0; i < count; i++) {
            int wire = from + i * RimtWire.SIZE;
            long kind = RimtWire.FLAGS.get(data, wire);
            wires.add(new Wire(RimtWire.NUMBER.get(data, wire), RimtWire.LEVEL.isSet(kind), RimtWire.ACTIVE_HIGH.isSet(kind)));
        }
        return new Iommu(at, new String(RimtIommu.HARDWARE_ID.bytes(data, at), StandardCharsets.ISO_8859_1).replaceAll("[^\\x21-\\x7e]", ""),
                RimtIommu.PCI.isSet(flags) ? Optional.of(TableNodes.function(RimtIommu.SEGMENT.get(data, at), RimtIommu.BDF.get(data, at)))
                        : Optional.empty(),
                RimtIommu.BASE_ADDRESS.get(data, at), RimtIommu.PROXIMITY_VALID.isSet(flags)
                        ? Optional.of(RimtIommu.PROXIMITY_DOMAIN.get(data, at)) : Optional.empty(), wires);
    }

    /** Where an array in a node is. */
    private int array(int at, int length, long offset, int count, int size, String what) {
        if (count != 0 && (offset < RimtNode.SIZE || offset + (long) count * size > length)) {
            throw file.malformed(at, "the node of %d bytes has %d %s at 0x%x, which pass its end or begin in its head", length, count, what, offset);
        }
        return at + (int) offset;
    }

    private RootComplex rootComplex(int at, int length) {
        long flags = RimtRootComplex.FLAGS.get(data, at);
        return new RootComplex(at, (int) RimtRootComplex.SEGMENT.get(data, at), RimtRootComplex.ATS_SUPPORTED.isSet(flags),
                RimtRootComplex.PRI_SUPPORTED.isSet(flags), mappings(at, length, RimtRootComplex.MAPPING_OFFSET.get(data, at),
                        (int) RimtRootComplex.MAPPING_COUNT.get(data, at)));
    }

    private Device device(int at, int length) {
        int from = at + RimtPlatformDevice.SIZE;
        int end = from;
        while (end < at + length && data[end] != 0) {
            end++;
        }
        return new Device(at, new String(data, from, end - from, StandardCharsets.ISO_8859_1).replaceAll("[^\\x21-\\x7e]", "?"),
                mappings(at, length, RimtPlatformDevice.MAPPING_OFFSET.get(data, at), (int) RimtPlatformDevice.MAPPING_COUNT.get(data, at)));
    }

    private List<Mapping> mappings(int at, int length, long offset, int count) {
        int from = array(at, length, offset, count, RimtIdMapping.SIZE, "id mappings");
        var mappings = new ArrayList<Mapping>();
        for (int i = 0; i < count; i++) {
            int mapping = from + i * RimtIdMapping.SIZE;
            int target = (int) RimtIdMapping.DESTINATION.get(data, mapping);
            if (iommus.stream().noneMatch(iommu -> iommu.offset() == target)) {
                warnings.add(file.at(mapping) + String.format(": it maps ids to 0x%x, where no IOMMU is; left out", target));
            } else {
                mappings.add(new Mapping(mapping, RimtIdMapping.SOURCE_BASE.get(data, mapping), RimtIdMapping.ID_COUNT.get(data, mapping),
                        RimtIdMapping.DESTINATION_BASE.get(data, mapping), target));
            }
        }
        return mappings;
    }
}
