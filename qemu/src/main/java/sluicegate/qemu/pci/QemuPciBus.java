package sluicegate.qemu.pci;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciCapabilities;
import sluicegate.firmware.PciTree;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.pci.Subscribers;
import sluicegate.qemu.qtest.QtestChannel;
import sluicegate.qemu.qtest.QtestWindow;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.ConfigHeader;

/** The PCI functions of a QEMU machine. What is there at boot stays there. Thread-safe. */
public final class QemuPciBus implements Bus {
    private final Machine machine;
    private final Wiring wiring;
    private final Map<PciAddress, QemuFunction> functions;
    private final Subscribers subscribers = new Subscribers();

    /** What the machine knows of its functions. Addresses are those on the platform. */
    public interface Wiring {
        /**
         * What a function is to its unit; empty if there is none.
         *
         * @throws IommuException EINVAL if what firmware says makes no sense
         */
        Optional<DmaDescription> identityOf(PciFunction function);

        /** The unit in front of a requester id, whether it is a function's or not; empty if there is none. */
        Optional<IommuUnit> unitInFrontOf(PciAddress requester);

        /** What issues its DMA. */
        DmaMaster engineOf(QemuFunction function);

        /** The memory behind the base address registers of a function of the tree, by register. */
        Map<Integer, PciSetup.Region> regionsOf(PciTree.Node function);

        /** Where functions' messages arrive. */
        Interrupts interrupts();
    }

    public QemuPciBus(Machine machine, QtestChannel channel, Ecam ecam, PciTree tree, SegmentBase segments, Wiring wiring) {
        this.machine = machine;
        this.wiring = wiring;
        var all = new LinkedHashMap<PciAddress, QemuFunction>();
        for (var node : tree.functions()) {
            var address = segments.onPlatform(node.address());
            int size = PciCapabilities.find(node.image(), CapabilityId.PCI_EXPRESS.code()).isPresent()
                    ? ConfigHeader.EXTENDED_CONFIG_SPACE
                    : ConfigHeader.CONFIG_SPACE;
            var config = new QtestConfig(channel, address.toString(), ecam.at(node.address()), size);
            var upstream = tree.parent(node).map(parent -> all.get(segments.onPlatform(parent.address())));
            var function = new QemuFunction(this, address, node.image(), upstream, config);
            function.serve(wiring.interrupts(), windows(channel, address, wiring.regionsOf(node)));
            all.put(address, function);
        }
        functions = Collections.unmodifiableMap(all);
        functions.values().forEach(function -> function.connect(wiring.engineOf(function), this::refresh));
        refresh();
    }

    private static Map<Integer, QtestWindow> windows(QtestChannel channel, PciAddress function, Map<Integer, PciSetup.Region> regions) {
        var windows = new TreeMap<Integer, QtestWindow>();
        regions.forEach((bar, region) ->
                windows.put(bar, new QtestWindow(channel, "BAR " + bar + " of " + function, region.address(), region.size())));
        return windows;
    }

    /** Bus master bits have changed: of a bridge they matter to all that is behind it. */
    private void refresh() {
        functions.values().forEach(QemuFunction::refresh);
    }

    @Override
    public String type() {
        return "pci";
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Collection<? extends PciFunction> devices() {
        return functions.values();
    }

    @Override
    public Subscription subscribe(Listener listener) {
        var queue = subscribers.open(listener, functions.values());
        queue.deliver();
        return queue;
    }

    @Override
    public Optional<DmaDescription> dmaConfigure(BusDevice device) {
        if (!(device instanceof QemuFunction function) || function.bus() != this) {
            throw IommuException.of(Errno.EINVAL, "%s is not on the PCI bus of machine %s", device.name(), machine.name());
        }
        return wiring.identityOf(function).map(said -> new DmaDescription(said.unit(), said.specifiers(),
                said.atsSupported() && function.hasAts()));
    }

    @Override
    public Optional<IommuUnit> unitInFrontOf(PciAddress requester) {
        return wiring.unitInFrontOf(requester);
    }
}
