package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.firmware.DeviceScope.Hop;
import sluicegate.firmware.DeviceScope.Kind;
import sluicegate.spec.acpi.DeviceScopeType;

/** Reads the device scopes at the end of a DMAR structure (VT-d 8.3.1). */
final class ScopeParser {
    private final FirmwareFile file;
    private final byte[] data;
    private final List<String> warnings;

    ScopeParser(FirmwareFile file, byte[] data, List<String> warnings) {
        this.file = file;
        this.data = data;
        this.warnings = warnings;
    }

    /** All scopes in {@code [from, to)}, the rest of a structure. */
    List<DeviceScope> parse(int from, int to) {
        var scopes = new ArrayList<DeviceScope>();
        for (int at = from; at < to; ) {
            int length = checkedLength(at, to);
            parseOne(at, length).ifPresent(scopes::add);
            at += length;
        }
        return scopes;
    }

    private int checkedLength(int at, int to) {
        int head = sluicegate.spec.acpi.DeviceScope.SIZE;
        if (to - at < head) {
            throw file.malformed(at, "the structure ends after %d bytes of a device scope's head of %d", to - at, head);
        }
        int length = (int) sluicegate.spec.acpi.DeviceScope.LENGTH.get(data, at);
        if (length < head) {
            throw file.malformed(at, "the device scope has a length of %d, less than its head of %d bytes", length, head);
        }
        if (length > to - at) {
            throw file.malformed(at, "the device scope of %d bytes passes the end of its structure at 0x%x", length, to);
        }
        return length;
    }

    private Optional<DeviceScope> parseOne(int at, int length) {
        int code = (int) sluicegate.spec.acpi.DeviceScope.TYPE.get(data, at);
        var type = DeviceScopeType.of(code);
        if (type.isEmpty()) {
            warnings.add(file.at(at) + ": device scope of unknown type " + code + ", left out");
            return Optional.empty();
        }
        return Optional.of(new DeviceScope(at, kind(type.get()),
                (int) sluicegate.spec.acpi.DeviceScope.FLAGS.get(data, at),
                (int) sluicegate.spec.acpi.DeviceScope.ENUMERATION_ID.get(data, at),
                (int) sluicegate.spec.acpi.DeviceScope.START_BUS.get(data, at), path(at, length)));
    }

    private List<Hop> path(int at, int length) {
        int bytes = length - sluicegate.spec.acpi.DeviceScope.SIZE;
        if (bytes == 0 || bytes % sluicegate.spec.acpi.DeviceScope.STEP != 0) {
            throw file.malformed(at, "the device scope has a path of %d bytes instead of %d for each hop, at least one",
                    bytes, sluicegate.spec.acpi.DeviceScope.STEP);
        }
        var path = new ArrayList<Hop>();
        for (int i = 0; i < sluicegate.spec.acpi.DeviceScope.steps(length); i++) {
            int step = at + sluicegate.spec.acpi.DeviceScope.SIZE + i * sluicegate.spec.acpi.DeviceScope.STEP;
            int device = (int) sluicegate.spec.acpi.DeviceScope.STEP_DEVICE.get(data, step);
            int function = (int) sluicegate.spec.acpi.DeviceScope.STEP_FUNCTION.get(data, step);
            if (device > 0x1f || function > 7) {
                throw file.malformed(step, "the device scope's path has device 0x%02x, function %d; there are 0x1f and 7 at most",
                        device, function);
            }
            path.add(new Hop(device, function));
        }
        return path;
    }

    private static Kind kind(DeviceScopeType type) {
        return switch (type) {
            case PCI_ENDPOINT -> Kind.PCI_ENDPOINT;
            case PCI_SUB_HIERARCHY -> Kind.PCI_SUB_HIERARCHY;
            case IO_APIC -> Kind.IOAPIC;
            case HPET -> Kind.MSI_CAPABLE_HPET;
            case ACPI_DEVICE -> Kind.ACPI_NAMESPACE_DEVICE;
        };
    }
}
