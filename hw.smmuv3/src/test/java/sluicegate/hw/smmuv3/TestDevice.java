package sluicegate.hw.smmuv3;

import static org.mockito.Mockito.lenient;
import static org.mockito.Mockito.mock;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PlatformDevice;

/** A device as the core hands it to the driver. */
final class TestDevice implements DeviceContext {
    private final String name;
    private final BusDevice device;
    private final TestConfig config;
    private final List<Integer> ids = new ArrayList<>();
    private Optional<Object> data = Optional.empty();

    private TestDevice(String name, BusDevice device, TestConfig config, int pasidBits) {
        this.name = name;
        this.device = device;
        this.config = config;
        lenient().when(device.name()).thenReturn(name);
        lenient().when(device.pasidBits()).thenReturn(pasidBits);
    }

    static TestDevice pci(String name) {
        return new TestDevice(name, mock(PciFunction.class), null, 0);
    }

    /** A function with ATS, and PASIDs of so many bits. */
    static TestDevice rich(String name, int pasidBits) {
        var function = mock(PciFunction.class);
        var config = new TestConfig();
        lenient().when(function.config()).thenReturn(config);
        return new TestDevice(name, function, config, pasidBits);
    }

    static TestDevice platform(String name, Map<String, String> properties) {
        var device = mock(PlatformDevice.class);
        lenient().when(device.properties()).thenReturn(properties);
        return new TestDevice(name, device, null, 0);
    }

    TestConfig config() {
        return config;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public BusDevice device() {
        return device;
    }

    @Override
    public List<Integer> ids() {
        return List.copyOf(ids);
    }

    @Override
    public void addId(int id) {
        if (!ids.contains(id)) {
            ids.add(id);
        }
    }

    @Override
    public boolean atsSupported() {
        return config != null;
    }

    @Override
    public Optional<Object> driverData() {
        return data;
    }

    @Override
    public void setDriverData(Object value) {
        data = Optional.of(value);
    }
}
