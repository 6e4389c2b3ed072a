package sluicegate.hw.smmuv3;

import static org.mockito.Mockito.lenient;
import static org.mockito.Mockito.mock;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.PciFunction;

/** A device as the core hands it to the driver. */
final class TestDevice implements DeviceContext {
    private final String name;
    private final PciFunction function = mock(PciFunction.class);
    private final List<Integer> ids = new ArrayList<>();
    private Optional<Object> data = Optional.empty();

    TestDevice(String name, int classCode) {
        this.name = name;
        lenient().when(function.name()).thenReturn(name);
        lenient().when(function.classCode()).thenReturn(classCode);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public BusDevice device() {
        return function;
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
        return false;
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
