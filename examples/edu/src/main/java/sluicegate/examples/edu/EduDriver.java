package sluicegate.examples.edu;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import sluicegate.api.Device;
import sluicegate.api.Iommu;
import sluicegate.api.dma.DmaMappers;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The driver: knows its devices by vendor and device id, and which of them it is bound to. One that is taken out or whose machine
 * goes off is let go, and all are when the bundle stops. Thread-safe.
 */
@Component(service = EduDriver.class)
public final class EduDriver {
    private static final int VENDOR = 0x1234;
    private static final int DEVICE = 0x11e8;

    private final Iommu iommu;
    private final DmaMappers mappers;
    private final Map<Device, EduDevice> bound = new LinkedHashMap<>();
    private final Map<Bus, Bus.Subscription> buses = new ConcurrentHashMap<>();

    @Activate
    public EduDriver(@Reference Iommu iommu, @Reference DmaMappers mappers) {
        this.iommu = iommu;
        this.mappers = mappers;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addBus(Bus bus) {
        buses.put(bus, bus.subscribe(new Bus.Listener() {
            @Override
            public void added(BusDevice device) {
                // Binding is for who uses the device to ask for.
            }

            @Override
            public void removed(BusDevice device) {
                letGo(each -> each.busDevice() == device);
            }
        }));
    }

    void removeBus(Bus bus) {
        var subscription = buses.remove(bus);
        if (subscription != null) {
            subscription.close();
        }
        letGo(each -> each.busDevice().bus() == bus);
    }

    @Deactivate
    void close() {
        letGo(each -> true);
    }

    private synchronized void letGo(Predicate<Device> which) {
        var leaving = bound.keySet().stream().filter(which).toList();
        leaving.forEach(device -> bound.remove(device).close());
    }

    /** Its devices on all machines. */
    List<Device> devices() {
        return iommu.devices().stream().filter(device -> device.busDevice() instanceof PciFunction function && isEdu(function)).toList();
    }

    private static boolean isEdu(PciFunction function) {
        return function.vendorId() == VENDOR && function.deviceId() == DEVICE;
    }

    /** @throws IommuException ENODEV if there is no such device, or it is no edu; otherwise as {@link EduDevice#bind} */
    synchronized EduDevice bind(String name) {
        var device = iommu.device(name);
        if (!(device.busDevice() instanceof PciFunction function) || !isEdu(function)) {
            throw IommuException.of(Errno.ENODEV, "%s is no edu (1234:11e8); edu:devices lists those that are", device.name());
        }
        var driven = EduDevice.bind(device, function, mappers.dmaMapper(device));
        bound.put(device, driven);
        return driven;
    }

    /** @throws IommuException ENODEV if it is not bound to this driver */
    synchronized EduDevice get(String name) {
        var driven = bound.get(iommu.device(name));
        if (driven == null) {
            throw IommuException.of(Errno.ENODEV, "%s is not bound to this driver; edu:bind binds it", name);
        }
        return driven;
    }

    /** @throws IommuException ENODEV if it is not bound to this driver */
    synchronized void unbind(String name) {
        var driven = get(name);
        bound.remove(driven.device());
        driven.close();
    }

    synchronized boolean isBound(Device device) {
        return bound.containsKey(device);
    }
}
