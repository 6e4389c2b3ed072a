package sluicegate.shell;

import java.util.AbstractMap;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One thing with its named properties, in order. A map, so that Gogo can ask it: {@code $answer get address}.
 *
 * <p>Values are strings, numbers, {@link Size}s, booleans, items, lists of these, or {@code null} for what is not there.
 */
public final class Item extends AbstractMap<String, Object> implements Answer {
    private final Map<String, Object> properties;
    private final String standsFor;
    private final Optional<String> shown;
    private final boolean json;

    private Item(Map<String, Object> properties, String standsFor, Optional<String> shown, boolean json) {
        this.properties = properties;
        this.standsFor = standsFor;
        this.shown = shown;
        this.json = json;
    }

    /** Keys and values by turns; it stands for the value of its first key. */
    static Item of(Object... keysAndValues) {
        var properties = new LinkedHashMap<String, Object>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Item(Collections.unmodifiableMap(properties), (String) keysAndValues[0], Optional.empty(), false);
    }

    /** The same item, which stands for the value of another key. */
    Item standingFor(String key) {
        return new Item(properties, key, shown, json);
    }

    /** The same item, which a person sees as these lines instead of a list of its properties. */
    Item shownAs(String... lines) {
        return new Item(properties, standsFor, Optional.of(String.join("\n", Arrays.asList(lines))), json);
    }

    @Override
    public Item asJson() {
        return new Item(properties, standsFor, shown, true);
    }

    @Override
    public String text() {
        return json ? Json.of(this) : shown.orElseGet(() -> Table.ofProperties(this));
    }

    @Override
    public String word() {
        return Table.cell(properties.get(standsFor));
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return properties.entrySet();
    }

    /** What a script gets that puts the item into a string. */
    @Override
    public String toString() {
        return json ? text() : word();
    }
}
