package sluicegate.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * All the fields of one structure. Encoding and decoding go through the {@link Field}s; this class is what makes
 * dumps, documentation and tests possible without knowing the structure.
 *
 * <p>Fields are kept from the highest bit to the lowest, as manuals list them. They may not overlap. Bits that no field
 * covers are bits of which the description says nothing; the tests see to it that there are none.
 */
public final class Layout {

    private final String name;
    private final String section;
    private final int bits;
    private final List<Field> fields;

    private Layout(String name, String section, int bits, List<Field> fields) {
        this.name = name;
        this.section = section;
        this.bits = bits;
        this.fields = fields;
    }

    /**
     * A structure made of fields, given in any order.
     *
     * @throws IllegalArgumentException if fields overlap, lie outside the structure or share a name
     */
    public static Layout of(String name, String section, int bits, Field... fields) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(section, "section");
        if (bits <= 0) {
            throw new IllegalArgumentException("layout " + name + ": no structure has " + bits + " bits");
        }
        List<Field> sorted = new ArrayList<>(List.of(fields));
        sorted.sort(Comparator.comparingInt(Field::low).reversed());
        int free = bits;
        for (Field field : sorted) {
            if (field.high() >= bits) {
                throw new IllegalArgumentException("layout " + name + ": field " + field.name() + " ends at bit "
                        + field.high() + ", outside its " + bits + " bits");
            }
            if (field.high() >= free) {
                throw new IllegalArgumentException("layout " + name + ": field " + field.name()
                        + " overlaps another at bit " + field.high());
            }
            free = field.low();
        }
        long named = sorted.stream().filter(Layout::hasOwnName).count();
        if (sorted.stream().filter(Layout::hasOwnName).map(Field::name).distinct().count() != named) {
            throw new IllegalArgumentException("layout " + name + ": two fields share a name");
        }
        return new Layout(name, section, bits, List.copyOf(sorted));
    }

    /** The manual's name for the structure. */
    public String name() {
        return name;
    }

    /** Where the manual defines it. */
    public String section() {
        return section;
    }

    /** Its size in bits. */
    public int bits() {
        return bits;
    }

    /** The number of 64-bit words that hold it. */
    public int words() {
        return (bits + Long.SIZE - 1) / Long.SIZE;
    }

    /** Its fields, highest bit first. */
    public List<Field> fields() {
        return fields;
    }

    /**
     * The field of that name.
     *
     * @throws IllegalArgumentException if there is none; reserved and ignored bits are not looked up by name
     */
    public Field field(String fieldName) {
        for (Field field : fields) {
            if (hasOwnName(field) && field.name().equals(fieldName)) {
                return field;
            }
        }
        throw new IllegalArgumentException("layout " + name + " has no field " + fieldName);
    }

    /** The bits of a word that must be zero. Meant to be read once into a constant. */
    public long reservedMask(int word) {
        checkWord(word);
        long mask = 0;
        for (Field field : fields) {
            if (field.word() == word && field.kind() == Kind.RESERVED) {
                mask |= field.mask();
            }
        }
        return mask;
    }

    /**
     * The named fields with their values, highest bit first, and those reserved bits that are not zero as they should
     * be.
     *
     * @throws IllegalArgumentException if there are not exactly {@link #words()} words
     */
    public List<FieldValue> decode(long... words) {
        checkCount(words.length);
        List<FieldValue> values = new ArrayList<>(fields.size());
        for (Field field : fields) {
            long word = words[field.word()];
            if (hasOwnName(field) || field.kind() == Kind.RESERVED && field.isSet(word)) {
                values.add(new FieldValue(field, field.kind() == Kind.ADDRESS ? field.inPlace(word) : field.get(word)));
            }
        }
        return List.copyOf(values);
    }

    /**
     * One line for a person: {@code P=1 CTP=0x12345000}, lowest field first as people read entries. Fields that are zero
     * are left out, except that a structure of nothing but zeros says so.
     */
    public String describe(long... words) {
        List<FieldValue> values = decode(words);
        StringBuilder text = new StringBuilder();
        for (int i = values.size() - 1; i >= 0; i--) {
            FieldValue value = values.get(i);
            if (value.value() != 0) {
                text.append(text.isEmpty() ? "" : " ").append(value);
                if (value.field().kind() == Kind.RESERVED) {
                    text.append('[').append(range(value.field())).append(']');
                }
            }
        }
        return text.isEmpty() ? "0" : text.toString();
    }

    /** The documentation table of the structure. */
    public String markdownTable() {
        StringBuilder table = new StringBuilder(
                "| bits | field | kind | section | meaning |\n|---:|---|---|---|---|\n");
        for (Field field : fields) {
            table.append("| ").append(range(field))
                    .append(" | ").append(hasOwnName(field) ? "`" + field.name() + "`" : "–")
                    .append(" | ").append(field.kind().name().toLowerCase(Locale.ROOT))
                    .append(" | ").append(field.section())
                    .append(" | ").append(field.meaning()).append(" |\n");
        }
        return table.toString();
    }

    /** {@code RootEntry (128 bits)}. */
    @Override
    public String toString() {
        return name + " (" + bits + " bits)";
    }

    private static boolean hasOwnName(Field field) {
        return field.kind() == Kind.VALUE || field.kind() == Kind.ADDRESS;
    }

    private static String range(Field field) {
        return field.high() == field.low() ? "" + field.low() : field.high() + ":" + field.low();
    }

    private void checkWord(int word) {
        if (word < 0 || word >= words()) {
            throw new IllegalArgumentException("layout " + name + " has " + words() + " words, none with index "
                    + word);
        }
    }

    private void checkCount(int count) {
        if (count != words()) {
            throw new IllegalArgumentException("layout " + name + " takes " + words() + " words, got " + count);
        }
    }
}
