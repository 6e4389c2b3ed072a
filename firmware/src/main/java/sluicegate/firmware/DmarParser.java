package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import sluicegate.api.types.Hex;
import sluicegate.spec.acpi.Andd;
import sluicegate.spec.acpi.Atsr;
import sluicegate.spec.acpi.DmarStructure;
import sluicegate.spec.acpi.DmarStructureType;
import sluicegate.spec.acpi.DmarTable;
import sluicegate.spec.acpi.Drhd;
import sluicegate.spec.acpi.Rhsa;
import sluicegate.spec.acpi.Rmrr;
import sluicegate.spec.acpi.Satc;
import sluicegate.spec.acpi.Sidp;

/** Reads one DMAR table: walks its structures as {@code dmar_walk_remapping_entries} does and checks each. Used once. */
final class DmarParser {
    private static final int PAGE = 4096;
    /** An address has to have more bits than an offset in a page; the kernel refuses such a table too. */
    private static final int LEAST_ADDRESS_WIDTH = 13;

    /** As many as the kernel supports ({@code DMAR_UNITS_SUPPORTED}). */
    private static final int MOST_UNITS = 1024;

    private final FirmwareFile file;
    private final byte[] data;
    private final ScopeParser scopes;
    private final List<String> warnings = new ArrayList<>();
    private final List<Dmar.Drhd> units = new ArrayList<>();
    private final List<Dmar.Rmrr> reservedMemory = new ArrayList<>();
    private final List<Dmar.Atsr> rootPortAts = new ArrayList<>();
    private final List<Dmar.Rhsa> affinities = new ArrayList<>();
    private final List<Dmar.Andd> namespaceDevices = new ArrayList<>();
    private final List<Dmar.Satc> socAtc = new ArrayList<>();
    private final List<Dmar.Sidp> socProperties = new ArrayList<>();

    /** A unit is where none can be ({@code dmar_validate_one_drhd}). */
    private boolean broken;

    DmarParser(AcpiTable table) {
        file = table.file();
        data = file.bytes();
        scopes = new ScopeParser(file, data, warnings);
    }

    Dmar parse() {
        if (data.length < DmarTable.SIZE) {
            throw file.malformed(data.length, "the table ends after %d bytes, within its fixed part of %d bytes",
                    data.length, DmarTable.SIZE);
        }
        int width = (int) DmarTable.HOST_ADDRESS_WIDTH.get(data, 0) + 1;
        if (width < LEAST_ADDRESS_WIDTH || width > Long.SIZE) {
            throw file.malformed(DmarTable.HOST_ADDRESS_WIDTH.offset(),
                    "the host address width is %d bits; it has to be between %d and %d", width, LEAST_ADDRESS_WIDTH, Long.SIZE);
        }
        for (int at = DmarTable.SIZE; at < data.length; ) {
            int length = structureLength(at);
            structure(at, length);
            at += length;
        }
        checkReferences();
        long flags = DmarTable.FLAGS.get(data, 0);
        return new Dmar(file.path(), width, DmarTable.INTR_REMAP.isSet(flags), DmarTable.X2APIC_OPT_OUT.isSet(flags),
                DmarTable.DMA_CTRL_PLATFORM_OPT_IN.isSet(flags), broken ? List.of() : units, reservedMemory, rootPortAts, affinities,
                namespaceDevices, socAtc, socProperties, warnings);
    }

    private int structureLength(int at) {
        int rest = data.length - at;
        if (rest < DmarStructure.SIZE) {
            throw file.malformed(at, "the table ends after %d bytes of a structure's head of %d", rest, DmarStructure.SIZE);
        }
        int length = (int) DmarStructure.LENGTH.get(data, at);
        if (length < DmarStructure.SIZE) {
            throw file.malformed(at, "the structure has a length of %d, less than its head of %d bytes",
                    length, DmarStructure.SIZE);
        }
        if (length > rest) {
            throw file.malformed(at, "the structure of %d bytes passes the end of the table at 0x%x", length, data.length);
        }
        return length;
    }

    private void structure(int at, int length) {
        int code = (int) DmarStructure.TYPE.get(data, at);
        var type = DmarStructureType.of(code);
        if (type.isEmpty()) {
            warn(at, "structure of unknown type %d, left out", code);
            return;
        }
        int fixed = fixedSize(type.get());
        if (length < fixed) {
            throw file.malformed(at, "the %s structure has %d bytes, less than the %d that it always has",
                    type.get(), length, fixed);
        }
        int scopesAt = at + fixed;
        int end = at + length;
        switch (type.get()) {
            case DRHD -> drhd(at, scopes.parse(scopesAt, end));
            case RMRR -> rmrr(at, scopes.parse(scopesAt, end));
            case ATSR -> rootPortAts.add(new Dmar.Atsr(at, (int) Atsr.SEGMENT.get(data, at),
                    Atsr.ALL_PORTS.isSet(Atsr.FLAGS.get(data, at)), scopes.parse(scopesAt, end)));
            case RHSA -> affinities.add(new Dmar.Rhsa(at, Rhsa.REGISTER_BASE.get(data, at),
                    (int) Rhsa.PROXIMITY_DOMAIN.get(data, at)));
            case ANDD -> andd(at, end);
            case SATC -> socAtc.add(new Dmar.Satc(at, (int) Satc.SEGMENT.get(data, at),
                    Satc.ATC_REQUIRED.isSet(Satc.FLAGS.get(data, at)), scopes.parse(scopesAt, end)));
            case SIDP -> socProperties.add(new Dmar.Sidp(at, (int) Sidp.SEGMENT.get(data, at),
                    scopes.parse(scopesAt, end)));
        }
    }

    private static int fixedSize(DmarStructureType type) {
        return switch (type) {
            case DRHD -> Drhd.SIZE;
            case RMRR -> Rmrr.SIZE;
            case ATSR -> Atsr.SIZE;
            case RHSA -> Rhsa.SIZE;
            case ANDD -> Andd.SIZE;
            case SATC -> Satc.SIZE;
            case SIDP -> Sidp.SIZE;
        };
    }

    private void drhd(int at, List<DeviceScope> behind) {
        long base = Drhd.REGISTER_BASE.get(data, at);
        long size = (long) PAGE << Drhd.SIZE_EXPONENT.get(Drhd.REGISTER_SET_SIZE.get(data, at));
        if (base == 0) {
            warn(at, "the DRHD puts its registers at 0x0; the kernel then uses no unit of the table, as if there were no IOMMU");
            broken = true;
            return;
        }
        if ((base & PAGE - 1) != 0) {
            throw file.malformed(at, "the DRHD puts its registers at %s; they have to start at a multiple of 4 KiB", Hex.of(base));
        }
        if (Long.compareUnsigned(base, -size) > 0) {
            throw file.malformed(at, "the DRHD's registers at %s, %d bytes of them, pass 2^64", Hex.of(base), size);
        }
        var unit = new Dmar.Drhd(at, (int) Drhd.SEGMENT.get(data, at),
                Drhd.INCLUDE_PCI_ALL.isSet(Drhd.FLAGS.get(data, at)), base, size, behind);
        for (var other : units) {
            if (other.base() == base && other.segment() == unit.segment()) {
                warn(at, "the DRHD at %s is the one at 0x%x again, left out", Hex.of(base), other.offset());
                return;
            }
            if (overlap(unit, other)) {
                throw file.malformed(at, "the DRHD's registers %s overlap %s of the DRHD at 0x%x",
                        Hex.range(base, size), Hex.range(other.base(), other.registerSize()), other.offset());
            }
            if (unit.includeAll() && other.includeAll() && unit.segment() == other.segment()) {
                warn(at, "INCLUDE_PCI_ALL is set for segment %04x as it was in the DRHD at 0x%x; the first one counts",
                        unit.segment(), other.offset());
            }
        }
        if (units.size() == MOST_UNITS) {
            throw file.malformed(at, "the table has more than %d DRHDs", MOST_UNITS);
        }
        units.add(unit);
    }

    private static boolean overlap(Dmar.Drhd a, Dmar.Drhd b) {
        return Long.compareUnsigned(a.base(), b.base() + b.registerSize() - 1) <= 0
                && Long.compareUnsigned(b.base(), a.base() + a.registerSize() - 1) <= 0;
    }

    private void rmrr(int at, List<DeviceScope> devices) {
        long base = Rmrr.REGION_BASE.get(data, at);
        long end = Rmrr.REGION_LIMIT.get(data, at);
        if (Long.compareUnsigned(end, base) <= 0) {
            warn(at, "the RMRR ends at %s and starts at %s, which is no range; left out", Hex.of(end), Hex.of(base));
            return;
        }
        long first = base & -PAGE;
        long last = end | PAGE - 1;
        if (first != base || last != end) {
            warn(at, "the RMRR [%s, %s] is not made of whole pages of 4 KiB; taken as [%s, %s]",
                    Hex.of(base), Hex.of(end), Hex.of(first), Hex.of(last));
        }
        if (devices.isEmpty()) {
            warn(at, "the RMRR [%s, %s] is for no device", Hex.of(first), Hex.of(last));
        }
        reservedMemory.add(new Dmar.Rmrr(at, (int) Rmrr.SEGMENT.get(data, at), first, last, devices));
    }

    private void andd(int at, int end) {
        int start = at + Andd.SIZE;
        int stop = start;
        while (stop < end && data[stop] != 0) {
            stop++;
        }
        if (stop == end) {
            throw file.malformed(start, "the ANDD's object name does not end in a zero within the structure");
        }
        var name = new String(data, start, stop - start, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "?");
        namespaceDevices.add(new Dmar.Andd(at, (int) Andd.ACPI_DEVICE_NUMBER.get(data, at), name));
    }

    /** What one structure says about another. */
    private void checkReferences() {
        if (units.isEmpty()) {
            warn(DmarTable.SIZE, "the table has no DRHD: there is no unit");
        }
        for (var affinity : affinities) {
            if (units.stream().noneMatch(unit -> unit.base() == affinity.base())) {
                warn(affinity.offset(), "the RHSA is about a unit at %s, which does not exist; without effect",
                        Hex.of(affinity.base()));
            }
        }
        for (var unit : units) {
            for (var scope : unit.scopes()) {
                if (scope.kind() == DeviceScope.Kind.ACPI_NAMESPACE_DEVICE && namespaceDevices.stream()
                        .noneMatch(device -> device.deviceNumber() == scope.enumerationId())) {
                    warn(scope.offset(), "the device scope names ACPI device %d, which no ANDD declares; without effect",
                            scope.enumerationId());
                }
            }
        }
    }

    private void warn(int at, String format, Object... args) {
        warnings.add(file.at(at) + ": " + String.format(format, args));
    }
}
