package sluicegate.spec;

import java.util.Objects;

/**
 * A field together with what was found in it.
 *
 * @param field the field
 * @param value what {@link Field#inPlace} gives for an address, and {@link Field#get} for all others
 */
public record FieldValue(Field field, long value) {

    /** Checks that there is a field. */
    public FieldValue {
        Objects.requireNonNull(field, "field");
    }

    /** {@code NAME=0x..}; a single bit without the {@code 0x}. */
    @Override
    public String toString() {
        return field.name() + "=" + (field.width() == 1 ? "" : "0x") + Long.toHexString(value);
    }
}
