package sluicegate.shell;

import java.util.List;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.Hex;

/** Decoded fields of registers and table entries. */
final class Fields {
    private Fields() {}

    static List<Item> items(List<DecodedField> fields) {
        return fields.stream()
                .map(field -> Item.of("name", field.name(), "value", Hex.of(field.value()), "meaning", field.meaning()))
                .toList();
    }

    /** The fields that tell a person something: a zero without a meaning does not. */
    static List<DecodedField> telling(List<DecodedField> fields) {
        return fields.stream().filter(field -> field.value() != 0 || !field.meaning().isEmpty()).toList();
    }
}
