package sluicegate.qemu.dma;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Collectors;
import sluicegate.api.platform.DmaMaster;
import sluicegate.firmware.PciTree;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.memory.MachineMemory;
import sluicegate.qemu.pci.QemuFunction;
import sluicegate.qemu.qtest.QtestChannel;
import sluicegate.spec.pci.BaseAddressRegister;
import sluicegate.spec.pci.ConfigHeader;

/** Finds the engine that makes a device issue DMA. */
public final class Engines {
    private static final int QEMU_TEST_VENDOR = 0x1234;
    private static final int EDU = 0x11e8;
    private static final int QEMU_VENDOR = 0x1b36;
    private static final int SD_HOST = 0x0007;

    private final QtestChannel channel;
    private final DmaTrace trace;
    private final MachineMemory memory;
    private final ByteBuffer card;
    private final String usable;

    /**
     * @param card content of the card in the machine's SD host controller
     * @param tree all functions, to name the usable ones to those who ask the others
     */
    public Engines(QtestChannel channel, DmaTrace trace, MachineMemory memory, ByteBuffer card, PciTree tree,
            SegmentBase segments) {
        this.channel = channel;
        this.trace = trace;
        this.memory = memory;
        this.card = card;
        this.usable = tree.functions().stream().map(PciTree.Node::image)
                .filter(image -> isUsable(image.read16(ConfigHeader.VENDOR_ID.offset()),
                        image.read16(ConfigHeader.DEVICE_ID.offset())))
                .map(image -> segments.onPlatform(image.address()).toString()).collect(Collectors.joining(" or "));
    }

    private static boolean isUsable(int vendor, int device) {
        return List.of(QEMU_TEST_VENDOR << 16 | EDU, QEMU_VENDOR << 16 | SD_HOST).contains(vendor << 16 | device);
    }

    /** The engine of a function. */
    public DmaMaster of(QemuFunction function) {
        var parts = new PagewiseDma.Parts(function, channel, trace, memory);
        if (!isUsable(function.vendorId(), function.deviceId())) {
            return new NoDma(function.name(), usable);
        }
        long bar = Integer.toUnsignedLong(function.image().read32(ConfigHeader.BAR0.offset()));
        long registers = BaseAddressRegister.MEMORY_ADDR.inPlace(bar);
        return function.deviceId() == EDU ? new EduDma(parts, registers) : new SdHostDma(parts, registers, card);
    }
}
