package sluicegate.capture;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.capture.facts.KernelFacts;
import sluicegate.capture.files.CaptureFile;
import sluicegate.firmware.PciTree;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.pci.Subscribers;

/** The PCI functions of a capture, which neither come nor go. Thread-safe. */
final class CapturedBus implements Bus {
    private final Machine machine;
    private final SegmentBase segments;
    private final Wiring wiring;
    private final Map<PciAddress, CapturedFunction> functions = new LinkedHashMap<>();
    private final Subscribers subscribers = new Subscribers();

    /** Which unit is in front of what. Addresses are those of the capture. */
    interface Wiring {
        /** The unit in front of a function or another requester id; empty if there is none. */
        Optional<CapturedUnit> unitOf(PciAddress requester);

        /** What a function is to its unit; empty if there is none. */
        Optional<DmaDescription> identityOf(PciFunction function);
    }

    CapturedBus(Machine machine, CaptureFile file, PciTree tree, SegmentBase segments, Wiring wiring) {
        this.machine = machine;
        this.segments = segments;
        this.wiring = wiring;
        var devices = new LinkedHashMap<PciAddress, CaptureFile.Device>();
        file.devices().forEach(device -> devices.put(device.address(), device));
        for (var node : tree.functions()) {
            var upstream = tree.parent(node).map(bridge -> functions.get(segments.onPlatform(bridge.address())));
            var address = segments.onPlatform(node.address());
            functions.put(address, new CapturedFunction(this, address, node.image(), upstream,
                    facts(file, devices.get(node.address()))));
        }
    }

    private static Map<String, String> facts(CaptureFile file, CaptureFile.Device device) {
        var facts = new LinkedHashMap<String, String>();
        device.driver().ifPresent(driver -> facts.put(KernelFacts.DRIVER, driver));
        device.group().ifPresent(id -> {
            facts.put(KernelFacts.GROUP, Integer.toString(id));
            file.group(id).ifPresent(group -> facts.put(KernelFacts.GROUP_TYPE, group.type()));
        });
        device.path().ifPresent(path -> facts.put(KernelFacts.PATH, path));
        device.dmaMaskBits().ifPresent(bits -> facts.put(KernelFacts.DMA_MASK_BITS, Integer.toString(bits)));
        return Collections.unmodifiableMap(facts);
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
    public Collection<? extends BusDevice> devices() {
        return List.copyOf(functions.values());
    }

    @Override
    public Subscription subscribe(Listener listener) {
        var queue = subscribers.open(listener, new ArrayList<>(functions.values()));
        queue.deliver();
        return queue;
    }

    /** A device that was in no group had no unit in front of it, whatever firmware said. */
    @Override
    public Optional<DmaDescription> dmaConfigure(BusDevice device) {
        if (!(device instanceof CapturedFunction function) || function.bus() != this) {
            throw IommuException.of(Errno.EINVAL, "%s is not on the PCI bus of machine %s", device.name(), machine.name());
        }
        if (!function.properties().containsKey(KernelFacts.GROUP)) {
            return Optional.empty();
        }
        return wiring.identityOf(function).map(said -> new DmaDescription(said.unit(), said.specifiers(),
                said.atsSupported() && function.hasAts()));
    }

    @Override
    public Optional<IommuUnit> unitInFrontOf(PciAddress requester) {
        return segments.inMachine(requester).flatMap(wiring::unitOf);
    }
}
