package sluicegate.firmware;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.types.Hex;
import sluicegate.spec.acpi.Ivhd;
import sluicegate.spec.acpi.IvhdExtended;
import sluicegate.spec.acpi.Ivmd;
import sluicegate.spec.acpi.IvrsBlock;
import sluicegate.spec.acpi.IvrsBlockType;
import sluicegate.spec.acpi.IvrsTable;

/** Reads one IVRS table: walks its blocks, takes the best of each unit, and checks each. Used once. */
final class IvrsParser {
    private static final int PAGE = 4096;
    /** Registers end here without performance counters ({@code MMIO_CNTR_CONF_OFFSET}). */
    private static final long REGISTERS = 0x4000;
    /** And here with them ({@code MMIO_REG_END_OFFSET}). */
    private static final long REGISTERS_WITH_COUNTERS = 0x8_0000;
    /** PCSup of the extended feature register. */
    private static final long PERFORMANCE_COUNTERS = 1L << 9;
    /** The one width of guest virtual addresses that there is (5.2.1): 48 bits. */
    private static final int GUEST_48_BITS = 2;

    private static final int LAST_DEVICE = 0xffff;

    private final FirmwareFile file;
    private final byte[] data;
    private final int revision;
    private final IvhdEntryParser entries;
    private final List<String> warnings = new ArrayList<>();
    private final List<Ivrs.Unit> units = new ArrayList<>();
    private final List<Ivrs.Memory> memory = new ArrayList<>();
    private Ivrs.Info info;

    IvrsParser(AcpiTable table) {
        file = table.file();
        data = file.bytes();
        revision = table.revision();
        entries = new IvhdEntryParser(file, data, warnings);
    }

    Ivrs parse() {
        if (data.length < IvrsTable.SIZE) {
            throw file.malformed(data.length, "the table ends after %d bytes, within its fixed part of %d bytes",
                    data.length, IvrsTable.SIZE);
        }
        info = info();
        var described = new ArrayList<Integer>();
        var best = new HashMap<Long, Integer>();
        for (int at = IvrsTable.SIZE; at < data.length; ) {
            int length = blockLength(at);
            block(at, length, described, best);
            at += length;
        }
        for (int at : described) {
            if (typeOf(at) == best.get(unitKey(at))) {
                unit(at);
            }
        }
        if (units.isEmpty()) {
            warn(IvrsTable.SIZE, "the table has no hardware definition: there is no unit");
        }
        return new Ivrs(file.path(), revision, info, units, memory, warnings);
    }

    private Ivrs.Info info() {
        long bits = IvrsTable.IV_INFO.get(data, 0);
        return new Ivrs.Info(IvrsTable.EFR_SUPPORTED.isSet(bits), IvrsTable.DMA_REMAP.isSet(bits),
                IvrsTable.GUEST_VIRTUAL_SIZE.get(bits) == GUEST_48_BITS ? 48 : 0,
                (int) IvrsTable.PHYSICAL_SIZE.get(bits), (int) IvrsTable.VIRTUAL_SIZE.get(bits),
                IvrsTable.HT_ATS_RESERVED.isSet(bits));
    }

    private int blockLength(int at) {
        int rest = data.length - at;
        if (rest < IvrsBlock.SIZE) {
            throw file.malformed(at, "the table ends after %d bytes of a block's head of %d", rest, IvrsBlock.SIZE);
        }
        int length = (int) IvrsBlock.LENGTH.get(data, at);
        if (length < IvrsBlock.SIZE) {
            throw file.malformed(at, "the block has a length of %d, less than its head of %d bytes", length, IvrsBlock.SIZE);
        }
        if (length > rest) {
            throw file.malformed(at, "the block of %d bytes passes the end of the table at 0x%x", length, data.length);
        }
        return length;
    }

    private int typeOf(int at) {
        return (int) IvrsBlock.TYPE.get(data, at);
    }

    private void block(int at, int length, List<Integer> described, Map<Long, Integer> best) {
        var type = IvrsBlockType.of(typeOf(at));
        if (type.isEmpty()) {
            warn(at, "block of unknown type %02xh, left out", typeOf(at));
            return;
        }
        int fixed = fixedSize(type.get());
        if (length < fixed) {
            throw file.malformed(at, "the %s block has %d bytes, less than the %d that it always has", type.get(), length, fixed);
        }
        switch (type.get()) {
            case IVHD_10, IVHD_11, IVHD_40 -> {
                described.add(at);
                best.merge(unitKey(at), typeOf(at), Math::max);
            }
            case IVMD_ALL -> memory(at, 0, LAST_DEVICE);
            case IVMD_SELECT -> memory(at, device(at), device(at));
            case IVMD_RANGE -> memory(at, device(at), (int) Ivmd.AUXILIARY.get(data, at));
        }
    }

    private static int fixedSize(IvrsBlockType type) {
        return switch (type) {
            case IVHD_10 -> Ivhd.SIZE;
            case IVHD_11, IVHD_40 -> IvhdExtended.SIZE;
            case IVMD_ALL, IVMD_SELECT, IVMD_RANGE -> Ivmd.SIZE;
        };
    }

    /** Two blocks describe one unit if this is the same for both. */
    private long unitKey(int at) {
        return Ivhd.SEGMENT.get(data, at) << 16 | Ivhd.DEVICE_ID.get(data, at);
    }

    private int device(int at) {
        return (int) Ivmd.DEVICE_ID.get(data, at);
    }

    private void unit(int at) {
        boolean extended = typeOf(at) != IvrsBlockType.IVHD_10.code();
        int end = at + (int) IvrsBlock.LENGTH.get(data, at);
        long base = Ivhd.BASE_ADDRESS.get(data, at);
        long attributes = extended ? IvhdExtended.ATTRIBUTES.get(data, at) : Ivhd.FEATURE_INFO.get(data, at);
        long features = extended ? IvhdExtended.EXTENDED_FEATURES.get(data, at) : 0;
        boolean counters = extended ? (features & PERFORMANCE_COUNTERS) != 0
                : Ivhd.COUNTERS.get(attributes) != 0 && Ivhd.COUNTER_BANKS.get(attributes) != 0;
        long size = counters ? REGISTERS_WITH_COUNTERS : REGISTERS;
        if (base == 0 || (base & REGISTERS - 1) != 0 || Long.compareUnsigned(base, -size) > 0) {
            throw file.malformed(at, "the unit puts its registers at %s; they have to start at a multiple of 16 KiB above 0",
                    Hex.of(base));
        }
        var unit = new Ivrs.Unit(at, typeOf(at), (int) Ivhd.FLAGS.get(data, at), (int) Ivhd.DEVICE_ID.get(data, at),
                (int) Ivhd.CAPABILITY_OFFSET.get(data, at), base, size, (int) Ivhd.SEGMENT.get(data, at),
                (int) Ivhd.MSI_NUMBER.get(Ivhd.INFO.get(data, at)), attributes,
                extended && info.featuresTold() ? Optional.of(new Ivrs.Features(features,
                        IvhdExtended.EXTENDED_FEATURES_2.get(data, at))) : Optional.empty(),
                entries.parse(at + (extended ? IvhdExtended.SIZE : Ivhd.SIZE), end, typeOf(at)));
        for (var other : units) {
            if (other.base() == base && other.deviceId() == unit.deviceId() && other.segment() == unit.segment()) {
                warn(at, "the unit at %s is the one at 0x%x again, left out", Hex.of(base), other.offset());
                return;
            }
            if (Long.compareUnsigned(base, other.base() + other.registerSize() - 1) <= 0
                    && Long.compareUnsigned(other.base(), base + size - 1) <= 0) {
                throw file.malformed(at, "the unit's registers %s overlap %s of the unit at 0x%x", Hex.range(base, size),
                        Hex.range(other.base(), other.registerSize()), other.offset());
            }
        }
        units.add(unit);
    }

    private void memory(int at, int first, int last) {
        long start = Ivmd.START_ADDRESS.get(data, at);
        long length = Ivmd.MEMORY_LENGTH.get(data, at);
        long flags = Ivmd.FLAGS.get(data, at);
        boolean exclusion = Ivmd.EXCLUSION_RANGE.isSet(flags);
        if (first > last) {
            throw file.malformed(at, "the memory definition is for devices from %04x to %04x, which is no range", first, last);
        }
        if (!exclusion && !Ivmd.UNITY.isSet(flags)) {
            warn(at, "the memory definition asks neither for exclusion nor for a one-to-one mapping; left out");
            return;
        }
        long end = start + length - 1;
        if (length == 0 || Long.compareUnsigned(end, start) < 0) {
            warn(at, "the memory definition of %s bytes from %s on is no range; left out", Hex.of(length), Hex.of(start));
            return;
        }
        long base = start & -PAGE;
        long limit = end | PAGE - 1;
        if (base != start || limit != end) {
            warn(at, "the memory definition [%s, %s] is not made of whole pages of 4 KiB; taken as [%s, %s]",
                    Hex.of(start), Hex.of(end), Hex.of(base), Hex.of(limit));
        }
        memory.add(new Ivrs.Memory(at, exclusion, (int) Ivmd.SEGMENT.get(data, at), first, last, base, limit,
                exclusion || Ivmd.READ.isSet(flags), exclusion || Ivmd.WRITE.isSet(flags)));
    }

    private void warn(int at, String format, Object... args) {
        warnings.add(file.at(at) + ": " + String.format(format, args));
    }
}
