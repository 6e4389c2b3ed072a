package sluicegate.firmware;

import java.nio.charset.StandardCharsets;
import sluicegate.api.types.IommuException;
import sluicegate.spec.acpi.AcpiHeader;

/**
 * An ACPI table whose header was checked (ACPI 5.2.6).
 *
 * @param file where it was read; exactly the table, nothing behind it
 * @param signature four letters
 * @param revision revision of the table's format
 * @param oemId who made it, without padding
 * @param oemTableId what they call it, without padding
 */
public record AcpiTable(FirmwareFile file, String signature, int revision, String oemId, String oemTableId) {

    /** Real tables of the kinds read here have some kilobytes at most. */
    private static final int SIZE_LIMIT = 1 << 20;

    /**
     * Checks signature, length and checksum. The kernel goes on with a wrong checksum after a warning, because it has no
     * other table; a file can be taken again, so here it is refused.
     *
     * @param signature what the table has to be
     * @throws IommuException EINVAL with file, offset, what is there and what should be
     */
    public static AcpiTable check(FirmwareFile file, String signature) {
        if (file.size() > SIZE_LIMIT) {
            throw file.malformed(0, "the file has %d bytes; no table of this kind has more than %d", file.size(), SIZE_LIMIT);
        }
        var data = file.bytes();
        if (data.length < AcpiHeader.SIZE) {
            throw file.malformed(0, "the file ends after %d bytes, within the table header of %d bytes",
                    data.length, AcpiHeader.SIZE);
        }
        var found = AcpiHeader.signature(data, 0);
        if (!found.equals(signature)) {
            throw file.malformed(AcpiHeader.SIGNATURE.offset(), "the signature is '%s' instead of '%s'",
                    printable(found), signature);
        }
        long length = AcpiHeader.LENGTH.get(data, 0);
        if (length != data.length) {
            throw file.malformed(AcpiHeader.LENGTH.offset(), "the table says it has %d bytes, but the file has %d",
                    length, data.length);
        }
        int sum = AcpiHeader.checksum(data, 0, data.length);
        if (sum != 0) {
            int byteThere = (int) AcpiHeader.CHECKSUM.get(data, 0);
            throw file.malformed(AcpiHeader.CHECKSUM.offset(),
                    "the checksum is wrong: the bytes of the table add up to 0x%02x instead of 0 (0x%02x here would do)",
                    sum, byteThere - sum & 0xff);
        }
        return new AcpiTable(file, signature, (int) AcpiHeader.REVISION.get(data, 0),
                text(AcpiHeader.OEM_ID.bytes(data, 0)), text(AcpiHeader.OEM_TABLE_ID.bytes(data, 0)));
    }

    private static String text(byte[] padded) {
        return printable(new String(padded, StandardCharsets.ISO_8859_1)).strip();
    }

    private static String printable(String text) {
        return text.replace('\0', ' ').replaceAll("[^\\x20-\\x7e]", "?");
    }
}
