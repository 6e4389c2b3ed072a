package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import sluicegate.api.Iommu.DriverInfo;
import sluicegate.api.Unit;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.core.impl.iopf.RequestThreads;

/** All that the core knows of. Changed under the probe lock; tables by name are read without it. */
final class Registry {
    private final ConcurrentNavigableMap<String, CoreUnit> units = new ConcurrentSkipListMap<>();
    private final ConcurrentNavigableMap<String, CoreDevice> devices = new ConcurrentSkipListMap<>();
    private final GroupTable groups = new GroupTable();
    private final DomainTable domains;
    private final UnboundPolicy unbound = new UnboundPolicy();
    private final Map<String, UnitSettings> settings = new ConcurrentHashMap<>();
    private volatile Optional<UnitSettings> defaultSettings = Optional.empty();
    /** The best first. */
    private final List<DriverEntry> drivers = new CopyOnWriteArrayList<>();

    private final Map<IommuUnit, CoreUnit> unitsByPlatform = new IdentityHashMap<>();
    private final Map<BusDevice, CoreDevice> devicesByPlatform = new IdentityHashMap<>();
    /** By the address of device 0, function 0 of the bus. */
    private final Map<PciAddress, List<PciFunction>> pciBuses = new HashMap<>();

    Registry(FlushTimer flushTimer, RequestThreads requestThreads) {
        domains = new DomainTable(flushTimer, requestThreads);
    }

    GroupTable groups() {
        return groups;
    }

    DomainTable domains() {
        return domains;
    }

    UnboundPolicy unbound() {
        return unbound;
    }

    // ---- units

    Collection<CoreUnit> units() {
        return units.values();
    }

    Optional<CoreUnit> unit(String name) {
        return Optional.ofNullable(units.get(name));
    }

    Optional<CoreUnit> unit(IommuUnit platform) {
        return Optional.ofNullable(unitsByPlatform.get(platform));
    }

    /** What is set for a unit of that name, now or later, or for all. */
    UnitSettings settings(String unit) {
        return Optional.ofNullable(settings.get(unit)).or(() -> defaultSettings).orElse(UnitSettings.DEFAULT);
    }

    void setDefaultSettings(UnitSettings newDefault) {
        defaultSettings = Optional.of(newDefault);
    }

    /** @param newSettings empty to have the defaults again */
    void setSettings(String unit, Optional<UnitSettings> newSettings) {
        newSettings.ifPresentOrElse(present -> settings.put(unit, present), () -> settings.remove(unit));
    }

    CoreUnit addUnit(IommuUnit platform, CoreUnit.UnitSwap swap) {
        var unit = new CoreUnit(Names.free(platform.name(), units::containsKey), platform, this::describe, this::settings, swap);
        units.put(unit.name(), unit);
        unitsByPlatform.put(platform, unit);
        return unit;
    }

    void removeUnit(CoreUnit unit) {
        units.remove(unit.name(), unit);
        unitsByPlatform.remove(unit.platform());
    }

    List<CoreGroup> groupsOf(CoreUnit unit) {
        return groups.behindUnits().stream().filter(group -> group.unit() == unit).toList();
    }

    // ---- devices

    Collection<CoreDevice> devices() {
        return devices.values();
    }

    Optional<CoreDevice> device(String name) {
        return Optional.ofNullable(devices.get(name));
    }

    Optional<CoreDevice> device(BusDevice platform) {
        return Optional.ofNullable(devicesByPlatform.get(platform));
    }

    CoreDevice addDevice(BusDevice platform) {
        var device = new CoreDevice(Names.free(platform.name(), devices::containsKey), platform, unbound);
        devices.put(device.name(), device);
        devicesByPlatform.put(platform, device);
        if (platform instanceof PciFunction function) {
            pciBuses.computeIfAbsent(busOf(function), key -> new ArrayList<>(1)).add(function);
        }
        return device;
    }

    void removeDevice(CoreDevice device) {
        devices.remove(device.name(), device);
        devicesByPlatform.remove(device.busDevice());
        if (device.busDevice() instanceof PciFunction function) {
            pciBuses.computeIfPresent(busOf(function), (key, functions) -> {
                functions.remove(function);
                return functions.isEmpty() ? null : functions;
            });
        }
    }

    /** The functions that are known on the bus of {@code function}, it among them. */
    Collection<PciFunction> onBusOf(PciFunction function) {
        return pciBuses.getOrDefault(busOf(function), List.of());
    }

    private static PciAddress busOf(PciFunction function) {
        return new PciAddress(function.address().segment(), function.address().bus(), 0, 0);
    }

    // ---- drivers

    List<DriverEntry> drivers() {
        return drivers;
    }

    void addDriver(DriverEntry driver) {
        drivers.add(driver);
        drivers.sort(DriverEntry.BEST_FIRST);
    }

    void removeDriver(DriverEntry driver) {
        drivers.remove(driver);
        units.values().forEach(unit -> unit.failedDrivers().remove(driver));
    }

    DriverInfo describe(DriverEntry driver) {
        var bound = units.values().stream()
                .filter(unit -> unit.binding().filter(binding -> binding.driver() == driver).isPresent())
                .sorted(Comparator.comparing(Unit::name)).map(Unit::name).toList();
        return new DriverInfo(driver.name(), driver.bundle(), driver.version(), driver.ranking(), driver.compatible(), bound);
    }
}
