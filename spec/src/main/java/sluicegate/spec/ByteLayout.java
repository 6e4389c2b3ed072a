package sluicegate.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * All the fields of the fixed part of a structure of bytes, the lowest offset first. What may follow it is not
 * described here.
 */
public final class ByteLayout {

    private final String name;
    private final String section;
    private final int size;
    private final List<ByteField> fields;

    private ByteLayout(String name, String section, int size, List<ByteField> fields) {
        this.name = name;
        this.section = section;
        this.size = size;
        this.fields = fields;
    }

    /**
     * A structure made of fields, given in any order.
     *
     * @throws IllegalArgumentException if fields overlap, lie outside the structure or share a name
     */
    public static ByteLayout of(String name, String section, int size, ByteField... fields) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(section, "section");
        List<ByteField> sorted = new ArrayList<>(List.of(fields));
        sorted.sort(Comparator.comparingInt(ByteField::offset));
        int used = 0;
        for (ByteField field : sorted) {
            if (field.offset() < used) {
                throw new IllegalArgumentException("layout " + name + ": field " + field.name()
                        + " overlaps another at offset " + field.offset());
            }
            used = field.end();
            if (used > size) {
                throw new IllegalArgumentException("layout " + name + ": field " + field.name() + " ends at offset "
                        + used + ", outside its " + size + " bytes");
            }
        }
        long named = sorted.stream().filter(f -> !f.isReserved()).count();
        if (sorted.stream().filter(f -> !f.isReserved()).map(ByteField::name).distinct().count() != named) {
            throw new IllegalArgumentException("layout " + name + ": two fields share a name");
        }
        return new ByteLayout(name, section, size, List.copyOf(sorted));
    }

    /** The manual's name for the structure. */
    public String name() {
        return name;
    }

    /** Where the manual defines it. */
    public String section() {
        return section;
    }

    /** The bytes of the fixed part. */
    public int size() {
        return size;
    }

    /** Its fields, lowest offset first. */
    public List<ByteField> fields() {
        return fields;
    }

    /**
     * The field of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public ByteField field(String fieldName) {
        return fields.stream().filter(f -> !f.isReserved() && f.name().equals(fieldName)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("layout " + name + " has no field " + fieldName));
    }

    /** One line for a person: {@code TYPE=0x0 LENGTH=0x18 ...}, the numbers only. */
    public String describe(byte[] data, int base) {
        StringBuilder text = new StringBuilder();
        for (ByteField field : fields) {
            if (!field.isReserved() && field.size() <= Long.BYTES) {
                text.append(text.isEmpty() ? "" : " ").append(field.name()).append("=0x")
                        .append(Long.toHexString(field.get(data, base)));
            }
        }
        return text.toString();
    }

    /** The documentation table of the structure. */
    public String markdownTable() {
        StringBuilder table = new StringBuilder(
                "| offset | bytes | field | section | meaning |\n|---:|---:|---|---|---|\n");
        for (ByteField field : fields) {
            table.append("| 0x").append(Integer.toHexString(field.offset()))
                    .append(" | ").append(field.size())
                    .append(" | ").append(field.isReserved() ? "–" : "`" + field.name() + "`")
                    .append(" | ").append(field.section())
                    .append(" | ").append(field.meaning()).append(" |\n");
        }
        return table.toString();
    }

    /** {@code DRHD (16 bytes)}. */
    @Override
    public String toString() {
        return name + " (" + size + " bytes)";
    }
}
