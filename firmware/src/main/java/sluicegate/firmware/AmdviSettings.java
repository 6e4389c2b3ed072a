package sluicegate.firmware;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import sluicegate.firmware.PropertiesText.Entry;

/** The {@code amdvi.*} settings of a machine, and {@code ivhd0.*} for what one unit has different. */
final class AmdviSettings {
    static final String ALL_UNITS = "amdvi.";
    static final String ONE_UNIT = "ivhd";

    /** Of a unit with guest tables of which nothing else is said. */
    private static final int USUAL_PASID_BITS = 16;

    /** What comes after {@code amdvi.} or {@code ivhd0.}, in the order of the documentation. */
    static final List<String> NAMES = Stream.concat(
            Stream.of("host-levels", "guest-levels", "guest-cr3-levels", "pasid-bits", "physical-bits", "device-table-segments"),
            Stream.of(AmdviFlag.values()).map(AmdviFlag::setting)).toList();

    private AmdviSettings() {}

    /** What a unit can do: its own settings, else those for all units, else {@link AmdviFeatures#DEFAULT}. */
    static AmdviFeatures of(Map<String, Entry> settings, int unit) {
        var own = new UnitSettings(settings, ALL_UNITS, ONE_UNIT + unit + ".");
        var base = AmdviFeatures.DEFAULT;
        var flags = EnumSet.noneOf(AmdviFlag.class);
        for (var flag : AmdviFlag.values()) {
            if (own.flag(flag.setting(), base.has(flag))) {
                flags.add(flag);
            }
        }
        int hostLevels = own.number("host-levels", base.hostLevels(), 4, 6);
        int guestLevels = own.number("guest-levels", base.guestLevels(), 4, 5);
        int guestCr3Levels = own.number("guest-cr3-levels", base.guestCr3Levels(), 1, 3);
        int pasidBits = own.number("pasid-bits", flags.contains(AmdviFlag.GUEST_TRANSLATION) ? USUAL_PASID_BITS
                : base.pasidBits(), 0, AmdviFeatures.MOST_PASID_BITS);
        int physicalBits = own.number("physical-bits", base.physicalBits(), AmdviFeatures.LEAST_PHYSICAL_BITS,
                AmdviFeatures.MOST_PHYSICAL_BITS);
        int segments = own.oneOf("device-table-segments", base.deviceTableSegments(), 1, 2, 4, 8);
        return own.blaming(NAMES, () -> new AmdviFeatures(flags, hostLevels, guestLevels, guestCr3Levels, pasidBits,
                physicalBits, segments));
    }
}
