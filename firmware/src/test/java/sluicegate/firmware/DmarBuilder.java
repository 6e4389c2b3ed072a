package sluicegate.firmware;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes DMAR tables byte by byte, from the pictures in VT-d chapter 8 and without the vocabulary that the reader uses.
 */
final class DmarBuilder {
    static final int FIRST = 48;

    private final ByteArrayOutputStream structures = new ByteArrayOutputStream();
    private int width = 39;
    private int flags;

    DmarBuilder header(int hostAddressWidth, int flags) {
        this.width = hostAddressWidth;
        this.flags = flags;
        return this;
    }

    DmarBuilder drhd(int flags, int segment, long base, byte[]... scopes) {
        return structure(0, little(12).put((byte) flags).put((byte) 0).putShort((short) segment).putLong(base), scopes);
    }

    DmarBuilder rmrr(int segment, long base, long end, byte[]... scopes) {
        return structure(1, little(20).putShort((short) 0).putShort((short) segment).putLong(base).putLong(end), scopes);
    }

    DmarBuilder atsr(int flags, int segment, byte[]... scopes) {
        return structure(2, little(4).put((byte) flags).put((byte) 0).putShort((short) segment), scopes);
    }

    DmarBuilder rhsa(long base, int domain) {
        return structure(3, little(16).putInt(0).putLong(base).putInt(domain));
    }

    DmarBuilder andd(int number, String nameWithEnd) {
        return structure(4, little(4).putShort((short) 0).put((byte) 0).put((byte) number),
                nameWithEnd.getBytes(StandardCharsets.ISO_8859_1));
    }

    DmarBuilder satc(int flags, int segment, byte[]... scopes) {
        return structure(5, little(4).put((byte) flags).put((byte) 0).putShort((short) segment), scopes);
    }

    DmarBuilder sidp(int segment, byte[]... scopes) {
        return structure(6, little(4).putShort((short) 0).putShort((short) segment), scopes);
    }

    DmarBuilder raw(int... bytes) {
        for (int value : bytes) {
            structures.write(value);
        }
        return this;
    }

    private DmarBuilder structure(int type, ByteBuffer body, byte[]... scopes) {
        int length = 4 + body.capacity();
        for (var scope : scopes) {
            length += scope.length;
        }
        structures.writeBytes(little(4).putShort((short) type).putShort((short) length).array());
        structures.writeBytes(body.array());
        for (var scope : scopes) {
            structures.writeBytes(scope);
        }
        return this;
    }

    /** A scope; {@code path} is device, function, device, function, ... */
    static byte[] scope(int type, int id, int bus, int... path) {
        var scope = little(6 + path.length).put((byte) type).put((byte) (6 + path.length)).putShort((short) 0)
                .put((byte) id).put((byte) bus);
        for (int value : path) {
            scope.put((byte) value);
        }
        return scope.array();
    }

    byte[] bytes() {
        var body = structures.toByteArray();
        var table = little(FIRST + body.length).put("DMAR".getBytes(StandardCharsets.ISO_8859_1)).putInt(FIRST + body.length)
                .put((byte) 1).put((byte) 0).put("TESTER".getBytes(StandardCharsets.ISO_8859_1)).position(36)
                .put((byte) (width - 1)).put((byte) flags).position(FIRST).put(body).array();
        return sealed(table);
    }

    FirmwareFile file() {
        return new FirmwareFile("test.dmar.bin", bytes());
    }

    Dmar parse() {
        return Dmar.parse(file());
    }

    /** With the checksum set right. */
    static byte[] sealed(byte[] table) {
        if (table.length > 9) {
            table[9] = 0;
            byte sum = 0;
            for (byte value : table) {
                sum += value;
            }
            table[9] = (byte) -sum;
        }
        return table;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
