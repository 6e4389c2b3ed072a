package sluicegate.shell;

import java.time.Duration;
import java.util.Locale;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.Fault;
import sluicegate.api.Unit;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Hex;

/** DMA as a device would issue it. */
@GogoCommand(scope = Command.SCOPE, function = "dma")
@Component(service = CommandFamily.class)
public final class DmaCommands extends CommandFamily {
    /** How long the report of a fault may take after the device was refused: an interrupt and a hand-over to the core. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** Units report a fault by page. */
    private static final long PAGE_MASK = -4096;

    private final FaultWatch faults;

    /** Which way data goes, seen from the device. */
    enum Direction {
        READ,
        WRITE
    }

    @Activate
    public DmaCommands(@Reference Platform platform, @Reference FaultWatch faults) {
        super(platform);
        this.faults = faults;
    }

    @Descriptor("Issues a DMA as a device: through its unit and its tables to memory. Fails if the unit refuses it.")
    Item dma(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("what the device does with memory") Direction direction,
            @Descriptor("the address that the device uses") long iova,
            @Descriptor("for a read how many bytes, for a write the bytes in hex, such as 0xdeadbeef") String data,
            @Descriptor("with this PASID") @Parameter(names = "--pasid", absentValue = Pasids.NONE) String pasid) {
        boolean write = direction == Direction.WRITE;
        var bytes = write ? Lengths.parseBytes(data) : new byte[Lengths.parse(data)];
        int id = Pasids.parse(pasid);
        try (var watch = faults.open(fault -> belongs(fault, device, iova, bytes.length))) {
            var engine = device.busDevice().dma();
            var status = write
                    ? engine.write(id, iova, bytes, 0, bytes.length)
                    : engine.read(id, iova, bytes, 0, bytes.length);
            if (status != DmaStatus.OK) {
                throw failure(device, direction, iova, bytes.length, status, watch);
            }
        }
        var length = Lengths.ofBytes(bytes.length);
        return write
                ? Item.of("iova", Hex.of(iova), "length", bytes.length, "status", "ok")
                        .shownAs(String.format("%s wrote %s to %s", device.name(), length, Hex.of(iova)))
                : Item.of("iova", Hex.of(iova), "length", bytes.length, "status", "ok", "data", Hex.bytes(bytes))
                        .standingFor("data")
                        .shownAs(String.format("%s read %s from %s", device.name(), length, Hex.of(iova)),
                                HexDump.of(iova, bytes));
    }

    private static boolean belongs(Fault fault, Device device, long iova, int length) {
        long first = iova & PAGE_MASK;
        long last = iova + length - 1;
        return fault.device().filter(device.name()::equals).isPresent()
                && Long.compareUnsigned(fault.iova(), first) >= 0 && Long.compareUnsigned(fault.iova(), last) <= 0;
    }

    /** What the device knows (it was refused), and what its unit says about it. */
    private static CommandFailure failure(Device device, Direction direction, long iova, int length, DmaStatus status,
            FaultWatch.Watch watch) {
        var word = direction.name().toLowerCase(Locale.ROOT);
        String fault = null;
        String reason = switch (status) {
            case BUS_MASTER_OFF -> "the function's bus master bit is off or the platform fences it, so nothing left the device";
            case NO_TARGET -> "the address that it leads to is not memory";
            case GONE -> "its machine is off or the device was removed";
            default -> null;
        };
        if (status == DmaStatus.FAULT) {
            var reported = watch.take(PATIENCE);
            fault = reported.map(Fault::name).orElse("unreported");
            reason = reported.map(Fault::reason).orElseGet(() -> unreported(device));
        }
        var statusWord = status.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new CommandFailure(
                String.format("%s: DMA %s of %s at %s failed: %s: %s", device.name(), word, Lengths.ofBytes(length),
                        Hex.of(iova), fault == null ? statusWord : fault, reason),
                Item.of("iova", Hex.of(iova), "length", length, "status", statusWord, "fault", fault, "reason", reason));
    }

    private static String unreported(Device device) {
        return device.unit().flatMap(Unit::driver).isEmpty()
                ? "the unit refused the request, and no driver is bound to it that would report the fault (iommu:units)"
                : "the unit refused the request and reported no fault for it: fault recording may be disabled for this device or"
                        + " have overflowed (iommu:regs, iommu:faults)";
    }
}
