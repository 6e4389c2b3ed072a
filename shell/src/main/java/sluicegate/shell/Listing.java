package sluicegate.shell;

import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Things of one kind. A list, so that Gogo can go through it: {@code each (iommu:devices) { iommu:info $it }}. */
public final class Listing extends AbstractList<Item> implements Answer {
    private final List<String> columns;
    private final List<Item> items;
    private final String none;
    private final Optional<String> shown;
    private final boolean json;

    private Listing(List<String> columns, List<Item> items, String none, Optional<String> shown, boolean json) {
        this.columns = columns;
        this.items = items;
        this.none = none;
        this.shown = shown;
        this.json = json;
    }

    /**
     * @param columns the keys that a table shows, in order
     * @param none what a person reads if there is nothing to list
     */
    static Listing of(List<String> columns, List<Item> items, String none) {
        return new Listing(List.copyOf(columns), List.copyOf(items), none, Optional.empty(), false);
    }

    /** The same list, which a person sees as this text instead of a table. */
    Listing shownAs(String text) {
        return new Listing(columns, items, none, Optional.of(text), json);
    }

    @Override
    public Listing asJson() {
        return new Listing(columns, items, none, shown, true);
    }

    @Override
    public String text() {
        if (json) {
            return Json.of(this);
        }
        return items.isEmpty() ? none : shown.orElseGet(() -> Table.of(columns, items));
    }

    @Override
    public String word() {
        return items.stream().map(Item::word).collect(Collectors.joining(" "));
    }

    @Override
    public Item get(int index) {
        return items.get(index);
    }

    @Override
    public int size() {
        return items.size();
    }

    /** What a script gets that puts the list into a string. */
    @Override
    public String toString() {
        return text();
    }
}
