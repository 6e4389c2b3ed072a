package sluicegate.capture;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.capture.files.CaptureFile;
import sluicegate.firmware.MemoryRange;
import sluicegate.machine.PublishableMachine;
import sluicegate.sim.interrupt.InterruptController;

/**
 * A machine as it was when its IOMMU's state was captured. It needs no framework; the factory puts it on the service registry.
 * Thread-safe.
 */
public final class CapturedMachine implements PublishableMachine {
    /** {@link #kind} of such machines. */
    public static final String KIND = "capture";

    private static final int MEBIBYTES = 20;

    private final String name;
    private final String description;
    private final CapturedMemory memory;
    private final InterruptController interrupts;
    private final List<CapturedUnit> units;
    private final CapturedBus bus;
    private final List<String> warnings;
    private final AtomicBoolean on = new AtomicBoolean(true);
    private volatile Runnable withdrawal = () -> { };

    private CapturedMachine(CaptureFolder folder, int segment) {
        this.name = folder.name();
        var assembly = new CaptureAssembly(this, folder, segment);
        this.memory = assembly.memory();
        this.interrupts = assembly.interrupts();
        this.units = assembly.units();
        this.bus = assembly.bus();
        this.warnings = assembly.warnings();
        this.description = describe(folder.file(), memory.pageCount());
    }

    /**
     * Boots a machine without publishing it.
     *
     * @param segment the PCI segment number that the capture's segment 0 gets
     * @throws IommuException EINVAL if the files of the folder do not fit each other
     */
    static CapturedMachine boot(CaptureFolder folder, int segment) {
        return new CapturedMachine(folder, segment);
    }

    /**
     * Boots a machine without publishing it.
     *
     * @param folder path of a capture folder
     * @param segment the PCI segment number that the capture's segment 0 gets
     * @throws IommuException EINVAL with file, line or offset and rule; ENOENT for a missing file; EIO
     */
    public static CapturedMachine boot(String folder, int segment) {
        return boot(CaptureFolder.read(folder), segment);
    }

    private static String describe(CaptureFile file, int pages) {
        long ram = file.ram().stream().mapToLong(MemoryRange::length).sum() >>> MEBIBYTES;
        return String.format("Linux %s%s with %s, %d MiB of memory of which %d pages of tables were captured", file.kernel(),
                file.qemu().map(version -> " on QEMU " + version).orElse(""), file.kind().word(), ram, pages);
    }

    @Override
    public void onPowerOff(Runnable action) {
        withdrawal = action;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public long allocate(long size) {
        throw ReadOnly.refusal("Memory of machine " + name);
    }

    @Override
    public void free(long address) {
        throw IommuException.of(Errno.EINVAL, "Nothing was allocated in machine %s, which is a capture", name);
    }

    @Override
    public List<IommuUnit> units() {
        return List.copyOf(units);
    }

    @Override
    public List<Bus> buses() {
        return List.of(bus);
    }

    @Override
    public List<String> warnings() {
        return warnings;
    }

    @Override
    public void powerOff() {
        if (on.compareAndSet(true, false)) {
            try {
                withdrawal.run();
            } finally {
                interrupts.close();
            }
        }
    }

    @Override
    public String toString() {
        return name + " (" + KIND + ")";
    }
}
