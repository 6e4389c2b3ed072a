package sluicegate.hw.common.rig;

import static org.mockito.Mockito.lenient;
import static org.mockito.Mockito.mock;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PlatformDevice;
import sluicegate.spec.pci.ExtendedCapabilityId;

/** A device as the core hands it to a driver. */
public final class TestDevice implements DeviceContext {
    /** Where its capabilities are. */
    public static final int ATS = 0x100;
    public static final int PRI = 0x140;
    public static final int PASID = 0x180;
    private static final int NETWORK = 0x020000;

    private final String name;
    private final BusDevice device;
    private final List<Integer> ids = new ArrayList<>();
    private final TestConfig config = new TestConfig();
    private boolean ats;
    private Optional<Object> data = Optional.empty();

    private TestDevice(String name, BusDevice device) {
        this.name = name;
        this.device = device;
        lenient().when(device.name()).thenReturn(name);
    }

    /** A function of some network controller. */
    public TestDevice(String name) {
        this(name, NETWORK);
    }

    public TestDevice(String name, int classCode) {
        this(name, mock(PciFunction.class));
        lenient().when(function().classCode()).thenReturn(classCode);
        lenient().when(function().config()).thenReturn(config);
    }

    public static TestDevice pci(String name) {
        return new TestDevice(name);
    }

    /** A function with ATS, PRI, and PASIDs of so many bits. */
    public static TestDevice rich(String name, int pasidBits) {
        return new TestDevice(name).withTlb(pasidBits);
    }

    /** One that is no PCI function. */
    public static TestDevice platform(String name, Map<String, String> properties) {
        var device = mock(PlatformDevice.class);
        lenient().when(device.properties()).thenReturn(properties);
        return new TestDevice(name, device);
    }

    private PciFunction function() {
        return (PciFunction) device;
    }

    /** With ATS, PRI for 64 outstanding requests whose answers have its PASID, and PASIDs of {@code pasidBits}. */
    public TestDevice withTlb(int pasidBits) {
        ats = true;
        config.extended(ATS, ExtendedCapabilityId.ATS, 0x0008, 0)
                .extended(PRI, ExtendedCapabilityId.PRI, 0x8000_0000, 64)
                .extended(PASID, ExtendedCapabilityId.PASID, pasidBits << 8 | 0x2, 0);
        lenient().when(function().pasidBits()).thenReturn(pasidBits);
        return this;
    }

    public TestConfig config() {
        return config;
    }

    /** What its ATS control register says. */
    public boolean atsEnabled() {
        return config.atsEnabled();
    }

    public boolean pasidEnabled() {
        return config.pasidEnabled();
    }

    public boolean priEnabled() {
        return config.priEnabled();
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
        if (ids.isEmpty() && device instanceof PciFunction function) {
            lenient().when(function.address()).thenReturn(PciAddress.of(0, id & 0xffff));
        }
        if (!ids.contains(id)) {
            ids.add(id);
        }
    }

    @Override
    public boolean atsSupported() {
        return ats;
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
