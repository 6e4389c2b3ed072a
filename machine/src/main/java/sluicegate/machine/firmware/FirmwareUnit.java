package sluicegate.machine.firmware;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Hex;
import sluicegate.firmware.DeviceTreeIommus;
import sluicegate.firmware.Iort;
import sluicegate.firmware.IortPaths;
import sluicegate.firmware.Ivrs;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.IvrsDevices;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.UnitDescription;
import sluicegate.firmware.UnitDescription.Amdvi;
import sluicegate.firmware.UnitDescription.Smmuv3;
import sluicegate.firmware.UnitDescription.Vtd;
import sluicegate.machine.unit.UnitPlace;

/**
 * What a machine's firmware tells of one of its units, in the terms of {@link sluicegate.api.platform.IommuUnit}. Immutable.
 *
 * <p>Properties: {@code numa-node}; of a VT-d unit {@code atc-required} (requester ids of devices that do not work without a cache of
 * translations, such as {@code 0x0010, 0x0058}); of an SMMUv3 {@code coherent-walk} ({@code yes} if firmware says so, whatever the registers
 * say) and {@code interrupts} (its wired interrupts, such as {@code eventq 106, gerror 109}); of an AMD IOMMU
 * {@code pci-function} (the function that it is, such as {@code 0000:00:00.2}), {@code capability-offset} (of its capability
 * there), {@code ivhd-flags} ({@link sluicegate.spec.acpi.Ivhd#FLAG_BITS}), {@code last-device-id} (the highest requester id
 * that firmware names; its device table has to reach so far), {@code special-device-settings} (what the device table entries of I/O
 * APICs and HPETs get, which are on no bus, as {@link sluicegate.spec.acpi.IvhdEntry#DTE_BITS} by requester id, such as
 * {@code 0x00a0=0xd7, 0x0108=0x10}; those of 0 are left out), and {@code extended-features} and {@code extended-features-2}
 * where the table tells these registers.
 */
public final class FirmwareUnit {
    private static final int LAST_REQUESTER_ID = 0xffff;

    private final MachineDescription described;
    private final UnitDescription unit;
    private final SegmentBase segments;

    public FirmwareUnit(MachineDescription described, UnitDescription unit, SegmentBase segments) {
        this.described = described;
        this.unit = unit;
        this.segments = segments;
    }

    /** Where it is. @param regions what firmware says of memory that devices behind it need */
    public UnitPlace place(Machine machine, List<FirmwareRegion> regions) {
        return new UnitPlace(machine, unit.name(), unit.base(), segment(), properties(), regions);
    }

    /** What drivers look for. */
    public String compatible() {
        return unit instanceof Vtd ? "intel,vtd" : unit instanceof Amdvi ? "amd,iommu" : "arm,smmu-v3";
    }

    /** The PCI segment whose devices it serves, on the platform: the first, if there are several. */
    public int segment() {
        if (unit instanceof Vtd vtd) {
            return segments.onPlatform(vtd.drhd().segment());
        }
        if (unit instanceof Amdvi amdvi) {
            return segments.onPlatform(amdvi.ivhd().segment());
        }
        return segments.onPlatform(described.iort().map(this::segments).orElseGet(() ->
                described.deviceTree().map(this::segments).orElseGet(IntStream::empty)).min().orElse(0));
    }

    private IntStream segments(Iort table) {
        return table.nodes(Iort.SmmuV3.class).stream().filter(node -> node.base() == unit.base())
                .flatMap(new IortPaths(table)::behind).filter(Iort.RootComplex.class::isInstance)
                .mapToInt(root -> (int) ((Iort.RootComplex) root).segment());
    }

    private IntStream segments(DeviceTreeIommus tree) {
        return tree.pciHosts().stream().filter(host -> host.node().enabled() && host.map().stream()
                .anyMatch(entry -> entry.unit().registers().stream().anyMatch(range -> range.start() == unit.base())))
                .mapToInt(DeviceTreeIommus.PciHost::segment);
    }

    /** Further facts. */
    public Map<String, String> properties() {
        var properties = new LinkedHashMap<String, String>();
        if (unit instanceof Vtd vtd) {
            described.dmar().flatMap(dmar -> dmar.proximityDomain(vtd.drhd()))
                    .ifPresent(node -> properties.put("numa-node", Integer.toString(node)));
            var required = described.dmarScopes().map(scopes -> atcRequired(scopes, vtd)).orElse("");
            if (!required.isEmpty()) {
                properties.put("atc-required", required);
            }
        } else if (unit instanceof Smmuv3 smmu) {
            smmu.numaNode().ifPresent(node -> properties.put("numa-node", Long.toString(node)));
            if (smmu.coherent()) {
                properties.put("coherent-walk", "yes");
            }
            var lines = lines(smmu.interrupts());
            if (!lines.isEmpty()) {
                properties.put("interrupts", lines);
            }
        } else if (unit instanceof Amdvi amdvi) {
            var ivhd = amdvi.ivhd();
            properties.put("pci-function", PciAddress.of(segments.onPlatform(ivhd.segment()), ivhd.deviceId()).toString());
            properties.put("capability-offset", Hex.of(ivhd.capabilityOffset()));
            properties.put("ivhd-flags", Hex.of(ivhd.flags()));
            properties.put("last-device-id", Hex.of(lastDeviceId(amdvi)));
            var settings = specialSettings(amdvi);
            if (!settings.isEmpty()) {
                properties.put("special-device-settings", settings);
            }
            ivhd.features().ifPresent(features -> {
                properties.put("extended-features", Hex.of(features.extended()));
                properties.put("extended-features-2", Hex.of(features.extended2()));
            });
        }
        return properties;
    }

    private static String atcRequired(DmarScopes scopes, Vtd vtd) {
        return scopes.atcRequired().stream().filter(function -> scopes.unitOf(function).filter(vtd.drhd()::equals).isPresent())
                .map(PciAddress::requesterId).sorted().map(id -> String.format("0x%04x", id)).collect(Collectors.joining(", "));
    }

    private static int lastDeviceId(Amdvi amdvi) {
        return IntStream.rangeClosed(0, LAST_REQUESTER_ID).map(i -> LAST_REQUESTER_ID - i)
                .filter(id -> amdvi.ivhd().entries().stream().anyMatch(entry -> entry.contains(id))).findFirst().orElse(0);
    }

    private String specialSettings(Amdvi amdvi) {
        var devices = described.ivrs().map(IvrsDevices::new);
        return amdvi.ivhd().entries().stream().filter(Ivrs.Special.class::isInstance)
                .map(entry -> ((Ivrs.Special) entry).deviceId()).distinct().sorted()
                .map(id -> Map.entry(id, devices.map(table -> table.settingOf(amdvi.ivhd().segment(), id)).orElse(0)))
                .filter(setting -> setting.getValue() != 0)
                .map(setting -> String.format("0x%04x=0x%02x", setting.getKey(), setting.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String lines(Smmuv3.Interrupts interrupts) {
        var lines = new StringJoiner(", ");
        add(lines, "eventq", interrupts.event());
        add(lines, "priq", interrupts.pri());
        add(lines, "gerror", interrupts.gerror());
        add(lines, "cmdq-sync", interrupts.sync());
        return lines.toString();
    }

    private static void add(StringJoiner lines, String name, Optional<Long> number) {
        number.ifPresent(line -> lines.add(name + " " + line));
    }
}
