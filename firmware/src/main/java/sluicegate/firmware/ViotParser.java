package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciAddress;
import sluicegate.firmware.Viot.Endpoint;
import sluicegate.firmware.Viot.Iommu;
import sluicegate.firmware.Viot.PciRange;
import sluicegate.spec.acpi.ViotMmio;
import sluicegate.spec.acpi.ViotNode;
import sluicegate.spec.acpi.ViotNodeType;
import sluicegate.spec.acpi.ViotPciRange;
import sluicegate.spec.acpi.ViotTable;
import sluicegate.spec.acpi.ViotVirtioMmio;
import sluicegate.spec.acpi.ViotVirtioPci;

/** Reads one VIOT table. Used once. */
final class ViotParser {
    private final FirmwareFile file;
    private final byte[] data;
    private final List<Iommu> iommus = new ArrayList<>();
    private final List<PciRange> ranges = new ArrayList<>();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    ViotParser(AcpiTable table) {
        file = table.file();
        data = file.bytes();
    }

    Viot parse() {
        var nodes = new TableNodes(file, ViotTable.SIZE, ViotTable.NODE_COUNT, ViotTable.NODE_OFFSET, ViotNode.SIZE, ViotNode.LENGTH);
        nodes.forEach(this::node);
        ranges.removeIf(range -> isBehindNothing(range.offset(), range.iommu()));
        endpoints.removeIf(endpoint -> isBehindNothing(endpoint.offset(), endpoint.iommu()));
        return new Viot(file.path(), iommus, ranges, endpoints, warnings);
    }

    private void node(int at, int length) {
        var type = ViotNodeType.of(ViotNode.TYPE.get(data, at));
        if (type.isEmpty()) {
            warnings.add(file.at(at) + ": node of unknown type " + ViotNode.TYPE.get(data, at) + ", left out");
            return;
        }
        int fixed = switch (type.get()) {
            case PCI_RANGE -> ViotPciRange.SIZE;
            case MMIO -> ViotMmio.SIZE;
            case VIRTIO_PCI -> ViotVirtioPci.SIZE;
            case VIRTIO_MMIO -> ViotVirtioMmio.SIZE;
        };
        if (length < fixed) {
            throw file.malformed(at, "the %s node has %d bytes, less than the %d that it always has", type.get(), length, fixed);
        }
        switch (type.get()) {
            case PCI_RANGE -> range(at);
            case MMIO -> endpoints.add(new Endpoint(at, ViotMmio.ENDPOINT.get(data, at), ViotMmio.BASE_ADDRESS.get(data, at),
                    (int) ViotMmio.OUTPUT_NODE.get(data, at)));
            case VIRTIO_PCI -> iommus.add(new Iommu(at, Optional.of(TableNodes.function(ViotVirtioPci.SEGMENT.get(data, at),
                    ViotVirtioPci.BDF.get(data, at))), 0));
            case VIRTIO_MMIO -> iommus.add(new Iommu(at, Optional.empty(), ViotVirtioMmio.BASE_ADDRESS.get(data, at)));
        }
    }

    private void range(int at) {
        var range = new PciRange(at, ViotPciRange.ENDPOINT_START.get(data, at), (int) ViotPciRange.SEGMENT_START.get(data, at),
                (int) ViotPciRange.SEGMENT_END.get(data, at), (int) ViotPciRange.BDF_START.get(data, at),
                (int) ViotPciRange.BDF_END.get(data, at), (int) ViotPciRange.OUTPUT_NODE.get(data, at));
        if (range.firstSegment() > range.lastSegment() || range.firstRequester() > range.lastRequester()) {
            warnings.add(file.at(at) + ": a PCI range that ends before it begins, left out");
        } else {
            ranges.add(range);
        }
    }

    private boolean isBehindNothing(int at, int iommu) {
        boolean nothing = iommus.stream().noneMatch(each -> each.offset() == iommu);
        if (nothing) {
            warnings.add(file.at(at) + String.format(": it names 0x%x as its IOMMU, where none is; left out", iommu));
        }
        return nothing;
    }
}
