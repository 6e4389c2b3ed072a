package sluicegate.shell;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Optional;
import sluicegate.api.Device;
import sluicegate.api.ProcessSpace;
import sluicegate.api.SvaBinding;
import sluicegate.api.types.Hex;

/** The part of the tour in which a device shares an address space and gets its pages when it asks for them. */
final class SpaceTour {
    private static final String GREETING = "Hello, process!";

    private final Platform platform;
    private final Device device;
    private Optional<String> space = Optional.empty();

    /** @param device one that can share an address space and is in nobody's hands */
    SpaceTour(Platform platform, Device device) {
        this.platform = platform;
        this.device = device;
    }

    void show(Guide guide) {
        guide.say(device.name() + " (" + device.busDevice().description() + ") has PASIDs and can ask for pages:"
                + " it can share the address space of a process, page tables and all.");
        var name = guide.run("iommu:space-alloc " + device.name()).word();
        space = Optional.of(name);
        var address = guide.run("iommu:space-map " + name + " 16K rw").word();
        var pasid = guide.run("iommu:sva-bind " + device.name() + " " + name).word();
        guide.say("The region has no page yet. The device writes into it all the same: it asks for the page, and gets it.");
        guide.run("iommu:spaces");
        guide.run("iommu:dma " + device.name() + " write " + address + " " + Hex.bytes(GREETING.getBytes(US_ASCII)) + " --pasid " + pasid);
        guide.run("iommu:requests");
        guide.run("iommu:spaces");
        guide.say("The process finds it at the same address. Where it has no region, there is no page to be had.");
        guide.run("iommu:space-read " + name + " " + address + " " + GREETING.length());
        guide.fail("iommu:dma " + device.name() + " read 0x1000 4 --pasid " + pasid);
        guide.run("iommu:sva-unbind " + device.name() + " " + name);
        guide.run("iommu:space-free " + name);
        space = Optional.empty();
    }

    /** Gives back what a failed step has left, as far as it is still there. */
    void clear() {
        space.ifPresent(name -> {
            platform.iommu().bindings().stream().filter(binding -> binding.device() == device && binding.space().name().equals(name))
                    .forEach(SvaBinding::unbind);
            Lookup.find(() -> platform.spaces().space(name)).ifPresent(ProcessSpace::close);
        });
    }
}
