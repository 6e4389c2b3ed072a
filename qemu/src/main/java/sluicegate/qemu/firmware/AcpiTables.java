package sluicegate.qemu.firmware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.spec.acpi.AcpiHeader;

/**
 * The ACPI tables that QEMU makes for its machine. They come in one file, and a script for firmware says what to do with it
 * (QEMU, {@code hw/acpi/bios-linker-loader.c}): where to put it, which pointers to set, and over which bytes to make a
 * checksum. Those ranges are the tables. Pointers matter to nobody here.
 */
public final class AcpiTables {
    private static final String TABLES = "etc/acpi/tables";
    private static final String SCRIPT = "etc/table-loader";
    private static final int COMMAND_BYTES = 128;
    private static final int ADD_CHECKSUM = 3;
    private static final int FILE_NAME = 4;
    private static final int FILE_NAME_BYTES = 56;
    /** Of {@link #ADD_CHECKSUM}: where the sum goes, where its range starts and how long it is. */
    private static final int START = FILE_NAME + FILE_NAME_BYTES + 4;

    private final String machine;
    private final Map<String, byte[]> tables = new LinkedHashMap<>();

    /** @param machine name of the machine, for messages */
    public static AcpiTables read(String machine, FwCfg fwCfg) {
        return new AcpiTables(machine, fwCfg.read(SCRIPT), fwCfg.read(TABLES));
    }

    AcpiTables(String machine, byte[] script, byte[] blob) {
        this.machine = machine;
        var commands = ByteBuffer.wrap(script).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + COMMAND_BYTES <= script.length; at += COMMAND_BYTES) {
            var file = new byte[FILE_NAME_BYTES];
            commands.get(at + FILE_NAME, file);
            if (commands.getInt(at) == ADD_CHECKSUM && FwCfg.text(file).equals(TABLES)) {
                add(blob, commands.getInt(at + START), commands.getInt(at + START + Integer.BYTES));
            }
        }
    }

    private void add(byte[] blob, int start, int length) {
        if (start < 0 || length < AcpiHeader.SIZE || start > blob.length - length) {
            throw IommuException.of(Errno.EIO, "%s: QEMU's script names a table of %d bytes at %d of %s, which has %d bytes",
                    machine, length, start, TABLES, blob.length);
        }
        var table = Arrays.copyOfRange(blob, start, start + length);
        AcpiHeader.seal(table, 0, length);
        var signature = AcpiHeader.signature(table, 0);
        tables.putIfAbsent(signature, table);
    }

    /** The first table of each signature, its checksum made right, as files such as {@code dmar.bin}. */
    public FirmwareFolder folder() {
        var files = new LinkedHashMap<String, byte[]>();
        tables.forEach((signature, table) -> files.put(signature.toLowerCase(Locale.ROOT) + ".bin", table));
        return FirmwareFolder.of(machine, files.keySet(), files::get);
    }
}
