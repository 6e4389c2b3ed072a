package sluicegate.firmware;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PropertiesText.Entry;

/** The {@code vtd.*} settings of a machine, and {@code dmar0.*} for what one unit has different. */
final class VtdSettings {
    static final String ALL_UNITS = "vtd.";
    static final String ONE_UNIT = "dmar";

    /** What comes after {@code vtd.} or {@code dmar0.}, in the order of the documentation. */
    static final List<String> NAMES = List.of(
            "address-width", "levels", "large-pages", "caching-mode", "domain-ids", "queued-invalidation", "pass-through",
            "fault-records", "device-iotlb", "coherent", "snoop-control", "required-write-buffer-flush", "zero-length-read",
            "page-selective-invalidation", "drain", "protected-low-memory", "protected-high-memory", "enhanced-root-pointer",
            "interrupt-remapping", "extended-interrupt-mode", "interrupt-posting",
            "scalable-mode", "first-stage", "first-stage-five-levels", "first-stage-1g", "second-stage", "nested", "pasid-bits", "rid-pasid", "dirty-tracking", "extended-accessed", "supervisor-requests",
            "execute-requests", "snooped-walks", "abort-mode", "page-requests");

    /** The last of {@link #NAMES}: what only a unit with scalable mode has. */
    private static final List<String> SCALABLE_NAMES = NAMES.subList(NAMES.indexOf("first-stage"), NAMES.size());

    private final Map<String, Entry> settings;
    private final String unitPrefix;

    private VtdSettings(Map<String, Entry> settings, int unit) {
        this.settings = settings;
        this.unitPrefix = unitPrefix(unit);
    }

    static String unitPrefix(int unit) {
        return ONE_UNIT + unit + ".";
    }

    /** What a unit can do: its own settings, else those for all units, else {@link VtdFeatures#DEFAULT}. */
    static VtdFeatures of(Map<String, Entry> settings, int unit) {
        return new VtdSettings(settings, unit).read();
    }

    private VtdFeatures read() {
        var base = VtdFeatures.DEFAULT;
        int width = value("address-width", VtdSettings::number).orElse(base.addressWidth());
        var levels = value("levels", VtdSettings::numbers).orElse(Set.of(VtdFeatures.levelsFor(width)));
        int faultRecords = value("fault-records", VtdSettings::number).orElse(base.faultRecords());
        checkNumbers(width, levels, faultRecords);
        boolean deviceIotlb = flag("device-iotlb", base.deviceIotlb());
        var scalable = scalable();
        if (scalable.pageRequests() && !deviceIotlb) {
            throw find("page-requests").orElseThrow().bad("only devices with device TLBs ask for pages; write device-iotlb = yes "
                    + "as well");
        }
        var large = value("large-pages", entry -> words(entry, Set.of("2M", "1G", "none")));
        return new VtdFeatures(width, levels,
                large.map(pages -> pages.contains("2M")).orElse(base.pages2M()),
                large.map(pages -> pages.contains("1G")).orElse(base.pages1G()),
                flag("caching-mode", base.cachingMode()),
                value("domain-ids", VtdSettings::domainIdBits).orElse(base.domainIdBits()),
                flag("queued-invalidation", base.queuedInvalidation()),
                flag("pass-through", base.passThrough()),
                faultRecords,
                deviceIotlb,
                flag("coherent", base.coherent()),
                flag("snoop-control", base.snoopControl()),
                flag("required-write-buffer-flush", base.writeBufferFlush()),
                flag("zero-length-read", base.zeroLengthRead()),
                flag("page-selective-invalidation", base.pageSelectiveInvalidation()),
                flag("drain", base.drain()),
                flag("protected-low-memory", base.protectedLowMemory()),
                flag("protected-high-memory", base.protectedHighMemory()),
                flag("enhanced-root-pointer", base.enhancedRootPointer()),
                scalable,
                interrupts());
    }

    private VtdInterrupts interrupts() {
        boolean remapping = flag("interrupt-remapping", false);
        boolean extended = flag("extended-interrupt-mode", false);
        boolean posting = flag("interrupt-posting", false);
        try {
            return new VtdInterrupts(remapping, extended, posting);
        } catch (IommuException e) {
            throw Stream.of("extended-interrupt-mode", "interrupt-posting").flatMap(name -> find(name).stream())
                    .max(Comparator.comparingInt(Entry::line)).map(entry -> entry.bad("%s", e.getMessage())).orElse(e);
        }
    }

    private VtdScalable scalable() {
        var given = SCALABLE_NAMES.stream().flatMap(name -> find(name).stream()).max(Comparator.comparingInt(Entry::line));
        if (!flag("scalable-mode", false)) {
            if (given.isPresent() && find("scalable-mode").isEmpty()) {
                throw given.get().bad("this is a feature of scalable mode; write scalable-mode = yes as well");
            }
            return VtdScalable.NONE;
        }
        var base = VtdScalable.DEFAULT;
        boolean firstStage = flag("first-stage", base.firstStage());
        boolean secondStage = flag("second-stage", base.secondStage());
        try {
            return new VtdScalable(true, firstStage,
                    flag("first-stage-five-levels", base.fiveLevels()),
                    flag("first-stage-1g", base.firstStage1G() && firstStage),
                    secondStage,
                    flag("nested", base.nested() && firstStage && secondStage),
                    value("pasid-bits", VtdSettings::number).orElse(base.pasidBits()),
                    flag("rid-pasid", base.ridPasid()),
                    flag("dirty-tracking", base.dirtyTracking() && secondStage),
                    flag("extended-accessed", base.extendedAccessed()),
                    flag("supervisor-requests", base.supervisorRequests()),
                    flag("execute-requests", base.executeRequests()),
                    flag("snooped-walks", base.snoopedWalks()),
                    flag("abort-mode", base.abortMode()),
                    flag("page-requests", base.pageRequests()));
        } catch (IommuException e) {
            throw given.map(entry -> entry.bad("%s", e.getMessage())).orElse(e);
        }
    }

    /** Rules that no line breaks alone are blamed on the last of the lines concerned. */
    private void checkNumbers(int width, Set<Integer> levels, int faultRecords) {
        try {
            VtdFeatures.check(width, levels, faultRecords);
        } catch (IommuException e) {
            throw Stream.of("address-width", "levels", "fault-records").flatMap(name -> find(name).stream())
                    .max(Comparator.comparingInt(Entry::line)).orElseThrow().bad("%s", e.getMessage());
        }
    }

    private Optional<Entry> find(String name) {
        var own = settings.get(unitPrefix + name);
        return Optional.ofNullable(own != null ? own : settings.get(ALL_UNITS + name));
    }

    private <T> Optional<T> value(String name, Function<Entry, T> reader) {
        return find(name).map(reader);
    }

    private boolean flag(String name, boolean otherwise) {
        return value(name, VtdSettings::flag).orElse(otherwise);
    }

    private static boolean flag(Entry entry) {
        return switch (entry.value().strip().toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on" -> true;
            case "no", "false", "off" -> false;
            default -> throw entry.bad("write yes or no");
        };
    }

    private static int number(Entry entry) {
        try {
            return Math.toIntExact(Hex.parse(entry.value()));
        } catch (IommuException | ArithmeticException e) {
            throw entry.bad("this is not a small number");
        }
    }

    private static Set<Integer> numbers(Entry entry) {
        var numbers = new TreeSet<Integer>();
        for (var word : words(entry, Set.of("3", "4", "5"))) {
            numbers.add(Integer.valueOf(word));
        }
        return numbers;
    }

    private static Set<String> words(Entry entry, Set<String> known) {
        var words = new TreeSet<String>();
        for (var word : entry.value().strip().split("\\s*,\\s*", -1)) {
            if (!known.contains(word)) {
                throw entry.bad("'%s' is none of %s", word, String.join(", ", new TreeSet<>(known)));
            }
            words.add(word);
        }
        return words;
    }

    private static int domainIdBits(Entry entry) {
        int count = number(entry);
        int bits = Integer.numberOfTrailingZeros(count);
        if (count <= 0 || 1 << bits != count || bits < 4 || bits > 16 || bits % 2 != 0) {
            throw entry.bad("hardware has 16, 64, 256, 1024, 4096, 16384 or 65536 domain ids");
        }
        return bits;
    }
}
