package sluicegate.firmware;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Field;
import sluicegate.spec.pci.AcsCapability;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.PciePortType;
import sluicegate.spec.pci.SriovCapability;

/**
 * Reads what {@code lspci -vvv} prints, with or without {@code -nn}, {@code -D} and {@code -xxxx}, by root or not, and with
 * the first columns as mail programs leave them. Where bytes are there they count, and words only where bytes end.
 */
public final class LspciText {
    private static final Pattern QUOTED = Pattern.compile("^(?:(?:> ?)+|\\[ *[0-9]+\\.[0-9]+\\] )");
    private static final Pattern FUNCTION = Pattern.compile(
            "(?<address>(?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]) (?<text>.*)");
    private static final Pattern NUMERIC = Pattern.compile("(?<class>[0-9a-f]{4}): (?<vendor>[0-9a-f]{4}):(?<device>[0-9a-f]{4})\\b.*");
    private static final Pattern IDS = Pattern.compile("\\[([0-9a-f]{4}):([0-9a-f]{4})\\]");
    private static final Pattern CLASS = Pattern.compile("^[^:\\[]{2,60}\\[([0-9a-f]{4})\\]:");
    private static final Pattern INTERFACE = Pattern.compile("\\(prog-if ([0-9a-f]{2})\\b");
    private static final Pattern BUSES = Pattern.compile(
            "^Bus: primary=([0-9a-f]{2}), secondary=([0-9a-f]{2}), subordinate=([0-9a-f]{2})");
    private static final Pattern CAPABILITY = Pattern.compile("^Capabilities: \\[([0-9a-f]{2,3})(?: v[0-9])?\\] (.*)");
    private static final Pattern EXPRESS = Pattern.compile("^Express (?:\\(v[0-9]\\) )?([A-Za-z/ -]{6,40}?)(?: \\(Slot[+-]\\))?(?:, .*)?$");
    private static final Pattern ACS_BITS = Pattern.compile("^ACS(Cap|Ctl):\\s+SrcValid([+-]) TransBlk([+-]) ReqRedir([+-]) CmpltRedir([+-])"
            + " UpstreamFwd([+-]) EgressCtrl([+-]) DirectTrans([+-])");
    private static final Pattern PASID_WIDTH = Pattern.compile("^PASIDCap:.*Max PASID Width: ([0-9a-f]{2})");
    private static final Pattern VFS = Pattern.compile("Total VFs: ([0-9]{1,5}), Number of VFs: ([0-9]{1,5})");
    private static final Pattern VF_PLACES = Pattern.compile("^VF offset: ([0-9]{1,5}), stride: ([0-9]{1,5}), Device ID: ([0-9a-f]{4})");
    private static final Pattern BYTES = Pattern.compile("(?<offset>[0-9a-f]{2,3}):(?<bytes>(?: [0-9a-f]{2}){1,16})\\s*");
    private static final List<Field> ACS_ORDER = List.of(AcsCapability.SV, AcsCapability.TB, AcsCapability.RR, AcsCapability.CR,
            AcsCapability.UF, AcsCapability.EC, AcsCapability.DT);

    private static final int IOMMU_CLASS = 0x0806;
    /** Where AMD's IOMMUs have their capability, but for the oldest. */
    private static final int USUAL_PLACE = 0x40;
    private static final int USUAL_PLACE_OF_MSI = 0x64;
    private static final String SRIOV = "Single Root I/O Virtualization";

    private static final Map<String, PciePortType> PORTS = Map.of("Endpoint", PciePortType.ENDPOINT, "Legacy Endpoint",
            PciePortType.LEGACY_ENDPOINT, "Root Port", PciePortType.ROOT_PORT, "Upstream Port", PciePortType.UPSTREAM_PORT,
            "Downstream Port", PciePortType.DOWNSTREAM_PORT, "PCI-Express to PCI/PCI-X Bridge", PciePortType.PCIE_TO_PCI_BRIDGE,
            "PCI/PCI-X to PCI-Express Bridge", PciePortType.PCI_TO_PCIE_BRIDGE, "Root Complex Integrated Endpoint",
            PciePortType.INTEGRATED_ENDPOINT, "Root Complex Event Collector", PciePortType.EVENT_COLLECTOR);

    /** Classes whose names decide something, for sources without numbers. */
    private static final Map<String, Integer> CLASSES = Map.ofEntries(Map.entry("Host bridge", 0x0600), Map.entry("ISA bridge", 0x0601),
            Map.entry("PCI bridge", 0x0604), Map.entry("VGA compatible controller", 0x0300), Map.entry("3D controller", 0x0302),
            Map.entry("Display controller", 0x0380), Map.entry("USB controller", 0x0c03), Map.entry("IOMMU", 0x0806),
            Map.entry("SMBus", 0x0c05), Map.entry("SATA controller", 0x0106), Map.entry("Non-Volatile memory controller", 0x0108),
            Map.entry("RAID bus controller", 0x0104), Map.entry("Ethernet controller", 0x0200), Map.entry("Network controller", 0x0280),
            Map.entry("Audio device", 0x0403), Map.entry("Multimedia audio controller", 0x0401), Map.entry("Communication controller", 0x0780));
    private static final Map<String, Integer> VENDORS = Map.of("Intel Corporation", 0x8086, "Advanced Micro Devices, Inc. [AMD/ATI]", 0x1002,
            "Advanced Micro Devices, Inc. [AMD]", 0x1022, "Advanced Micro Devices", 0x1022, "NVIDIA Corporation", 0x10de);

    private final FirmwareFile file;
    private final List<Entry> entries = new ArrayList<>();
    private int withoutIds;
    private int withoutAccess;
    private int withoutAcsBits;

    private LspciText(FirmwareFile file) {
        this.file = file;
    }

    /** Whether a text is one that {@link #read} understands: a line in it begins a function. */
    public static boolean accepts(FirmwareFile file) {
        return file.text().lines().limit(1000).anyMatch(line -> FUNCTION.matcher(line.strip()).matches());
    }

    /**
     * Reads a text, also one quoted in a mail. Lines that say nothing about a function are passed over.
     *
     * @throws IommuException EINVAL with file and line if a function is there twice, bytes are malformed, or there is no
     *     function at all
     */
    public static PciSource read(FirmwareFile file) {
        return new LspciText(file).read();
    }

    /** One function's part of the text. */
    private static final class Entry {
        final PciAddress address;
        final int line;
        final String text;
        final PciConfigBuilder config;
        final byte[] bytes = new byte[ConfigHeader.EXTENDED_CONFIG_SPACE];
        int byteCount;
        final List<Capability> capabilities = new ArrayList<>();
        Optional<Matcher> buses = Optional.empty();
        boolean masters;
        boolean denied;

        Entry(PciAddress address, int line, String text) {
            this.address = address;
            this.line = line;
            this.text = text;
            this.config = new PciConfigBuilder(address);
        }
    }

    /** One capability with the lines below it. */
    private record Capability(int at, String name, List<String> lines) {
        Optional<Matcher> find(Pattern pattern) {
            return lines.stream().map(pattern::matcher).filter(Matcher::find).findFirst();
        }

        boolean has(String start) {
            return lines.stream().anyMatch(line -> line.startsWith(start));
        }
    }

    /** Without what mail and logs put in front of each line. */
    private static String unquoted(String line) {
        return line.startsWith(">") || line.startsWith("[") ? QUOTED.matcher(line).replaceFirst("") : line;
    }

    private PciSource read() {
        int number = 0;
        var seen = new HashMap<PciAddress, Integer>();
        for (var said : (Iterable<String>) file.text().lines()::iterator) {
            var line = unquoted(said);
            number++;
            var begin = FUNCTION.matcher(line);
            if (begin.matches()) {
                var entry = begin(number, begin);
                var earlier = seen.put(entry.address, number);
                if (earlier != null) {
                    throw file.malformedLine(number, "%s is there twice, the first time in line %d", entry.address, earlier);
                }
                entries.add(entry);
            } else if (!entries.isEmpty()) {
                detail(entries.get(entries.size() - 1), number, line);
            }
        }
        if (entries.isEmpty()) {
            throw file.malformedLine(1, "there is no PCI function in this file: it should be what lspci -vvv prints");
        }
        // Text does not show bit 7 of the header type. Virtual functions share slots without sharing a device.
        var virtual = virtualFunctions();
        var slots = new TreeMap<PciAddress, Integer>();
        entries.stream().filter(entry -> !virtual.contains(entry.address)).forEach(entry -> slots.merge(slot(entry.address), 1, Integer::sum));
        var images = entries.stream().map(entry -> image(entry, !virtual.contains(entry.address) && slots.get(slot(entry.address)) > 1)).toList();
        return new PciSource(images, lacks());
    }

    private Set<PciAddress> virtualFunctions() {
        var virtual = new HashSet<PciAddress>();
        for (var entry : entries) {
            for (var capability : entry.capabilities) {
                var count = capability.find(VFS);
                var places = capability.find(VF_PLACES);
                if (capability.name().startsWith(SRIOV) && enabled(capability) && count.isPresent() && places.isPresent()) {
                    int number = Math.min(Integer.parseInt(count.get().group(2)), 0x10000);
                    for (int i = 0; i < number; i++) {
                        int id = SriovCapability.requesterIdOfVf(entry.address.requesterId(), Integer.parseInt(places.get().group(1)),
                                Integer.parseInt(places.get().group(2)), i);
                        if (id >>> 16 == 0) {
                            virtual.add(PciAddress.of(entry.address.segment(), id));
                        }
                    }
                }
            }
        }
        return virtual;
    }

    private static boolean enabled(Capability capability) {
        return capability.lines().stream().anyMatch(line -> line.startsWith("IOVCtl:") && line.contains("Enable+"));
    }

    private static PciAddress slot(PciAddress address) {
        return new PciAddress(address.segment(), address.bus(), address.device(), 0);
    }

    private Entry begin(int number, Matcher begin) {
        try {
            return new Entry(PciAddress.parse(begin.group("address")), number, begin.group("text"));
        } catch (IommuException e) {
            throw file.malformedLine(number, "%s", e.getMessage());
        }
    }

    private void detail(Entry entry, int number, String raw) {
        var line = raw.strip();
        var bytes = BYTES.matcher(raw);
        if (bytes.matches()) {
            bytes(entry, number, bytes);
            return;
        }
        var capability = CAPABILITY.matcher(line);
        if (capability.find()) {
            entry.capabilities.add(new Capability(Integer.parseInt(capability.group(1), 16), capability.group(2), new ArrayList<>()));
        } else if (line.startsWith("Capabilities: <access denied>")) {
            entry.denied = true;
        } else if (line.startsWith("Bus: ")) {
            entry.buses = Optional.of(BUSES.matcher(line)).filter(Matcher::find);
        } else if (line.startsWith("Control: ")) {
            entry.masters = line.contains("BusMaster+");
        } else if (!entry.capabilities.isEmpty()) {
            entry.capabilities.get(entry.capabilities.size() - 1).lines().add(line);
        }
    }

    /** Rows come in order, the first at 0; what is not in order ends what counts. */
    private void bytes(Entry entry, int number, Matcher row) {
        int at = Integer.parseInt(row.group("offset"), 16);
        var bytes = row.group("bytes").strip().split(" ");
        if (at % 16 != 0 || at + bytes.length > entry.bytes.length) {
            throw file.malformedLine(number, "%d bytes at 0x%x: a row has 16 and begins at a multiple of 16", bytes.length, at);
        }
        if (at == entry.byteCount) {
            for (var text : bytes) {
                entry.bytes[entry.byteCount++] = (byte) Integer.parseInt(text, 16);
            }
        }
    }

    private PciConfigImage image(Entry entry, boolean sharesSlot) {
        var config = entry.config;
        if (entry.byteCount >= ConfigHeader.SIZE) {
            // A row at 0x40 that is cut short would end a capability in the middle.
            int whole = entry.byteCount >= ConfigHeader.EXTENDED_CONFIG_SPACE ? ConfigHeader.EXTENDED_CONFIG_SPACE
                    : entry.byteCount >= ConfigHeader.CONFIG_SPACE ? ConfigHeader.CONFIG_SPACE : ConfigHeader.SIZE;
            config.bytes(Arrays.copyOf(entry.bytes, whole));
        }
        header(entry, sharesSlot);
        if (entry.denied && config.real() < ConfigHeader.CONFIG_SPACE) {
            withoutAccess++;
        }
        entry.capabilities.forEach(capability -> capability(entry, capability));
        if (classOf(entry.text) >>> 8 == IOMMU_CLASS) {
            config.secureDevice(entry.capabilities.stream().filter(capability -> capability.name().startsWith("Secure device"))
                    .mapToInt(Capability::at).findFirst().orElse(USUAL_PLACE));
            config.msi(entry.capabilities.stream().filter(capability -> capability.name().startsWith("MSI:")).mapToInt(Capability::at).findFirst()
                    .orElse(USUAL_PLACE_OF_MSI));
        }
        return config.build(entry.text, file.line(entry.line));
    }

    private void header(Entry entry, boolean sharesSlot) {
        var config = entry.config;
        var numeric = NUMERIC.matcher(entry.text);
        if (numeric.matches()) {
            config.ids(hex(numeric, "vendor"), hex(numeric, "device")).classCode(hex(numeric, "class") << 8);
        } else {
            var ids = IDS.matcher(entry.text);
            if (ids.find()) {
                config.ids(Integer.parseInt(ids.group(1), 16), Integer.parseInt(ids.group(2), 16));
            } else {
                config.ids(vendor(entry.text), ConfigHeader.NO_VENDOR);
                withoutIds += config.real() == 0 ? 1 : 0;
            }
            config.classCode(classOf(entry.text));
        }
        entry.buses.ifPresent(m -> config.bridge(hex(m, 1), hex(m, 2), hex(m, 3)));
        if (sharesSlot) {
            config.multifunction();
        }
        if (entry.masters) {
            config.masters();
        }
    }

    private static int classOf(String text) {
        var number = CLASS.matcher(text);
        int code = number.find() ? Integer.parseInt(number.group(1), 16) << 8
                : CLASSES.getOrDefault(text.split(":", 2)[0].strip(), 0xff00) << 8;
        var programming = INTERFACE.matcher(text);
        return programming.find() ? code | Integer.parseInt(programming.group(1), 16) : code;
    }

    private static int vendor(String text) {
        var words = text.split(": ", 2);
        return words.length < 2 ? ConfigHeader.NO_VENDOR - 1 : VENDORS.entrySet().stream().filter(v -> words[1].startsWith(v.getKey()))
                .max(java.util.Comparator.comparingInt(v -> v.getKey().length())).map(Map.Entry::getValue).orElse(ConfigHeader.NO_VENDOR - 1);
    }

    private void capability(Entry entry, Capability capability) {
        var config = entry.config;
        var express = EXPRESS.matcher(capability.name());
        if (express.matches()) {
            Optional.ofNullable(PORTS.get(express.group(1).strip())).ifPresent(type -> config.pcie(capability.at(), type));
        } else if (capability.name().startsWith("Access Control Services")) {
            acs(config, capability);
        } else if (capability.name().startsWith("Address Translation Service")) {
            config.ats(capability.at(), capability.has("ATSCtl: Enable+") || capability.has("ATSCtl:\tEnable+"));
        } else if (capability.name().startsWith("Page Request Interface")) {
            config.pri(capability.at());
        } else if (capability.name().startsWith("Process Address Space ID")) {
            config.pasid(capability.at(), capability.find(PASID_WIDTH).map(m -> hex(m, 1)).orElse(0));
        } else if (capability.name().startsWith(SRIOV)) {
            var count = capability.find(VFS);
            var places = capability.find(VF_PLACES);
            config.sriov(capability.at(), enabled(capability),
                    count.map(m -> Integer.parseInt(m.group(1))).orElse(0), count.map(m -> Integer.parseInt(m.group(2))).orElse(0),
                    places.map(m -> Integer.parseInt(m.group(1))).orElse(0), places.map(m -> Integer.parseInt(m.group(2))).orElse(0),
                    places.map(m -> hex(m, 3)).orElse(0));
        }
    }

    private void acs(PciConfigBuilder config, Capability capability) {
        int offered = -1;
        int enforced = 0;
        for (var line : capability.lines()) {
            var bits = ACS_BITS.matcher(line);
            if (bits.find()) {
                if (bits.group(1).equals("Cap")) {
                    offered = acsBits(bits);
                } else {
                    enforced = acsBits(bits);
                }
            }
        }
        if (offered < 0) {
            withoutAcsBits++;
            offered = (int) AcsCapability.ISOLATION;
            enforced = offered;
        }
        config.acs(capability.at(), offered, enforced);
    }

    private static int acsBits(Matcher bits) {
        long value = 0;
        for (int i = 0; i < ACS_ORDER.size(); i++) {
            value = ACS_ORDER.get(i).set(value, bits.group(i + 2).equals("+") ? 1 : 0);
        }
        return (int) value;
    }

    private List<String> lacks() {
        var lacks = new ArrayList<String>();
        if (withoutAccess > 0) {
            lacks.add(String.format("%s: the capabilities of %d functions could not be read: port types and ACS are not known, so their groups"
                    + " are a guess at the worst. Run lspci as root", file.path(), withoutAccess));
        }
        if (withoutIds > 0) {
            lacks.add(String.format("%s: %d functions have names and no ids: devices with behaviour of their own (ACS without the capability,"
                    + " wrong requester ids) cannot be recognized. Use lspci -nnvvv", file.path(), withoutIds));
        }
        if (withoutAcsBits > 0) {
            lacks.add(String.format("%s: ACS of %d functions is there and its bits are not: taken as complete. Use lspci -vvv", file.path(),
                    withoutAcsBits));
        }
        if (entries.stream().allMatch(entry -> entry.capabilities.isEmpty() && !entry.denied && entry.byteCount < ConfigHeader.CONFIG_SPACE)) {
            lacks.add(file.path() + ": it lists no capabilities, so every function counts as conventional PCI, without ACS. Use lspci -vvv as"
                    + " root");
        }
        return lacks;
    }

    private static int hex(Matcher matcher, String group) {
        return Integer.parseInt(matcher.group(group), 16);
    }

    private static int hex(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group), 16);
    }
}
