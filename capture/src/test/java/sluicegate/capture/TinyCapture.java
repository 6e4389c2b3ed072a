package sluicegate.capture;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/**
 * A capture of our own: one VT-d unit in legacy mode with tables of three levels. {@code 00:02.0}, which shares kernel group 7
 * with {@code 00:04.0}, reaches 0x80000 through IOVA 0x10000 and may only read through 0x11000; IOVA 0x200000 needs a table
 * that was not captured. {@code 00:03.0} is passed through; {@code 00:05.0} was in no group.
 */
final class TinyCapture {
    static final String JSON = """
            {
             "iommu": "intel-vtd",
             "kernel": "6.1.0-test",
             "qemu": "7.2.0",
             "units": ["0xfed90000"],
             "ram": [{"base": "0x0", "size": "0x10000000"}],
             "groups": [
              {"id": 7, "type": "DMA-FQ", "devices": ["0000:00:02.0", "0000:00:04.0"], "reserved": [
               {"start": "0x0", "end": "0xfff", "type": "direct-relaxable"},
               {"start": "0xfee00000", "end": "0xfeefffff", "type": "msi"}]},
              {"id": 3, "type": "identity", "devices": ["0000:00:03.0"], "reserved": []}],
             "devices": [
              {"bdf": "0000:00:02.0", "group": "7", "driver": "e1000e", "path": "/sys/devices/pci0000:00/0000:00:02.0",
               "dma_mask_bits": 64, "config": "CONFIG"},
              {"bdf": "0000:00:03.0", "group": "3", "driver": "", "config": "CONFIG"},
              {"bdf": "0000:00:04.0", "group": 7, "driver": "nvme", "config": "CONFIG"},
              {"bdf": "0000:00:05.0", "group": "", "driver": "", "config": "CONFIG"}],
             "events": null
            }
            """.replace("CONFIG", "8680d310" + "0".repeat(2 * 256 - 8));
    static final String REGISTERS = """
            # physical address\t32-bit value
            0xfed90000\t0x00000010
            0xfed90004\t0x00000000
            0xfed90008\t0x22260206
            0xfed9000c\t0x00d2008c
            0xfed90010\t0x00f00f4a
            0xfed90014\t0x00000000
            0xfed90018\t0x00000000
            0xfed9001c\t0xc0000000
            0xfed90020\t0x00001000
            0xfed90024\t0x00000000
            """;

    private TinyCapture() {}

    /** Writes it; returns the folder. */
    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("tables"));
        Files.writeString(folder.resolve("capture.json"), JSON);
        Files.writeString(folder.resolve("registers.tsv"), REGISTERS);
        Files.write(folder.resolve("memory.bin.gz"), gzip(memory()));
        Files.write(folder.resolve("tables").resolve("dmar.bin"), dmar());
        return folder;
    }

    static byte[] memory() {
        var words = new TreeMap<Long, Map<Integer, Long>>();
        words.put(0x1000L, Map.of(0, 0x2001L)); // root entry of bus 0
        // Context entries of 00:02.0 and 00:04.0 (translated, domain 1) and 00:03.0 (passed through, domain 2), 39 bits.
        words.put(0x2000L, Map.of(0x10 * 2, 0x3001L, 0x10 * 2 + 1, 0x101L, 0x20 * 2, 0x3001L, 0x20 * 2 + 1, 0x101L,
                0x18 * 2, 0x9L, 0x18 * 2 + 1, 0x201L));
        words.put(0x3000L, Map.of(0, 0x4003L));
        words.put(0x4000L, Map.of(0, 0x5003L, 1, 0x9003L));
        words.put(0x5000L, Map.of(0, 0x3L, 0x10, 0x80003L, 0x11, 0x81001L));
        var buffer = ByteBuffer.allocate(words.size() * (8 + 4096)).order(ByteOrder.LITTLE_ENDIAN);
        words.forEach((address, entries) -> {
            buffer.putLong(address);
            entries.forEach((index, word) -> buffer.putLong(buffer.position() + 8 * index, word));
            buffer.position(buffer.position() + 4096);
        });
        return buffer.array();
    }

    static byte[] gzip(byte[] contents) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(contents);
        }
        return bytes.toByteArray();
    }

    /** A DMAR of 39 address bits with one unit for all of segment 0. */
    static byte[] dmar() {
        var table = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        table.put("DMAR".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).putInt(64).put(8, (byte) 1).put(36, (byte) 38);
        table.putShort(48, (short) 0).putShort(50, (short) 16).put(52, (byte) 1).putLong(56, 0xfed90000L);
        byte sum = 0;
        for (byte one : table.array()) {
            sum += one;
        }
        return table.put(9, (byte) -sum).array();
    }
}
