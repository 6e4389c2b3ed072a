package sluicegate.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;

/**
 * A bus with as many PCI functions as wanted behind a few units, and nothing else: what is measured on it is the core. Each
 * function is alone in its slot, and so in its group.
 */
final class ManyDevices implements Bus {
    private static final int UNITS = 4;

    private final List<Unit> units = new ArrayList<>();
    private final List<Function> functions;

    ManyDevices(int count) {
        for (int i = 0; i < UNITS; i++) {
            units.add(new Unit("unit" + i));
        }
        functions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            var address = new PciAddress(i >>> 13, i >>> 5 & 0xff, i & 31, 0);
            functions.add(new Function(this, address, address.toString()));
        }
    }

    List<? extends IommuUnit> units() {
        return units;
    }

    @Override
    public String type() {
        return "pci";
    }

    @Override
    public Machine machine() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Collection<? extends BusDevice> devices() {
        return functions;
    }

    @Override
    public Subscription subscribe(Listener listener) {
        functions.forEach(listener::added);
        return () -> { };
    }

    @Override
    public Optional<DmaDescription> dmaConfigure(BusDevice device) {
        var address = ((Function) device).address();
        return Optional.of(new DmaDescription(units.get(address.bus() % UNITS),
                List.of(List.of(address.segment() << 16 | address.requesterId())), false));
    }

    private record Unit(String name) implements IommuUnit {
        @Override
        public Machine machine() {
            throw new UnsupportedOperationException();
        }

        @Override
        public String compatible() {
            return NullDriver.COMPATIBLE;
        }

        @Override
        public long baseAddress() {
            return 0;
        }

        @Override
        public int segment() {
            return 0;
        }

        @Override
        public RegisterWindow registers() {
            throw new UnsupportedOperationException();
        }

        @Override
        public PhysicalMemory memory() {
            throw new UnsupportedOperationException();
        }

        @Override
        public MemoryArena arena() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Interrupts interrupts() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, String> properties() {
            return Map.of();
        }

        @Override
        public List<FirmwareRegion> firmwareRegions() {
            return List.of();
        }
    }

    /** Identity is object identity, as for devices of real buses. */
    private static final class Function implements PciFunction {
        private final Bus bus;
        private final PciAddress address;
        private final String name;

        Function(Bus bus, PciAddress address, String name) {
            this.bus = bus;
            this.address = address;
            this.name = name;
        }

        @Override
        public PciAddress address() {
            return address;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Bus bus() {
            return bus;
        }

        @Override
        public PciConfig config() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<PciFunction> upstreamBridge() {
            return Optional.empty();
        }

        @Override
        public int vendorId() {
            return 0x1af4;
        }

        @Override
        public int deviceId() {
            return 0x1041;
        }

        @Override
        public int classCode() {
            return 0x020000;
        }

        @Override
        public boolean multifunction() {
            return false;
        }

        @Override
        public PcieType pcieType() {
            return PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT;
        }

        @Override
        public boolean hasAcs() {
            return false;
        }

        @Override
        public int acsCapabilities() {
            return 0;
        }

        @Override
        public int acsControl() {
            return 0;
        }

        @Override
        public void enableAcs() {}

        @Override
        public Optional<BusRange> busesBehind() {
            return Optional.empty();
        }

        @Override
        public String description() {
            return "";
        }

        @Override
        public DmaMaster dma() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean untrusted() {
            return false;
        }

        @Override
        public int pasidBits() {
            return 0;
        }
    }
}
