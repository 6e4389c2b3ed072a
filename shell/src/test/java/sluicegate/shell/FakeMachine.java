package sluicegate.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** A machine of a few lines: memory that remembers, and functions on one PCI bus. */
final class FakeMachine implements Machine, Bus {
    static final long FIRST = 0x100000;

    private final String name;
    private final Memory memory = new Memory();
    final Map<Long, Long> allocated = new LinkedHashMap<>();
    final List<Function> functions = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    Optional<String> failure = Optional.empty();
    private long next = FIRST;

    FakeMachine(String name) {
        this.name = name;
    }

    private int removed;

    @Override
    public void remove(BusDevice device) {
        removed++;
    }

    @Override
    public int rescan() {
        int found = removed;
        removed = 0;
        return found;
    }

    /** What firmware says, by device. */
    final Map<String, DmaDescription> firmware = new HashMap<>();

    Function add(String address, int classCode, DmaMaster dma) {
        var function = new Function(PciAddress.parse(address), classCode, dma);
        functions.add(function);
        return function;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<String> failure() {
        return failure;
    }

    @Override
    public String kind() {
        return "embedded";
    }

    @Override
    public String description() {
        return "a machine for tests";
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public long allocate(long size) {
        if (size <= 0) {
            throw new IommuException(Errno.EINVAL, "A size of " + size + " is no size");
        }
        long address = next;
        next += (size + 4095) & -4096;
        allocated.put(address, size);
        return address;
    }

    @Override
    public void free(long address) {
        if (allocated.remove(address) == null) {
            throw new IommuException(Errno.EINVAL, "Nothing was allocated at 0x" + Long.toHexString(address));
        }
    }

    @Override
    public List<IommuUnit> units() {
        return List.of();
    }

    @Override
    public List<Bus> buses() {
        return List.of(this);
    }

    @Override
    public List<String> warnings() {
        return warnings;
    }

    @Override
    public void powerOff() {}

    @Override
    public String type() {
        return "pci";
    }

    @Override
    public Machine machine() {
        return this;
    }

    @Override
    public Collection<? extends BusDevice> devices() {
        return functions;
    }

    @Override
    public Subscription subscribe(Listener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<DmaDescription> dmaConfigure(BusDevice device) {
        return Optional.ofNullable(firmware.get(device.name()));
    }

    /** 16 MiB from address 0. */
    static final class Memory implements PhysicalMemory {
        private final byte[] bytes = new byte[1 << 24];

        @Override
        public boolean contains(long address, long length) {
            return address >= 0 && length >= 0 && address + length <= bytes.length;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public void read(long address, byte[] target, int offset, int length) {
            System.arraycopy(bytes, check(address, length), target, offset, length);
        }

        @Override
        public void write(long address, byte[] source, int offset, int length) {
            System.arraycopy(source, offset, bytes, check(address, length), length);
        }

        byte[] at(long address, int length) {
            return Arrays.copyOfRange(bytes, (int) address, (int) address + length);
        }

        private int check(long address, int length) {
            if (!contains(address, length)) {
                throw new IommuException(Errno.EFAULT, "0x" + Long.toHexString(address) + " is not memory");
            }
            return (int) address;
        }

        @Override
        public long get64(long address) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void set64(long address, long value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long get64Acquire(long address) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void set64Release(long address, long value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean compareAndSet64(long address, long expected, long value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int get32(long address) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void set32Release(long address, int value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void fill64(long address, long first, long step, int count) {
            throw new UnsupportedOperationException();
        }
    }

    /** An endpoint, or a host bridge. */
    final class Function implements PciFunction {
        private final PciAddress address;
        int classCode;
        private final DmaMaster dma;

        Function(PciAddress address, int classCode, DmaMaster dma) {
            this.address = address;
            this.classCode = classCode;
            this.dma = dma;
        }

        @Override
        public String name() {
            return address.toString();
        }

        @Override
        public Bus bus() {
            return FakeMachine.this;
        }

        @Override
        public String description() {
            return "a function of class " + Integer.toHexString(classCode);
        }

        @Override
        public DmaMaster dma() {
            return dma;
        }

        @Override
        public boolean untrusted() {
            return false;
        }

        @Override
        public int pasidBits() {
            return 0;
        }

        @Override
        public PciAddress address() {
            return address;
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
            return 0x8086;
        }

        @Override
        public int deviceId() {
            return 0x10d3;
        }

        @Override
        public int classCode() {
            return classCode;
        }

        @Override
        public boolean multifunction() {
            return false;
        }

        @Override
        public PcieType pcieType() {
            return PcieType.ENDPOINT;
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
    }
}
