package sluicegate.firmware;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluicegate.firmware.PropertiesText.Entry;

/** The {@code smmuv3.*} settings of a machine, and {@code smmu0.*} for what one unit has different. */
final class Smmuv3Settings {
    static final String ALL_UNITS = "smmuv3.";
    static final String ONE_UNIT = "smmu";

    private static final List<String> GRANULES = List.of("4K", "16K", "64K");
    private static final int FIRST_GRANULE_SHIFT = 12;

    /** What comes after {@code smmuv3.} or {@code smmu0.}, in the order of the documentation. */
    static final List<String> NAMES = Stream.concat(
            Stream.of("granules", "output-bits", "virtual-bits", "stream-bits", "substream-bits", "hardware-updates", "stalls",
                    "break-before-make", "command-queue-bits", "event-queue-bits", "pri-queue-bits", "control-page-bits",
                    "control-page-queue-bits"),
            Stream.of(Smmuv3Flag.values()).map(Smmuv3Flag::setting)).toList();

    private Smmuv3Settings() {}

    /** What a unit can do: its own settings, else those for all units, else {@link Smmuv3Features#DEFAULT}. */
    static Smmuv3Features of(Map<String, Entry> settings, int unit) {
        var own = new UnitSettings(settings, ALL_UNITS, ONE_UNIT + unit + ".");
        var base = Smmuv3Features.DEFAULT;
        var flags = EnumSet.noneOf(Smmuv3Flag.class);
        for (var flag : Smmuv3Flag.values()) {
            if (own.flag(flag.setting(), base.has(flag))) {
                flags.add(flag);
            }
        }
        var granules = shifts(own.several("granules", places(base.granuleShifts()), GRANULES));
        int outputBits = own.oneOf("output-bits", base.outputBits(), Smmuv3Features.OUTPUT_BITS);
        int virtualBits = own.oneOf("virtual-bits", base.virtualBits(), 48, 52);
        int streamBits = own.number("stream-bits", base.streamBits(), 0, Smmuv3Features.MOST_STREAM_BITS);
        int substreamBits = own.number("substream-bits", base.substreamBits(), 0, Smmuv3Features.MOST_SUBSTREAM_BITS);
        var updates = own.choice("hardware-updates", base.updates());
        var stalls = own.choice("stalls", base.stalls());
        int breakBeforeMake = own.number("break-before-make", base.breakBeforeMake(), 0,
                Smmuv3Features.MOST_BREAK_BEFORE_MAKE);
        int commands = own.number("command-queue-bits", base.commandQueueBits(), 0, Smmuv3Features.MOST_QUEUE_BITS);
        int events = own.number("event-queue-bits", base.eventQueueBits(), 0, Smmuv3Features.MOST_QUEUE_BITS);
        int requests = own.number("pri-queue-bits", base.priQueueBits(), 0, Smmuv3Features.MOST_QUEUE_BITS);
        int pages = own.number("control-page-bits", base.controlPageBits(), 0, Smmuv3Features.MOST_CONTROL_PAGE_BITS);
        int queues = own.number("control-page-queue-bits", base.controlPageQueueBits(), 0, Smmuv3Features.MOST_CONTROL_PAGE_BITS);
        return own.blaming(NAMES, () -> new Smmuv3Features(flags, granules, outputBits, virtualBits, streamBits, substreamBits,
                updates, stalls, breakBeforeMake, commands, events, requests, pages, queues));
    }

    private static Set<Integer> shifts(Set<Integer> places) {
        return places.stream().map(place -> FIRST_GRANULE_SHIFT + 2 * place).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<Integer> places(Set<Integer> shifts) {
        return shifts.stream().map(shift -> (shift - FIRST_GRANULE_SHIFT) / 2).collect(Collectors.toCollection(TreeSet::new));
    }
}
