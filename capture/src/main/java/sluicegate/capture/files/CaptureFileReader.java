package sluicegate.capture.files;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;
import sluicegate.capture.files.CaptureFile.Device;
import sluicegate.capture.files.CaptureFile.Group;
import sluicegate.capture.files.CaptureFile.Kind;
import sluicegate.firmware.FirmwareFile;
import sluicegate.firmware.MemoryRange;
import sluicegate.firmware.PciConfigImage;

/** Reads {@code capture.json}. Used once. */
final class CaptureFileReader {
    private static final int MAX_UNITS = 256;
    /** Of what a sentence quotes from the file. */
    private static final int SHORT = 40;

    private final FirmwareFile file;
    private final JsonText json;
    private final Map<Integer, Integer> linesOfGroups = new HashMap<>();
    private final Map<PciAddress, Integer> linesOfDevices = new HashMap<>();
    private Kind kind;
    private String kernel;
    private Optional<String> qemu = Optional.empty();
    private List<Long> units;
    private List<MemoryRange> ram = List.of();
    private List<Group> groups;
    private List<Device> devices;

    CaptureFileReader(FirmwareFile file) {
        this.file = file;
        this.json = new JsonText(file);
    }

    CaptureFile read() {
        try (json) {
            json.object(key -> {
                switch (key) {
                    case "iommu" -> kind = kind();
                    case "kernel" -> kernel = json.text();
                    case "qemu" -> qemu = optionalText();
                    case "units" -> units = json.list(json::number);
                    case "ram" -> ram = json.list(this::memory);
                    case "groups" -> groups = json.list(this::group);
                    case "devices" -> devices = json.list(this::device);
                    default -> json.skip();
                }
            });
            json.end();
        }
        require(kind, "iommu", 1);
        require(kernel, "kernel", 1);
        require(units, "units", 1);
        require(groups, "groups", 1);
        require(devices, "devices", 1);
        checkUnits();
        checkMembers();
        return new CaptureFile(file.path(), kind, kernel, qemu, units.stream().sorted(Long::compareUnsigned).toList(), ram,
                groups.stream().sorted(Comparator.comparingInt(Group::id)).toList(),
                devices.stream().sorted(Comparator.comparing(Device::address)).toList());
    }

    // ---- its parts

    private Kind kind() {
        var word = json.text();
        return Arrays.stream(Kind.values()).filter(one -> one.word().equals(word)).findFirst().orElseThrow(() ->
                json.malformed("'%s' is no kind of IOMMU: %s are known", quoted(word),
                        Arrays.stream(Kind.values()).map(Kind::word).collect(Collectors.joining(", "))));
    }

    private MemoryRange memory() {
        int line = json.line();
        var range = new Object() {
            Long base;
            Long size;
        };
        json.object(key -> {
            switch (key) {
                case "base" -> range.base = json.number();
                case "size" -> range.size = json.number();
                default -> json.skip();
            }
        });
        require(range.base, "base", line);
        require(range.size, "size", line);
        return valid(line, () -> new MemoryRange(range.base, range.size));
    }

    private Group group() {
        int line = json.line();
        var group = new Object() {
            Integer id;
            String type = "";
            List<PciAddress> members = List.of();
            List<ReservedRegion> reserved = List.of();
        };
        json.object(key -> {
            switch (key) {
                case "id" -> group.id = json.number(Integer.MAX_VALUE);
                case "type" -> group.type = json.text();
                case "devices" -> group.members = json.list(this::address);
                case "reserved" -> group.reserved = json.list(this::region);
                default -> json.skip();
            }
        });
        require(group.id, "id", line);
        var other = linesOfGroups.put(group.id, line);
        if (other != null) {
            throw Malformed.line(file, line, "group %d is there twice, the first time in line %d", group.id, other);
        }
        return new Group(group.id, group.type, group.members, group.reserved);
    }

    private ReservedRegion region() {
        int line = json.line();
        var region = new Object() {
            Long start;
            Long end;
            ReservedRegion.Type type;
        };
        json.object(key -> {
            switch (key) {
                case "start" -> region.start = json.number();
                case "end" -> region.end = json.number();
                case "type" -> region.type = regionType();
                default -> json.skip();
            }
        });
        require(region.start, "start", line);
        require(region.end, "end", line);
        require(region.type, "type", line);
        if (Long.compareUnsigned(region.end, region.start) < 0) {
            throw Malformed.line(file, line, "the region ends at %s, before its start at %s", Hex.of(region.end),
                    Hex.of(region.start));
        }
        int prot = switch (region.type) {
            case DIRECT, DIRECT_RELAXABLE -> Prot.READ | Prot.WRITE;
            case MSI, SW_MSI -> Prot.WRITE;
            case RESERVED -> 0;
        };
        return valid(line, () -> new ReservedRegion(region.start, region.end - region.start + 1, prot, region.type));
    }

    private ReservedRegion.Type regionType() {
        var word = json.text();
        return Arrays.stream(ReservedRegion.Type.values()).filter(type -> type.word().equals(word)).findFirst()
                .orElseThrow(() -> json.malformed("'%s' is no type of reserved region", quoted(word)));
    }

    private Device device() {
        int line = json.line();
        var device = new Object() {
            PciAddress address;
            byte[] config;
            OptionalInt group = OptionalInt.empty();
            Optional<String> driver = Optional.empty();
            Optional<String> path = Optional.empty();
            OptionalInt maskBits = OptionalInt.empty();
        };
        json.object(key -> {
            switch (key) {
                case "bdf" -> device.address = address();
                case "config" -> device.config = bytes();
                case "group" -> device.group = optionalNumber(Integer.MAX_VALUE);
                case "driver" -> device.driver = optionalText();
                case "path" -> device.path = optionalText();
                case "dma_mask_bits" -> device.maskBits = optionalNumber(Long.SIZE);
                default -> json.skip();
            }
        });
        require(device.address, "bdf", line);
        require(device.config, "config", line);
        var other = linesOfDevices.put(device.address, line);
        if (other != null) {
            throw Malformed.line(file, line, "%s is there twice, the first time in line %d", device.address, other);
        }
        var image = valid(line, () -> new PciConfigImage(device.address, "", device.config, file.path() + ", line " + line));
        return new Device(image, device.group, device.driver, device.path, device.maskBits);
    }

    private PciAddress address() {
        var text = json.text();
        return valid(json.line(), () -> PciAddress.parse(text));
    }

    private byte[] bytes() {
        var digits = json.text();
        try {
            return HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw json.malformed("'%s' are no bytes in hex: %s", quoted(digits), quoted(String.valueOf(e.getMessage())));
        }
    }

    private Optional<String> optionalText() {
        if (json.isNothing()) {
            json.skip();
            return Optional.empty();
        }
        return Optional.of(json.text());
    }

    private OptionalInt optionalNumber(int max) {
        if (json.isNothing()) {
            json.skip();
            return OptionalInt.empty();
        }
        return OptionalInt.of(json.number(max));
    }

    // ---- whether they fit

    private void checkUnits() {
        if (units.isEmpty() || units.size() > MAX_UNITS) {
            throw Malformed.line(file, 1, "'units' names %d units; a capture has 1 to %d", units.size(), MAX_UNITS);
        }
        if (units.stream().distinct().count() != units.size()) {
            throw Malformed.line(file, 1, "'units' names a unit twice");
        }
    }

    private void checkMembers() {
        var groupOf = new HashMap<PciAddress, Integer>();
        for (var group : groups) {
            for (var member : group.members()) {
                var other = groupOf.put(member, group.id());
                if (other != null) {
                    throw Malformed.line(file, linesOfGroups.get(group.id()), "%s is in group %d and in group %d", member, other,
                            group.id());
                }
                if (!linesOfDevices.containsKey(member)) {
                    throw Malformed.line(file, linesOfGroups.get(group.id()), "group %d has a member %s, which is not among the "
                            + "devices", group.id(), member);
                }
            }
        }
        for (var device : devices) {
            var group = groupOf.get(device.address());
            if (device.group().isPresent() ? group == null || group != device.group().getAsInt() : group != null) {
                throw Malformed.line(file, linesOfDevices.get(device.address()), "%s names %s, but the groups have it in %s",
                        device.address(), device.group().isPresent() ? "group " + device.group().getAsInt() : "no group",
                        group == null ? "none" : "group " + group);
            }
        }
    }

    private void require(Object value, String key, int line) {
        if (value == null) {
            throw Malformed.line(file, line, "the object that begins here has no '%s'", key);
        }
    }

    private <T> T valid(int line, Supplier<T> make) {
        try {
            return make.get();
        } catch (IommuException e) {
            throw e.errno() == Errno.EINVAL ? Malformed.line(file, line, "%s", e.getMessage()) : e;
        }
    }

    private static String quoted(String text) {
        return text.length() <= SHORT ? text : text.substring(0, SHORT) + "...";
    }
}
