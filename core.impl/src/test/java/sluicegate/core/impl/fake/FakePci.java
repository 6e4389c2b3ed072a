package sluicegate.core.impl.fake;

import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;

/** A PCI function as grouping sees it. A single-function endpoint without ACS unless told otherwise. */
public final class FakePci implements PciFunction {
    /** SV, RR, CR, UF. */
    public static final int ACS = 0x1d;

    private final Bus bus;
    private final PciAddress address;
    private PcieType type = PcieType.ENDPOINT;
    private boolean multifunction;
    private int acsCapabilities;
    private boolean hasAcs;
    private int acsControl;
    private Optional<PciFunction> bridge = Optional.empty();
    private Optional<BusRange> behind = Optional.empty();
    private boolean untrusted;
    private int pasidBits;
    private int vendor = 0x1234;
    private int device = 0x5678;
    private List<Integer> aliases = List.of();
    private final Config config = new Config();

    public FakePci(Bus bus, PciAddress address) {
        this.bus = bus;
        this.address = address;
    }

    public FakePci type(PcieType newType) {
        type = newType;
        return this;
    }

    public FakePci multi() {
        multifunction = true;
        return this;
    }

    /** With the ACS capability; what it offers is switched off until asked for. */
    public FakePci acs(int capabilities) {
        hasAcs = true;
        acsCapabilities = capabilities;
        return this;
    }

    public FakePci acsControl(int control) {
        acsControl = control;
        return this;
    }

    public FakePci below(PciFunction upstream) {
        bridge = Optional.of(upstream);
        return this;
    }

    public FakePci buses(int secondary, int subordinate) {
        behind = Optional.of(new BusRange(secondary, subordinate));
        return this;
    }

    public FakePci notTrusted() {
        untrusted = true;
        return this;
    }

    public FakePci pasids(int bits) {
        pasidBits = bits;
        return this;
    }

    public FakePci id(int newVendor, int newDevice) {
        vendor = newVendor;
        device = newDevice;
        return this;
    }

    /** Device and function numbers under which its requests may arrive, too. */
    public FakePci aliases(Integer... devfns) {
        aliases = List.of(devfns);
        return this;
    }

    @Override
    public List<Integer> dmaAliases() {
        return aliases;
    }

    @Override
    public PciAddress address() {
        return address;
    }

    @Override
    public PciConfig config() {
        return config;
    }

    /** From now on its configuration space can't be reached. */
    public void loseConfig() {
        config.lost = true;
    }

    /** So many times it says that it waits for answers to its requests (Transactions Pending); it is a PCI Express function then. */
    public void pending(int times) {
        config.express = true;
        config.pending = times;
    }

    /** Whether it still would say so. */
    public boolean isPending() {
        return config.pending > 0;
    }

    /** Whether its bus master bit lets it send. */
    public boolean mayMaster() {
        return (config.command & 1 << 2) != 0;
    }

    /** Nothing but a command register, with which it may master at first, and the PCI Express capability of {@link #pending}. */
    private static final class Config implements PciConfig {
        private static final int EXPRESS = 0x40;
        private boolean express;
        private int pending;
        private volatile int command = 1 << 2;
        private volatile boolean lost;

        @Override
        public int size() {
            return 256;
        }

        @Override
        public int read8(int offset) {
            return express && offset == 0x34 ? EXPRESS : 0;
        }

        @Override
        public int read16(int offset) {
            if (lost) {
                throw FakeDomain.error(Errno.EIO);
            }
            return switch (offset) {
                case 4 -> command;
                case 6 -> express ? 0x10 : 0;
                case EXPRESS -> express ? 0x10 : 0;
                case EXPRESS + 0xa -> pending > 0 && pending-- > 0 ? 0x20 : 0;
                default -> 0;
            };
        }

        @Override
        public int read32(int offset) {
            return 0;
        }

        @Override
        public void write16(int offset, int value) {
            if (offset == 4) {
                command = value;
            }
        }

        @Override
        public void write32(int offset, int value) { }
    }

    @Override
    public Optional<PciFunction> upstreamBridge() {
        return bridge;
    }

    @Override
    public int vendorId() {
        return vendor;
    }

    @Override
    public int deviceId() {
        return device;
    }

    @Override
    public int classCode() {
        return 0;
    }

    @Override
    public boolean multifunction() {
        return multifunction;
    }

    @Override
    public PcieType pcieType() {
        return type;
    }

    @Override
    public boolean hasAcs() {
        return hasAcs;
    }

    @Override
    public int acsCapabilities() {
        return acsCapabilities;
    }

    @Override
    public int acsControl() {
        return acsControl;
    }

    @Override
    public void enableAcs() {
        acsControl |= acsCapabilities & ACS;
    }

    @Override
    public Optional<BusRange> busesBehind() {
        return behind;
    }

    @Override
    public String name() {
        return address.toString();
    }

    @Override
    public Bus bus() {
        return bus;
    }

    @Override
    public String description() {
        return "a function";
    }

    @Override
    public DmaMaster dma() {
        return FakePlatformDevice.MUTE;
    }

    @Override
    public boolean untrusted() {
        return untrusted;
    }

    @Override
    public int pasidBits() {
        return pasidBits;
    }

    @Override
    public String toString() {
        return name();
    }
}
