package sluicegate.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.sim.vtd.VtdUnit;

/**
 * The whole platform without OSGi: a machine with a VT-d unit, the core and the VT-d driver, and one device in an
 * application's domain. What benchmarks measure on it has been programmed by the driver through the unit's registers.
 */
final class BenchMachine implements AutoCloseable {
    private static final String DEVICE = "0000:00:05.0";

    final EmbeddedMachine machine;
    final IommuCore core = new IommuCore();
    final VtdUnit unit;
    final Device device;
    final Domain domain;
    /** A device that is alone in its group and in its default domain, and a domain for it. */
    final Device spare;
    final Domain spareDomain;

    /** In legacy mode. */
    BenchMachine() {
        this("q35-vtd-rich");
    }

    /** @param name {@code q35-vtd-rich}, or {@code q35-vtd-scalable}, which is like it but for the mode */
    BenchMachine(String name) {
        var folder = Path.of(System.getProperty("sluicegate.machines", "sim/machines"), name);
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(folder)), "bench", 0);
        core.addDriver(new DriverEntry(new VtdDriver(), "intel-vtd", "bench", "0", 0, 0, List.of("intel,vtd")));
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        core.awaitProbed(machine, Duration.ofSeconds(10));
        unit = machine.vtdUnits().get(0);
        device = core.device(DEVICE);
        domain = core.allocateDomain(device, Set.of());
        domain.attach(device);
        spare = core.devices().stream().filter(other -> other != device
                && other.group().filter(group -> group.devices().size() == 1).isPresent()).findFirst().orElseThrow();
        spareDomain = core.allocateDomain(spare, Set.of());
    }

    /** Maps {@code size} bytes by 4 KiB pages only, each to the same place as its IOVA plus {@code address}. */
    void mapSmallPages(long iova, long address, long size) {
        // Single pages could be merged to large ones by nobody: each is a mapping of its own.
        for (long at = 0; at < size; at += 4096) {
            domain.map(iova + at, address + at, 4096, Prot.READ | Prot.WRITE);
        }
    }

    /** The requester id of the device. */
    int requesterId() {
        return 0x0028;
    }

    @Override
    public void close() {
        core.close();
        machine.powerOff();
    }
}
