package sluicegate.shell;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Comparator;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.Group;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** The guided tour: one story told with the commands that anybody can type, on a real device, and nothing left behind. */
@GogoCommand(scope = Command.SCOPE, function = "tour")
@Component(service = CommandFamily.class)
public final class TourCommand extends CommandFamily {
    private static final String MACHINE = "lab";
    private static final int BRIDGES = 0x06;
    private static final int IOMMUS = 0x0806;
    private static final long BUFFER = 0x2000;
    private static final long PAGE = 0x1000;

    private final Platform platform;

    @Activate
    public TourCommand(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("A guided, narrated run through all of it, in a few seconds. Leaves nothing behind.")
    Listing tour(CommandSession session) {
        var guide = new Guide(session, out(session));
        Optional<Machine> booted = Optional.empty();
        try {
            if (platform.machines().running().isEmpty()) {
                guide.say("No machine runs, so we boot one. It is described by real firmware tables.");
                guide.run("iommu:boot " + MACHINE);
                booted = Optional.of(lookup().machine(MACHINE));
            }
            around(guide);
            var device = suitable();
            guide.say("We borrow " + device.name() + " (" + device.busDevice().description()
                    + "): it is alone in its group, so it can have a domain to itself.");
            new Loan(device).spend(guide);
            shareSpace(guide);
            guide.say("That was all: " + device.name() + " is back where it was. iommu:regs and iommu:info show more,"
                    + " help lists every command.");
        } finally {
            booted.ifPresent(machine -> undisturbed(() -> platform.machines().powerOff(machine.name())));
        }
        return null;
    }

    /** Where there are a device and a bundle that can. */
    private void shareSpace(Guide guide) {
        if (!platform.hasSpaces()) {
            return;
        }
        platform.iommu().devices().stream().filter(TourCommand::isIdle).filter(device -> !device.sharedFormats().isEmpty())
                .findFirst().ifPresent(device -> {
                    var tour = new SpaceTour(platform, device);
                    try {
                        tour.show(guide);
                    } finally {
                        undisturbed(tour::clear);
                    }
                });
    }

    /** Cleans up even after Ctrl-C: giving back waits for hardware, and an interrupted thread can't wait. */
    private static void undisturbed(Runnable cleanUp) {
        boolean interrupted = Thread.interrupted();
        try {
            cleanUp.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void around(Guide guide) {
        guide.say("A machine has IOMMUs, here called units. A driver has been bound to each.");
        guide.run("iommu:machines");
        guide.run("iommu:units");
        guide.say("Each device has a unit in front of it. Devices that the hardware cannot keep apart share a group.");
        guide.run("iommu:devices");
        guide.run("iommu:groups");
    }

    /** A device that nobody has taken, alone in its group, whose driver would not miss it; endpoints before bridges' kin. */
    private Device suitable() {
        return platform.iommu().devices().stream().filter(TourCommand::isIdle)
                .min(Comparator.comparingLong(TourCommand::directRegions))
                .orElseThrow(() -> new IommuException(Errno.ENODEV, "The tour needs a PCI endpoint that can be made to issue DMA"
                        + " and is alone in its group and in its default domain; iommu:groups shows that there is none"));
    }

    private static boolean isIdle(Device device) {
        return device.state() == Device.State.READY && device.group().filter(TourCommand::free).isPresent()
                && device.busDevice() instanceof PciFunction function && isEndpoint(function) && function.dma().usable();
    }

    private static boolean free(Group group) {
        return group.hasIommu() && group.devices().size() == 1 && group.defaultDomain().filter(group.domain()::equals).isPresent();
    }

    /** Neither a bridge nor an IOMMU's own function, which has no DMA to borrow. */
    private static boolean isEndpoint(PciFunction function) {
        return function.busesBehind().isEmpty() && function.classCode() >>> 16 != BRIDGES && function.classCode() >>> 8 != IOMMUS;
    }

    /** Memory that firmware says a device needs is no place for games. */
    private static long directRegions(Device device) {
        return device.reservedRegions().stream().filter(region -> switch (region.type()) {
            case DIRECT, DIRECT_RELAXABLE -> true;
            default -> false;
        }).count();
    }

    /** A device with a domain and a buffer of its own, which are given back whatever happens. */
    private final class Loan {
        private final Device device;
        private final Machine machine;
        private Optional<String> domain = Optional.empty();
        private Optional<Long> buffer = Optional.empty();

        Loan(Device device) {
            this.device = device;
            this.machine = device.busDevice().bus().machine();
        }

        void spend(Guide guide) {
            try {
                reachMemory(guide);
                changeDrivers(guide);
                meetFaults(guide);
                giveBack(guide);
            } finally {
                undisturbed(this::clear);
            }
        }

        private void reachMemory(Guide guide) {
            guide.say("Two pages of memory, with a greeting in the first.");
            long address = Hex.parse(guide.run("iommu:mem " + machine.name() + " alloc " + new Size(BUFFER)).word());
            buffer = Optional.of(address);
            guide.run("iommu:mem " + machine.name() + " write " + Hex.of(address) + " "
                    + Hex.bytes("Hello, device!\0\0".getBytes(US_ASCII)));
            guide.say("A domain is an address space for devices. Once attached, the device sees nothing but what we map.");
            domain = Optional.of(guide.run("iommu:domain-alloc " + device.name()).word());
            guide.run("iommu:attach " + domain.get() + " " + device.name());
            long iova = iova();
            guide.say("The first page read-only, the second for reading and writing. Addresses are ours to choose.");
            guide.run(map(iova, address, "r"));
            guide.run(map(iova + PAGE, address + PAGE, "rw"));
            guide.run("iommu:mappings " + domain.get());
            guide.say("The device reads the greeting through its unit, and writes an answer into the second page.");
            guide.run(dma("read", iova, "16"));
            guide.run(dma("write", iova + PAGE, Hex.bytes("Hello, memory!".getBytes(US_ASCII))));
            guide.run("iommu:mem " + machine.name() + " read " + Hex.of(address + PAGE) + " 14");
            guide.say("Which entries did the hardware read to get there?");
            guide.run("iommu:walk " + device.name() + " " + Hex.of(iova));
        }

        private void changeDrivers(Guide guide) {
            var unit = device.unit().orElseThrow();
            var driver = unit.driver().orElseThrow();
            guide.say("The driver of " + unit.name() + " is a bundle (" + driver.bundle() + "). Drivers take each other's place while devices"
                    + " stay attached; here it is followed by a new start of itself.");
            var swap = "iommu:swap " + unit.name() + " " + driver.name();
            if (!guide.attempt(swap + " --keep", Errno.EOPNOTSUPP)) {
                guide.say("It can't take over tables that go on translating, so DMA is blocked for a moment.");
                guide.run(swap);
            }
            guide.say("The core has told the new one all that was attached and mapped. For the device nothing has changed.");
            guide.run(dma("read", iova(), "16"));
        }

        private void meetFaults(Guide guide) {
            long iova = iova();
            guide.say("A write to the read-only page faults, and the manual's reason is reported.");
            guide.fail(dma("write", iova, "00"));
            guide.say("So does an address that nobody mapped.");
            guide.fail(dma("read", iova + BUFFER, "4"));
            guide.say("And a page that was unmapped: its unit has forgotten it.");
            guide.run("iommu:unmap " + domain.get() + " " + Hex.of(iova) + " " + new Size(BUFFER));
            guide.fail(dma("read", iova, "16"));
            guide.run("iommu:faults --count 3");
        }

        private void giveBack(Guide guide) {
            guide.say("Everything goes back.");
            guide.run("iommu:detach " + device.name());
            guide.run("iommu:domain-free " + domain.get());
            domain = Optional.empty();
            guide.run("iommu:mem " + machine.name() + " free " + Hex.of(buffer.get()));
            buffer = Optional.empty();
        }

        /** Gives back what a failed step has left, as far as it is still there. */
        private void clear() {
            domain.flatMap(name -> Lookup.find(() -> platform.iommu().domain(name))).ifPresent(left -> {
                if (left.attached().contains(device)) {
                    left.detach(device);
                }
                left.close();
            });
            buffer.ifPresent(machine::free);
        }

        private String map(long iova, long address, String prot) {
            return "iommu:map " + domain.get() + " " + Hex.of(iova) + " " + Hex.of(address) + " " + new Size(PAGE) + " " + prot;
        }

        private String dma(String direction, long iova, String data) {
            return "iommu:dma " + device.name() + " " + direction + " " + Hex.of(iova) + " " + data;
        }

        /** A place for the two pages, and one more that stays empty, out of the way of what is reserved. */
        private long iova() {
            long iova = 0x10000;
            for (var region : device.reservedRegions()) {
                if (region.overlaps(iova, BUFFER + PAGE)) {
                    iova = (region.end() + PAGE) & -PAGE;
                }
            }
            return iova;
        }
    }
}
