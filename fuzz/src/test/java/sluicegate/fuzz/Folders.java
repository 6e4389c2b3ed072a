package sluicegate.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;

/** Machine descriptions around one file that came from outside. */
final class Folders {
    /** An endpoint, a root port with one behind it, a bridge to conventional PCI. */
    private static final String TOPOLOGY = "00:00.0 1b36:0008 class 060000\n00:05.0 1234:11e8 class 00ff00\n"
            + "00:06.0 1b36:000c class 060400 bridge pri 00 sec 01 sub 01\n01:00.0 8086:10d3 class 020000\n"
            + "00:1e.0 8086:244e class 060401 bridge pri 00 sec 02 sub 02\n02:01.0 8086:100e class 020000\n";

    private static final int LENGTH_AT = 4;
    private static final int CHECKSUM_AT = 9;
    private static final int HEADER = 36;

    private Folders() {}

    static FirmwareFolder of(Map<String, byte[]> files) {
        return FirmwareFolder.of("fuzz", files.keySet(), files::get);
    }

    /** Reads a machine with a firmware file, and asks which unit is in front of each function. @throws IommuException */
    static void read(String name, byte[] bytes, String settings) {
        var files = new HashMap<String, byte[]>();
        files.put("x.topology.txt", TOPOLOGY.getBytes(StandardCharsets.UTF_8));
        files.put("machine.properties", settings.getBytes(StandardCharsets.UTF_8));
        files.put(name, bytes);
        ask(MachineDescription.read(of(files)));
    }

    static void ask(MachineDescription machine) {
        for (var function : machine.pci().functions()) {
            machine.inputOf(function.address());
            machine.inputsOf(function.address(), List.of(function.address().requesterId(), 0x200));
            machine.atsAllowed(function.address());
            machine.dmaLimit(function.address());
        }
        machine.devices();
    }

    /** An ACPI table with signature, length and checksum as they should be: what would hide all else. */
    static byte[] sealed(String signature, byte[] bytes) {
        var table = Arrays.copyOf(bytes, Math.max(HEADER, bytes.length));
        System.arraycopy(signature.getBytes(StandardCharsets.US_ASCII), 0, table, 0, LENGTH_AT);
        for (int i = 0; i < Integer.BYTES; i++) {
            table[LENGTH_AT + i] = (byte) (table.length >>> 8 * i);
        }
        table[CHECKSUM_AT] = 0;
        byte sum = 0;
        for (byte each : table) {
            sum += each;
        }
        table[CHECKSUM_AT] = (byte) -sum;
        return table;
    }
}
