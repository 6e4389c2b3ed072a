package sluicegate.inspect.groups;

import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciConfigImage;
import sluicegate.machine.pci.ConfiguredFunction;

/** A function of a machine that is only described. */
final class PaperFunction extends ConfiguredFunction {
    private static final int INTEL = 0x8086;
    private static final int RAID_CLASS = 0x0104;

    private final boolean virtual;
    private Optional<PaperFunction> sender = Optional.empty();

    PaperFunction(Bus bus, PciConfigImage image, Optional<PaperFunction> upstream, boolean virtual) {
        super(bus, image.address(), image, upstream, new PaperConfig(image));
        this.virtual = virtual;
    }

    @Override
    public DmaMaster dma() {
        throw new IommuException(Errno.EOPNOTSUPP, name() + " is only described: boot its machine to let it do something");
    }

    @Override
    public boolean virtualFunction() {
        return virtual;
    }

    @Override
    public PciFunction dmaSource() {
        return sender.isPresent() ? sender.get() : this;
    }

    /** Says whose requests its requests are. */
    void sentBy(PaperFunction controller) {
        sender = Optional.of(controller);
    }

    /** Intel's Volume Management Device, which is a storage controller by its class and says by its name that it is none. */
    boolean makesSegments() {
        return vendorId() == INTEL && classCode() >>> 8 == RAID_CLASS && image().description().contains("Volume Management Device");
    }
}
