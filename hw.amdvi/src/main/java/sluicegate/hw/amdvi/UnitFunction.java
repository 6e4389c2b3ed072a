package sluicegate.hw.amdvi;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.hw.common.PciCapabilityList;
import sluicegate.spec.pci.CapabilityId;

/**
 * What there is of a unit beside its registers: the PCI function that it is, and what firmware says of it. The platform tells
 * both as {@link IommuUnit#properties}; any of them may be missing.
 *
 * @param config its configuration space
 * @param properties what firmware says
 */
record UnitFunction(Optional<PciConfig> config, Map<String, String> properties) {
    private static final String FUNCTION = "pci-function";
    private static final String CAPABILITY = "capability-offset";
    private static final String FLAGS = "ivhd-flags";
    private static final String SETTINGS = "special-device-settings";
    private static final Pattern SETTING = Pattern.compile("0x([0-9a-f]{4})=0x([0-9a-f]{2})");

    static UnitFunction of(IommuUnit unit) {
        var properties = unit.properties();
        var config = Optional.ofNullable(properties.get(FUNCTION)).flatMap(name -> unit.machine().buses().stream()
                .flatMap(bus -> bus.devices().stream())
                .filter(device -> device.name().equals(name) && device instanceof PciFunction)
                .map(device -> ((PciFunction) device).config()).findFirst());
        return new UnitFunction(config, Map.copyOf(properties));
    }

    /** Where its capability is in configuration space, as firmware says or as it is found. */
    OptionalInt capability() {
        var told = number(CAPABILITY);
        if (config.isEmpty() || told.isPresent() && told.getAsInt() != 0) {
            return config.isEmpty() ? OptionalInt.empty() : told;
        }
        return PciCapabilityList.find(config.get(), CapabilityId.SECURE_DEVICE);
    }

    /** {@link sluicegate.spec.acpi.Ivhd#FLAG_BITS}, 0 if firmware does not say. */
    int flags() {
        return number(FLAGS).orElse(0);
    }

    /**
     * What firmware wants in the entries of devices that are on no bus, I/O APICs and HPETs, by device id
     * ({@link DeviceEntry#withSetting}).
     */
    Map<Integer, Integer> specialSettings() {
        var settings = new TreeMap<Integer, Integer>();
        for (String text : properties.getOrDefault(SETTINGS, "").split(", ")) {
            var setting = SETTING.matcher(text);
            if (setting.matches()) {
                settings.put(Integer.parseInt(setting.group(1), 16), Integer.parseInt(setting.group(2), 16));
            }
        }
        return settings;
    }

    private OptionalInt number(String key) {
        try {
            return Optional.ofNullable(properties.get(key)).map(text -> OptionalInt.of(Integer.decode(text)))
                    .orElse(OptionalInt.empty());
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
