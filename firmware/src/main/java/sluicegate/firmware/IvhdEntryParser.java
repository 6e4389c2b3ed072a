package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.spec.acpi.IvhdAliasEntry;
import sluicegate.spec.acpi.IvhdEntry;
import sluicegate.spec.acpi.IvhdEntryType;
import sluicegate.spec.acpi.IvhdExtendedEntry;
import sluicegate.spec.acpi.IvhdHidEntry;
import sluicegate.spec.acpi.IvhdSpecialEntry;
import sluicegate.spec.acpi.IvhdSpecialVariety;
import sluicegate.spec.acpi.IvhdUidFormat;
import sluicegate.spec.acpi.IvrsBlockType;

/** Reads the device entries at the end of a hardware definition (AMD-Vi 5.2.2.2). */
final class IvhdEntryParser {
    private static final int LAST_DEVICE = 0xffff;

    private final FirmwareFile file;
    private final byte[] data;
    private final List<String> warnings;
    private List<Ivrs.Entry> found = List.of();
    /** Where a range began that has not ended yet, 0 for none. */
    private int rangeAt;

    IvhdEntryParser(FirmwareFile file, byte[] data, List<String> warnings) {
        this.file = file;
        this.data = data;
        this.warnings = warnings;
    }

    /** All entries in {@code [from, to)}, the rest of a block of some type. */
    List<Ivrs.Entry> parse(int from, int to, int blockType) {
        found = new ArrayList<>();
        rangeAt = 0;
        for (int at = from; at < to; ) {
            int length = length(at, to);
            entry(at, blockType);
            at += length;
        }
        if (rangeAt != 0) {
            throw unfinished();
        }
        return List.copyOf(found);
    }

    private int length(int at, int to) {
        int rest = to - at;
        int type = (int) IvhdEntry.TYPE.get(data, at);
        int head = type == IvhdEntryType.ACPI_HID.code() ? IvhdHidEntry.SIZE : IvhdEntry.SIZE;
        if (type >= IvhdEntry.FIRST_VARIABLE_TYPE && type != IvhdEntryType.ACPI_HID.code()) {
            throw file.malformed(at, "the device entry is of type %02xh, and nothing tells how long such an entry is", type);
        }
        int length = rest < head ? head : type == IvhdEntryType.ACPI_HID.code()
                ? head + (int) IvhdHidEntry.UID_LENGTH.get(data, at) : IvhdEntry.size(type);
        if (length > rest) {
            throw file.malformed(at, "the device entry of type %02xh and %d bytes passes the end of its block at 0x%x",
                    type, length, to);
        }
        return length;
    }

    private void entry(int at, int blockType) {
        int code = (int) IvhdEntry.TYPE.get(data, at);
        var type = IvhdEntryType.of(code);
        if (type.isEmpty()) {
            warn(at, "device entry of unknown type %02xh, left out", code);
            return;
        }
        switch (type.get()) {
            case PAD_4, PAD_8 -> { }
            case ALL -> found.add(devices(at, 0, LAST_DEVICE));
            case SELECT, ALIAS_SELECT, EXTENDED_SELECT -> found.add(devices(at, deviceId(at), deviceId(at)));
            case RANGE_START, ALIAS_RANGE_START, EXTENDED_RANGE_START -> {
                if (rangeAt != 0) {
                    throw unfinished();
                }
                rangeAt = at;
            }
            case RANGE_END -> rangeEnd(at);
            case SPECIAL -> special(at);
            case ACPI_HID -> acpiDevice(at, blockType);
        }
    }

    private int deviceId(int at) {
        return (int) IvhdEntry.DEVICE_ID.get(data, at);
    }

    private int setting(int at) {
        return (int) IvhdEntry.DTE_SETTING.get(data, at);
    }

    private void rangeEnd(int at) {
        if (rangeAt == 0) {
            throw file.malformed(at, "a range of devices ends at %04x without having begun", deviceId(at));
        }
        if (deviceId(at) < deviceId(rangeAt)) {
            throw file.malformed(at, "the range of devices ends at %04x, before it starts at %04x", deviceId(at), deviceId(rangeAt));
        }
        found.add(devices(rangeAt, deviceId(rangeAt), deviceId(at)));
        rangeAt = 0;
    }

    private RuntimeException unfinished() {
        return file.malformed(rangeAt, "a range of devices begins at %04x and has no end", deviceId(rangeAt));
    }

    /** A range whose first entry, which says all but the end, is at an offset. */
    private Ivrs.Devices devices(int at, int first, int last) {
        var type = IvhdEntryType.of(IvhdEntry.TYPE.get(data, at)).orElseThrow();
        boolean alias = type == IvhdEntryType.ALIAS_SELECT || type == IvhdEntryType.ALIAS_RANGE_START;
        boolean extended = type == IvhdEntryType.EXTENDED_SELECT || type == IvhdEntryType.EXTENDED_RANGE_START;
        return new Ivrs.Devices(at, setting(at), first, last,
                alias ? Optional.of((int) IvhdAliasEntry.SOURCE_DEVICE_ID.get(data, at)) : Optional.empty(),
                extended && IvhdExtendedEntry.ATS_DISABLED.isSet(IvhdExtendedEntry.EXTENDED_DTE_SETTING.get(data, at)));
    }

    private void special(int at) {
        int code = (int) IvhdSpecialEntry.VARIETY.get(data, at);
        var variety = IvhdSpecialVariety.of(code);
        if (variety.isEmpty()) {
            warn(at, "special device of unknown variety %d, left out", code);
            return;
        }
        var kind = switch (variety.get()) {
            case IO_APIC -> Ivrs.Special.Kind.IO_APIC;
            case HPET -> Ivrs.Special.Kind.HPET;
        };
        found.add(new Ivrs.Special(at, setting(at), kind, (int) IvhdSpecialEntry.HANDLE.get(data, at),
                (int) IvhdSpecialEntry.SOURCE_DEVICE_ID.get(data, at)));
    }

    private void acpiDevice(int at, int blockType) {
        if (blockType != IvrsBlockType.IVHD_40.code()) {
            warn(at, "an ACPI device in a block of type %02xh, which has none; left out", blockType);
            return;
        }
        var hardwareId = text(at + IvhdHidEntry.HARDWARE_ID.offset(), IvhdHidEntry.HARDWARE_ID.size());
        if (hardwareId.isEmpty()) {
            warn(at, "an ACPI device without a hardware id, left out");
            return;
        }
        found.add(new Ivrs.AcpiDevice(at, setting(at), hardwareId,
                text(at + IvhdHidEntry.COMPATIBLE_ID.offset(), IvhdHidEntry.COMPATIBLE_ID.size()), uniqueId(at), deviceId(at)));
    }

    private Optional<String> uniqueId(int at) {
        int code = (int) IvhdHidEntry.UID_FORMAT.get(data, at);
        int length = (int) IvhdHidEntry.UID_LENGTH.get(data, at);
        var format = IvhdUidFormat.of(code);
        if (format.isEmpty()) {
            warn(at, "the ACPI device has a unique id of unknown format %d, left out", code);
            return Optional.empty();
        }
        int from = at + IvhdHidEntry.SIZE;
        return switch (format.get()) {
            case NONE -> {
                if (length != 0) {
                    warn(at, "the ACPI device has no unique id, but one of %d bytes; left out", length);
                }
                yield Optional.empty();
            }
            case INTEGER -> number(at, from, length);
            case STRING -> Optional.of(text(from, length)).filter(text -> !text.isEmpty());
        };
    }

    private Optional<String> number(int at, int from, int length) {
        if (length == 0 || length > Long.BYTES) {
            warn(at, "the ACPI device has a number of %d bytes as its unique id, left out", length);
            return Optional.empty();
        }
        long value = 0;
        for (int i = length - 1; i >= 0; i--) {
            value = value << 8 | data[from + i] & 0xff;
        }
        return Optional.of(Long.toUnsignedString(value));
    }

    /** Up to the first zero, if there is one. */
    private String text(int from, int size) {
        int end = from;
        while (end < from + size && data[end] != 0) {
            end++;
        }
        return new String(data, from, end - from, StandardCharsets.ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "?");
    }

    private void warn(int at, String format, Object... args) {
        warnings.add(file.at(at) + ": " + String.format(format, args));
    }
}
