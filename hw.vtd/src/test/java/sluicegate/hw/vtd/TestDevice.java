package sluicegate.hw.vtd;

import static org.mockito.Mockito.lenient;
import static org.mockito.Mockito.mock;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.spec.pci.ExtendedCapabilityId;

/** A device as the core hands it to the driver. */
final class TestDevice implements DeviceContext {
    /** Where its capabilities are. */
    static final int ATS = 0x100;
    static final int PRI = 0x140;
    static final int PASID = 0x180;

    private final String name;
    private final PciFunction function = mock(PciFunction.class);
    private final List<Integer> ids = new ArrayList<>();
    private final TestConfig config = new TestConfig();
    private boolean ats;
    private Optional<Object> data = Optional.empty();

    TestDevice(String name, int classCode) {
        this.name = name;
        lenient().when(function.name()).thenReturn(name);
        lenient().when(function.classCode()).thenReturn(classCode);
    }

    /** With ATS, PRI for 64 outstanding requests, and PASIDs of {@code pasidBits}. */
    TestDevice withTlb(int pasidBits) {
        ats = true;
        config.extended(ATS, ExtendedCapabilityId.ATS, 0x0008, 0)
                .extended(PRI, ExtendedCapabilityId.PRI, 0x8000_0000, 64)
                .extended(PASID, ExtendedCapabilityId.PASID, pasidBits << 8 | 0x2, 0);
        lenient().when(function.config()).thenReturn(config);
        lenient().when(function.pasidBits()).thenReturn(pasidBits);
        return this;
    }

    TestConfig config() {
        return config;
    }

    /** What its ATS control register says. */
    boolean atsEnabled() {
        return (config.read16(ATS + 6) & 0x8000) != 0;
    }

    boolean pasidEnabled() {
        return (config.read16(PASID + 6) & 1) != 0;
    }

    boolean priEnabled() {
        return (config.read16(PRI + 4) & 1) != 0;
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
        if (ids.isEmpty()) {
            lenient().when(function.address()).thenReturn(PciAddress.of(0, id));
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
