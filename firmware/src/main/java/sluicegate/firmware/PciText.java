package sluicegate.firmware;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.HeaderTypeRegister;

/**
 * Reads PCI functions from text: what {@code lspci -x}, {@code -xxx} or {@code -xxxx} prints (with or without
 * {@code -v}), or a list of lines {@code 00:04.0 1b36:000c class 060400 bridge pri 00 sec 01 sub 01}.
 */
public final class PciText {
    private static final String ADDRESS = "(?<address>(?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7])";
    private static final Pattern FUNCTION = Pattern.compile(ADDRESS + "(?:\\s+(?<description>.*))?");
    private static final Pattern BYTES = Pattern.compile("(?<offset>[0-9a-fA-F]{2,3}):(?<bytes>(?: [0-9a-fA-F]{2}){1,16})\\s*");
    /** What can only be meant as one of the two above: it starts in the first column with digits and a colon. */
    private static final Pattern LOOKS_MEANT = Pattern.compile("[0-9a-fA-F]{2,8}:.*");
    private static final Pattern TOPOLOGY = Pattern.compile(ADDRESS
            + "\\s+(?<vendor>[0-9a-fA-F]{4}):(?<device>[0-9a-fA-F]{4})\\s+class\\s+(?<class>[0-9a-fA-F]{6})"
            + "(?:\\s+bridge\\s+pri\\s+(?<pri>[0-9a-fA-F]{2})\\s+sec\\s+(?<sec>[0-9a-fA-F]{2})\\s+sub\\s+(?<sub>[0-9a-fA-F]{2}))?");

    private PciText() {}

    /**
     * Reads what {@code lspci} prints. Only lines of bytes matter, and the line that starts a function; text in between,
     * as {@code -vvv} prints it, is passed over. A function has 4096 bytes if the text has any from 0x100 on, else 256.
     *
     * @throws IommuException EINVAL with file and line: a line of bytes that is none, is there twice or belongs to no
     *     function; a function without its first 64 bytes; no function at all
     */
    public static List<PciConfigImage> parseLspci(FirmwareFile file) {
        var found = new ArrayList<PciConfigImage>();
        Dump dump = null;
        int number = 0;
        for (var line : (Iterable<String>) file.text().lines()::iterator) {
            number++;
            var bytes = BYTES.matcher(line);
            var function = FUNCTION.matcher(line);
            if (bytes.matches()) {
                if (dump == null) {
                    throw file.malformedLine(number, "these bytes belong to no function: a line such as"
                            + " '00:1f.2 SATA controller' has to come first");
                }
                dump.add(number, bytes);
            } else if (function.matches()) {
                if (dump != null) {
                    found.add(dump.image());
                }
                dump = new Dump(file, number, address(file, number, function), description(function));
            } else if (LOOKS_MEANT.matcher(line).matches()) {
                throw file.malformedLine(number, "'%s' is neither a function, such as '00:1f.2 SATA controller', nor bytes,"
                        + " such as '10: 86 80' with at most 16 of them", shortened(line));
            }
        }
        if (dump == null) {
            throw file.malformedLine(1, "there is no PCI function in this file: it should be what lspci -xxxx prints");
        }
        found.add(dump.image());
        return List.copyOf(found);
    }

    /**
     * Reads a list of functions, one a line, and makes the configuration space that each at least has: ids, class, header
     * type and, for a bridge, bus numbers. There are no capabilities in it. Empty lines and lines with {@code #} in front
     * are passed over.
     *
     * @throws IommuException EINVAL with file and line
     */
    public static List<PciConfigImage> parseTopology(FirmwareFile file) {
        record Line(int number, PciAddress address, Matcher parts) {}
        var lines = new ArrayList<Line>();
        var sharedSlots = new HashSet<PciAddress>();
        int number = 0;
        for (var line : (Iterable<String>) file.text().lines().map(String::strip)::iterator) {
            number++;
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            var parts = TOPOLOGY.matcher(line);
            if (!parts.matches()) {
                throw file.malformedLine(number, "'%s' is not a function: write it as '00:05.0 1234:11e8 class 00ff00', with"
                        + " 'bridge pri 00 sec 01 sub 01' behind it for a bridge", shortened(line));
            }
            var address = address(file, number, parts);
            lines.add(new Line(number, address, parts));
            if (address.function() != 0) {
                sharedSlots.add(new PciAddress(address.segment(), address.bus(), address.device(), 0));
            }
        }
        if (lines.isEmpty()) {
            throw file.malformedLine(1, "there is no PCI function in this file");
        }
        return lines.stream().map(line -> synthesize(line.address(), line.parts(), sharedSlots.contains(line.address()),
                file.line(line.number()))).toList();
    }

    private static PciConfigImage synthesize(PciAddress address, Matcher parts, boolean sharesSlot, String source) {
        var config = new byte[ConfigHeader.CONFIG_SPACE];
        boolean bridge = parts.group("pri") != null;
        ConfigHeader.VENDOR_ID.put(config, 0, hex(parts, "vendor"));
        ConfigHeader.DEVICE_ID.put(config, 0, hex(parts, "device"));
        ConfigHeader.CLASS_CODE.put(config, 0, hex(parts, "class"));
        long type = HeaderTypeRegister.HEADER_LAYOUT.set(0, bridge ? HeaderTypeRegister.BRIDGE : HeaderTypeRegister.ENDPOINT);
        ConfigHeader.HEADER_TYPE.put(config, 0, HeaderTypeRegister.MULTI_FUNCTION.set(type, sharesSlot ? 1 : 0));
        if (bridge) {
            ConfigHeader.PRIMARY_BUS.put(config, 0, hex(parts, "pri"));
            ConfigHeader.SECONDARY_BUS.put(config, 0, hex(parts, "sec"));
            ConfigHeader.SUBORDINATE_BUS.put(config, 0, hex(parts, "sub"));
        }
        var description = parts.group("vendor") + ":" + parts.group("device") + " class " + parts.group("class");
        return new PciConfigImage(address, description, config, source);
    }

    private static int hex(Matcher parts, String group) {
        return Integer.parseInt(parts.group(group), 16);
    }

    private static PciAddress address(FirmwareFile file, int line, Matcher matcher) {
        try {
            return PciAddress.parse(matcher.group("address"));
        } catch (IommuException e) {
            throw file.malformedLine(line, "%s", e.getMessage());
        }
    }

    private static String description(Matcher matcher) {
        var text = matcher.group("description");
        return text == null ? "" : text.strip();
    }

    private static String shortened(String line) {
        return line.length() <= 80 ? line : line.substring(0, 77) + "...";
    }

    /** The bytes of one function while they are read. */
    private static final class Dump {
        private static final int ROW = 16;

        private final FirmwareFile file;
        private final int firstLine;
        private final PciAddress address;
        private final String description;
        private final byte[] config = new byte[ConfigHeader.EXTENDED_CONFIG_SPACE];
        /** The line that gave each byte; 0 where none did. */
        private final int[] lines = new int[ConfigHeader.EXTENDED_CONFIG_SPACE];
        private boolean extended;

        Dump(FirmwareFile file, int firstLine, PciAddress address, String description) {
            this.file = file;
            this.firstLine = firstLine;
            this.address = address;
            this.description = description;
        }

        void add(int line, Matcher row) {
            int at = hex(row, "offset");
            var bytes = row.group("bytes").strip().split(" ");
            if (at % ROW != 0) {
                throw file.malformedLine(line, "bytes start at 0x%x, which is no multiple of 16", at);
            }
            for (var text : bytes) {
                if (lines[at] != 0) {
                    throw file.malformedLine(line, "offset 0x%x of %s is in line %d already", at, address, lines[at]);
                }
                lines[at] = line;
                extended |= at >= ConfigHeader.CONFIG_SPACE;
                config[at++] = (byte) Integer.parseInt(text, 16);
            }
        }

        PciConfigImage image() {
            for (int at = 0; at < ConfigHeader.SIZE; at++) {
                if (lines[at] == 0) {
                    throw file.malformedLine(firstLine, "the bytes of %s at 0x%x are missing: a function needs its first %d"
                            + " bytes at least; use lspci -xxxx", address, at, ConfigHeader.SIZE);
                }
            }
            int size = extended ? ConfigHeader.EXTENDED_CONFIG_SPACE : ConfigHeader.CONFIG_SPACE;
            return new PciConfigImage(address, description, Arrays.copyOf(config, size), file.line(firstLine));
        }
    }
}
