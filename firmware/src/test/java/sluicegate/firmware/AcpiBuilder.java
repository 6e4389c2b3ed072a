package sluicegate.firmware;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes tables byte by byte, without the vocabulary that the readers use. */
final class AcpiBuilder {
    private static final int HEADER = 36;

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final String signature;
    private int revision = 1;

    AcpiBuilder(String signature) {
        this.signature = signature;
    }

    AcpiBuilder revision(int value) {
        revision = value;
        return this;
    }

    /** Where the next byte goes, counted from the start of the table. */
    int at() {
        return HEADER + body.size();
    }

    AcpiBuilder u8(int... values) {
        for (int value : values) {
            body.write(value);
        }
        return this;
    }

    AcpiBuilder u16(int... values) {
        for (int value : values) {
            u8(value, value >>> 8);
        }
        return this;
    }

    AcpiBuilder u32(long... values) {
        for (long value : values) {
            u16((int) value, (int) (value >>> 16));
        }
        return this;
    }

    AcpiBuilder u64(long... values) {
        for (long value : values) {
            u32(value, value >>> 32);
        }
        return this;
    }

    AcpiBuilder text(String text) {
        body.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    byte[] bytes() {
        var table = ByteBuffer.allocate(HEADER + body.size()).order(ByteOrder.LITTLE_ENDIAN)
                .put(signature.getBytes(StandardCharsets.ISO_8859_1)).putInt(HEADER + body.size()).put((byte) revision)
                .put((byte) 0).put("TESTER".getBytes(StandardCharsets.ISO_8859_1)).position(HEADER)
                .put(body.toByteArray()).array();
        return DmarBuilder.sealed(table);
    }
}
