package sluicegate.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.IommuUnit;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.sim.EmbeddedMachine;

/** An embedded machine with its driver bound to its first unit, without the core. */
final class DriverBenchUnit implements AutoCloseable {
    final EmbeddedMachine machine;
    final IommuOps ops;

    DriverBenchUnit(String name) {
        var folder = Path.of(System.getProperty("sluicegate.machines", "sim/machines"), name);
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(folder)), "bench", 0);
        var unit = machine.units().get(0);
        ops = driverOf(unit).probe(new Context(unit));
    }

    private static IommuDriver driverOf(IommuUnit unit) {
        return switch (unit.compatible()) {
            case "intel,vtd" -> new VtdDriver();
            case "arm,smmu-v3" -> new Smmuv3Driver();
            case "amd,iommu" -> new AmdviDriver();
            default -> throw new IllegalArgumentException("no driver for " + unit.compatible());
        };
    }

    /** A domain of a device with the device in it. */
    DriverDomain attached(String name) {
        var device = machine.buses().stream().flatMap(bus -> bus.devices().stream()).filter(each -> each.name().equals(name))
                .findFirst().orElseThrow();
        var context = new Master(device);
        device.bus().dmaConfigure(device).orElseThrow().specifiers().forEach(each -> ops.ofXlate(context, each));
        ops.probeDevice(context);
        var domain = ops.domainAllocPaging(context, Set.of());
        domain.attachDev(context, Optional.empty());
        return domain;
    }

    @Override
    public void close() {
        machine.powerOff();
    }

    private record Context(IommuUnit unit) implements ProbeContext, FaultSink {
        @Override
        public String unitName() {
            return unit.name();
        }

        @Override
        public FaultSink faults() {
            return this;
        }

        @Override
        public boolean held() {
            return false;
        }

        @Override
        public void fault(FaultRecord record) { }

        @Override
        public void overflow() { }

        @Override
        public void pageRequest(PageRequest request) { }
    }

    private static final class Master implements DeviceContext {
        private final BusDevice device;
        private final List<Integer> ids = new ArrayList<>();
        private Object data;

        Master(BusDevice device) {
            this.device = device;
        }

        @Override
        public String name() {
            return device.name();
        }

        @Override
        public BusDevice device() {
            return device;
        }

        @Override
        public List<Integer> ids() {
            return ids;
        }

        @Override
        public void addId(int id) {
            ids.add(id);
        }

        @Override
        public boolean atsSupported() {
            return false;
        }

        @Override
        public Optional<Object> driverData() {
            return Optional.ofNullable(data);
        }

        @Override
        public void setDriverData(Object value) {
            data = value;
        }
    }
}
