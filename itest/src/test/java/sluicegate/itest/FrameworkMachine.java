package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Iommu;
import sluicegate.api.Machines;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Pasid;

/** A machine that runs for one test, and one device of it that does DMA. */
final class FrameworkMachine implements AutoCloseable {
    static final String NAME = "q35-vtd-rich";
    static final String DEVICE = "0000:00:05.0";

    private static final long BOUND_SECONDS = 20;
    private static final long POLL_NANOS = 200_000;

    final Machine machine;
    final Device device;

    FrameworkMachine(Machines machines, Iommu iommu) {
        this(machines, iommu, NAME, DEVICE);
    }

    /** @param place bus, device and function on the machine's first segment, or a whole name */
    FrameworkMachine(Machines machines, Iommu iommu, String name, String place) {
        machine = machines.boot(name);
        device = machine.buses().stream().flatMap(bus -> bus.devices().stream()).map(BusDevice::name)
                .filter(each -> each.endsWith(place)).findFirst().map(iommu::device).orElseThrow();
    }

    /** A domain with the device in it. */
    Domain attached(Iommu iommu) {
        var domain = iommu.allocateDomain(device, Set.of());
        domain.attach(device);
        return domain;
    }

    DmaStatus write(long iova, byte... data) {
        return device.busDevice().dma().write(Pasid.NONE, iova, data, 0, data.length);
    }

    DmaStatus read(long iova, byte[] target) {
        return device.busDevice().dma().read(Pasid.NONE, iova, target, 0, target.length);
    }

    byte[] memory(long address, int length) {
        var bytes = new byte[length];
        machine.memory().read(address, bytes, 0, length);
        return bytes;
    }

    /** Waits for what another thread is to bring about. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(BOUND_SECONDS).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("%s within %d s", what, BOUND_SECONDS).isLessThan(end);
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    static Bundle bundle(String symbolicName) {
        return Arrays.stream(FrameworkUtil.getBundle(FrameworkMachine.class).getBundleContext().getBundles())
                .filter(bundle -> bundle.getSymbolicName().equals(symbolicName)).findFirst().orElseThrow();
    }

    /** Whoever manages machines by now; does nothing if the machine went with its bundle. */
    @Override
    public void close() {
        var machines = Runtime.service(Machines.class);
        if (machines.running().contains(machine)) {
            machines.powerOff(machine.name());
        }
    }
}
