package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluicegate.firmware.PropertiesText.Entry;

/**
 * The keys of {@code machine.properties} that are about units.
 *
 * @param all what comes before a name for all units, with the dot
 * @param one what comes before the number of one unit
 * @param names what comes after the dot
 * @param kind the units that have such settings
 * @param what such units are called, and where they would be described
 */
record SettingKeys(String all, String one, List<String> names, Class<? extends UnitDescription> kind, String what) {
    static final String DESCRIPTION = "description";
    static final String MEMORY = "memory";

    /** The keys that are about the whole machine. */
    private static final List<String> GENERAL =
            Stream.concat(Stream.of(DESCRIPTION, MEMORY), BusSettings.NAMES.stream()).toList();

    private static final List<SettingKeys> KINDS = List.of(
            new SettingKeys(VtdSettings.ALL_UNITS, VtdSettings.ONE_UNIT, VtdSettings.NAMES, UnitDescription.Vtd.class,
                    "VT-d unit: there is no DMAR table, or none is in it"),
            new SettingKeys(Smmuv3Settings.ALL_UNITS, Smmuv3Settings.ONE_UNIT, Smmuv3Settings.NAMES,
                    UnitDescription.Smmuv3.class, "SMMUv3: there is no IORT table and no device tree, or none is in it"),
            new SettingKeys(AmdviSettings.ALL_UNITS, AmdviSettings.ONE_UNIT, AmdviSettings.NAMES, UnitDescription.Amdvi.class,
                    "AMD IOMMU: there is no IVRS table, or none is in it"));

    /** Whether every key is one that there is, and about a unit that the machine has. */
    static void check(Map<String, Entry> settings, List<UnitDescription> units) {
        for (var entry : settings.values()) {
            var key = entry.key();
            if (!GENERAL.contains(key)) {
                KINDS.stream().filter(kind -> kind.isAboutAll(key) || kind.isAboutOne(key)).findFirst()
                        .orElseThrow(() -> entry.bad("there is no such key; there are %s", known(units))).check(entry, units);
            }
        }
    }

    private boolean isAboutAll(String key) {
        return key.startsWith(all) && names.contains(key.substring(all.length()));
    }

    private boolean isAboutOne(String key) {
        var unit = oneUnit().matcher(key);
        return unit.matches() && names.contains(unit.group("name"));
    }

    private Pattern oneUnit() {
        return Pattern.compile(Pattern.quote(one) + "(?<unit>[0-9]{1,4})\\.(?<name>.*)");
    }

    private void check(Entry entry, List<UnitDescription> units) {
        long count = units.stream().filter(kind::isInstance).count();
        if (count == 0) {
            throw entry.bad("the machine has no %s", what);
        }
        var unit = oneUnit().matcher(entry.key());
        if (unit.matches() && Integer.parseInt(unit.group("unit")) >= count) {
            throw entry.bad("the machine has no such unit; there are %d", count);
        }
    }

    /** Those for the units that there are; all if there are none. */
    private static String known(List<UnitDescription> units) {
        var keys = new ArrayList<>(GENERAL);
        var ones = new ArrayList<String>();
        for (var kind : KINDS) {
            if (units.isEmpty() || units.stream().anyMatch(kind.kind()::isInstance)) {
                kind.names().forEach(name -> keys.add(kind.all() + name));
                ones.add(kind.one() + "0.*");
            }
        }
        return String.join(", ", keys) + ", and " + String.join(", ", ones) + " with the same names for one unit";
    }
}
