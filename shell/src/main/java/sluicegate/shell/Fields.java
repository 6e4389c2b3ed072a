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

    /** The fields that are not zero, for a person: structures have many, and most are off. */
    static List<DecodedField> set(List<DecodedField> fields) {
        return fields.stream().filter(field -> field.value() != 0).toList();
    }
}
