package sluicegate.core.impl.pci;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PciFunction.PcieType;

/**
 * Functions that isolate, or do not, whatever their ACS capability says, because their vendors said so ({@code
 * pci_dev_acs_enabled} in {@code drivers/pci/quirks.c}). Ports of Sunrise Point chipsets are not here: their control register is
 * at another place, which the machine knows.
 */
final class AcsQuirks {
    private static final int INTEL = 0x8086;
    private static final int ATI = 0x1002;
    private static final int AMD = 0x1022;

    /** Endpoints whose vendors verified that functions do not reach each other ({@code pci_quirk_mf_endpoint_acs}). */
    private static final Map<Integer, int[]> FUNCTIONS_APART = Map.of(
            0x1924, sorted(0x0903, 0x0923, 0x0a03), // Solarflare
            INTEL, sorted(
                    // 82598, 82599, X540, X550
                    0x10c6, 0x10db, 0x10dd, 0x10e1, 0x10f1, 0x10f7, 0x10f8, 0x10f9, 0x10fa, 0x10fb, 0x10fc, 0x1507, 0x1514,
                    0x151c, 0x1529, 0x152a, 0x154d, 0x154f, 0x1551, 0x1558,
                    // 82580
                    0x1509, 0x150e, 0x150f, 0x1510, 0x1511, 0x1516, 0x1527,
                    // 82576
                    0x10c9, 0x10e6, 0x10e7, 0x10e8, 0x150a, 0x150d, 0x1518, 0x1526,
                    // 82575, I350, 82571 without the quads, I219
                    0x10a7, 0x10a9, 0x10d6, 0x1521, 0x1522, 0x1523, 0x1524, 0x105e, 0x105f, 0x1060, 0x10d9, 0x15b7, 0x15b8),
            0x19a2, sorted(0x0710), // Emulex BE3-R
            0x10df, sorted(0x0720), // Emulex Skyhawk-R
            0x177d, sorted(0xa026, 0xa059, 0xa060), // Cavium
            0x14e4, sorted(0x16d7, 0x1750, 0x1751, 0x1752, 0x1760, 0x1761, 0x1762, 0x1763), // Broadcom
            0x1d17, sorted(0x3038, 0x3104, 0x9083), // Zhaoxin
            0x8088, sorted(IntStream.concat(IntStream.rangeClosed(0x0100, 0x010f), // Wangxun
                    IntStream.of(0x1001, 0x2001, 0x5010, 0x5025, 0x5040, 0x5110, 0x5125, 0x5140)).toArray()));

    /** Ports without the capability that behave as if they had it and all of it were on. */
    private static final Map<Integer, int[]> PORTS_APART = Map.of(
            0x17cb, sorted(0x0400, 0x0401, 0x0115), // Qualcomm
            0x1dbf, sorted(0x0401), // HXT
            0x10e8, sorted(0xe004), // APM X-Gene
            0x1def, sorted(0xe005, 0xe006, 0xe007, 0xe008, 0xe009, 0xe00a, 0xe00b, 0xe00c), // Ampere
            0x14e4, sorted(0xd714), // Broadcom
            0x0014, sorted(0x3c09, 0x3c19, 0x3c29, 0x7a09, 0x7a19, 0x7a29, 0x7a39, 0x7a49, 0x7a59, 0x7a69), // Loongson
            0x1957, sorted(0x8d80, 0x8d81, 0x8d82, 0x8d83, 0x8d88, 0x8d89, 0x8d8a, 0x8d8b, 0x8d90, 0x8d91, 0x8d92, 0x8d93,
                    0x8d98, 0x8d99, 0x8d9a, 0x8d9b, 0x8da0, 0x8da1, 0x8da8, 0x8da9, 0x8db0, 0x8db1, 0x8db8, 0x8db9)); // NXP

    private static final Map<Integer, String> PORT_SOURCES = Map.of(0x17cb, "pci_quirk_qcom_rp_acs", 0x1dbf, "pci_quirk_qcom_rp_acs",
            0x10e8, "pci_quirk_xgene_acs", 0x1def, "pci_quirk_xgene_acs", 0x14e4, "pci_quirk_brcm_acs", 0x0014, "pci_quirk_loongson_acs",
            0x1957, "pci_quirk_nxp_rp_acs");

    /**
     * Root ports of Intel chipsets before Sunrise Point ({@code pci_quirk_intel_pch_acs_ids}). The kernel switches isolation on in
     * registers of the chipset, which no machine here has; they count as switched on.
     */
    private static final int[] INTEL_CHIPSET_PORTS = Stream.of(
            IntStream.rangeClosed(0x3b42, 0x3b51), // Ibex Peak
            IntStream.rangeClosed(0x1c10, 0x1c1f), // Cougar Point
            IntStream.rangeClosed(0x1e10, 0x1e1f), // Panther Point
            IntStream.rangeClosed(0x8c10, 0x8c1f), // Lynx Point-H
            IntStream.rangeClosed(0x9c10, 0x9c1b), // Lynx Point-LP
            IntStream.rangeClosed(0x9c90, 0x9c9b), // Wildcat Point
            IntStream.iterate(0x1d10, id -> id <= 0x1d1e, id -> id + 2), // Patsburg
            IntStream.rangeClosed(0x8d10, 0x8d1e), // Wellsburg
            IntStream.iterate(0x8c90, id -> id <= 0x8c9e, id -> id + 2)) // Lynx Point, 9 series
            .flatMapToInt(range -> range).sorted().toArray();

    private static final Map<Integer, int[]> AMD_SOUTHBRIDGES = Map.of(
            ATI, sorted(0x4383, 0x4384, 0x4385, 0x4399, 0x439c, 0x439d), AMD, sorted(0x7809, 0x780f));

    private AcsQuirks() {}

    /**
     * What is known of a function.
     *
     * @param source the function in {@code drivers/pci/quirks.c} that says so
     */
    record Word(boolean isolates, String source) {}

    /** Whether {@code function} isolates; empty if the general rules decide. */
    static Optional<Word> isolates(PciFunction function) {
        if (in(AMD_SOUTHBRIDGES, function) && inFrontOfAmdIommu(function)) {
            return Optional.of(new Word(true, "pci_quirk_amd_sb_acs"));
        }
        if (in(FUNCTIONS_APART, function)) {
            return Optional.of(new Word(true, function.vendorId() == 0x8088 ? "pci_quirk_wangxun_nic_acs" : "pci_quirk_mf_endpoint_acs"));
        }
        if (in(PORTS_APART, function)) {
            return Optional.of(new Word(true, PORT_SOURCES.get(function.vendorId())));
        }
        return switch (function.vendorId()) {
            // VT-d 3.16: integrated endpoints may reach each other with translated addresses only.
            case INTEL -> yesIf(function, f -> is(f, PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT), "pci_quirk_rciep_acs")
                    .or(() -> yesIf(function, f -> is(f, PcieType.ROOT_PORT) && in(INTEL_CHIPSET_PORTS, f.deviceId()),
                            "pci_quirk_intel_pch_acs"));
            case 0x177d -> yesIf(function, f -> is(f, PcieType.ROOT_PORT) && cavium(f.deviceId()), "pci_quirk_cavium_acs");
            case 0x1c36 -> yesIf(function, f -> is(f, PcieType.ROOT_PORT) && f.deviceId() == 0x0031, // Annapurna Labs
                    "pci_quirk_al_acs");
            // Of these the kernel says no where it does not say yes.
            case 0x1d17 -> is(function, PcieType.ROOT_PORT) || is(function, PcieType.DOWNSTREAM_PORT)
                    ? Optional.of(new Word(zhaoxin(function.deviceId()), "pci_quirk_zhaoxin_pcie_ports_acs")) : Optional.empty();
            case 0x8088 -> Optional.of(new Word(false, "pci_quirk_wangxun_nic_acs"));
            default -> Optional.empty();
        };
    }

    /** These do not support peer-to-peer where there is an AMD IOMMU ({@code pci_quirk_amd_sb_acs}). */
    private static boolean inFrontOfAmdIommu(PciFunction function) {
        return AcsPath.multifunction(function) && function.upstreamBridge().isEmpty() && function.bus().machine().units().stream()
                .anyMatch(unit -> unit.compatible().startsWith("amd,"));
    }

    private static boolean cavium(int id) {
        return id >= 0xa000 && id <= 0xa7ff || id == 0xaf84 || id == 0xb884;
    }

    private static boolean zhaoxin(int id) {
        return id >= 0x0710 && id <= 0x071e || id == 0x0721 || id >= 0x0723 && id <= 0x0752;
    }

    private static Optional<Word> yesIf(PciFunction function, Predicate<PciFunction> rule, String source) {
        return rule.test(function) ? Optional.of(new Word(true, source)) : Optional.empty();
    }

    private static boolean is(PciFunction function, PcieType type) {
        return function.pcieType() == type;
    }

    private static boolean in(Map<Integer, int[]> table, PciFunction function) {
        var ids = table.get(function.vendorId());
        return ids != null && in(ids, function.deviceId());
    }

    private static boolean in(int[] ids, int id) {
        return Arrays.binarySearch(ids, id) >= 0;
    }

    private static int[] sorted(int... ids) {
        return Arrays.stream(ids).sorted().toArray();
    }
}
