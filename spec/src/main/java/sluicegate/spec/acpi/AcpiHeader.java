package sluicegate.spec.acpi;

import java.nio.charset.StandardCharsets;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Header of every system description table.
 *
 * <pre>
 *       +------------------+
 *  0x00 | SIGNATURE        | 4 bytes
 *       +------------------+
 *  0x04 | LENGTH           | 4 bytes
 *       +------------------+
 *  0x08 | REVISION         | 1 byte
 *       +------------------+
 *  0x09 | CHECKSUM         | 1 byte
 *       +------------------+
 *  0x0a | OEM_ID           | 6 bytes
 *       +------------------+
 *  0x10 | OEM_TABLE_ID     | 8 bytes
 *       +------------------+
 *  0x18 | OEM_REVISION     | 4 bytes
 *       +------------------+
 *  0x1c | CREATOR_ID       | 4 bytes
 *       +------------------+
 *  0x20 | CREATOR_REVISION | 4 bytes
 *       +------------------+
 * </pre>
 */
public final class AcpiHeader {

    private static final String SECTION = "ACPI 5.2.6";

    /** Bytes of what is described here. */
    public static final int SIZE = 36;

    /** Offset 0x00: four letters that name the table. */
    public static final ByteField SIGNATURE = new ByteField("SIGNATURE", 0x00, 4, SECTION,
            "four letters that name the table");
    /** Offset 0x04: bytes of the whole table, this header included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x04, 4, SECTION,
            "bytes of the whole table, this header included");
    /** Offset 0x08: revision of the table. */
    public static final ByteField REVISION = new ByteField("REVISION", 0x08, 1, SECTION, "revision of the table");
    /** Offset 0x09: makes all bytes of the table add up to zero. */
    public static final ByteField CHECKSUM = new ByteField("CHECKSUM", 0x09, 1, SECTION,
            "makes all bytes of the table add up to zero");
    /** Offset 0x0a: who made it. */
    public static final ByteField OEM_ID = new ByteField("OEM_ID", 0x0A, 6, SECTION, "who made it");
    /** Offset 0x10: what they call it. */
    public static final ByteField OEM_TABLE_ID = new ByteField("OEM_TABLE_ID", 0x10, 8, SECTION, "what they call it");
    /** Offset 0x18: their revision. */
    public static final ByteField OEM_REVISION = new ByteField("OEM_REVISION", 0x18, 4, SECTION, "their revision");
    /** Offset 0x1c: what built it. */
    public static final ByteField CREATOR_ID = new ByteField("CREATOR_ID", 0x1C, 4, SECTION, "what built it");
    /** Offset 0x20: the revision of that. */
    public static final ByteField CREATOR_REVISION = new ByteField("CREATOR_REVISION", 0x20, 4, SECTION,
            "the revision of that");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("ACPI table header", SECTION, SIZE,
            SIGNATURE, LENGTH, REVISION, CHECKSUM, OEM_ID, OEM_TABLE_ID, OEM_REVISION, CREATOR_ID, CREATOR_REVISION);

    private AcpiHeader() {
    }

    /** The four letters at the start of a table. */
    public static String signature(byte[] data, int base) {
        return new String(SIGNATURE.bytes(data, base), StandardCharsets.ISO_8859_1);
    }

    /** The sum of bytes modulo 256, zero for a whole table that is intact. */
    public static int checksum(byte[] data, int base, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += data[base + i];
        }
        return sum & 0xFF;
    }

    /** Writes the checksum that makes the table intact. */
    public static void seal(byte[] data, int base, int length) {
        CHECKSUM.put(data, base, 0);
        CHECKSUM.put(data, base, -checksum(data, base, length) & 0xFF);
    }
}
