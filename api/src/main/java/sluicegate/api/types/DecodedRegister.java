package sluicegate.api.types;

import java.util.List;

/**
 * A register of a unit with its fields decoded.
 *
 * @param name the manual's name
 * @param offset byte offset in the unit's register window
 * @param value its value when it was read, low 64 bits
 * @param fields its fields, most significant first
 */
public record DecodedRegister(String name, long offset, long value, List<DecodedField> fields) {
    public DecodedRegister {
        fields = List.copyOf(fields);
    }
}
