package sluicegate.shell;

import java.util.HexFormat;
import sluicegate.api.types.Hex;

/** Bytes with their addresses in front and their characters behind, sixteen in a line. */
final class HexDump {
    private static final int WIDTH = 16;
    private static final HexFormat BYTES = HexFormat.ofDelimiter(" ");

    private HexDump() {}

    static String of(long address, byte[] data) {
        int digits = Hex.of(address + data.length - 1).length();
        var text = new StringBuilder();
        for (int i = 0; i < data.length; i += WIDTH) {
            int end = Math.min(data.length, i + WIDTH);
            text.append(i == 0 ? "" : "\n").append(String.format("%-" + digits + "s  %-" + (3 * WIDTH - 1) + "s  ",
                    Hex.of(address + i), BYTES.formatHex(data, i, end)));
            for (int j = i; j < end; j++) {
                text.append(data[j] >= ' ' && data[j] < 0x7f ? (char) data[j] : '.');
            }
        }
        return text.toString();
    }
}
