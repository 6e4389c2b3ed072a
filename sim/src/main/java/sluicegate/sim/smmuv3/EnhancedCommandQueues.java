package sluicegate.sim.smmuv3;

import java.util.List;
import java.util.stream.Stream;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.Register;
import sluicegate.spec.smmuv3.CmdqControlPageBaseRegister;
import sluicegate.spec.smmuv3.CmdqControlPageCfgRegister;
import sluicegate.spec.smmuv3.CmdqControlPageStatusRegister;
import sluicegate.spec.smmuv3.EcmdqBaseRegister;
import sluicegate.spec.smmuv3.EcmdqConsRegister;
import sluicegate.spec.smmuv3.EcmdqProdRegister;
import sluicegate.spec.smmuv3.Smmuv3Registers;

/**
 * The enhanced command queues of a unit in their control pages (3.5.6, 6.2.5), if it has some. The pages follow page 1; they are
 * registers, so they are always on.
 */
final class EnhancedCommandQueues {
    private static final int PAGE_BYTES = CmdqControlPageBaseRegister.PAGE_BYTES;

    private final Smmuv3Capabilities capabilities;
    private final List<EnhancedCommandQueue> queues;

    EnhancedCommandQueues(PhysicalMemory memory, Smmuv3Capabilities capabilities, Commands commands, GlobalErrors errors) {
        this.capabilities = capabilities;
        this.queues = Stream.generate(() -> new EnhancedCommandQueue(memory, capabilities, commands, errors))
                .limit((long) capabilities.controlPages() * capabilities.queuesPerControlPage()).toList();
    }

    /** Bytes of a register window that has their pages. */
    static int windowBytes(Smmuv3Capabilities capabilities) {
        return Smmuv3Registers.WINDOW_BYTES + capabilities.controlPages() * PAGE_BYTES;
    }

    /** Whether one of them is on. */
    boolean isAnyOn() {
        return queues.stream().anyMatch(EnhancedCommandQueue::isOn);
    }

    void addTo(RegisterFile file) {
        for (int page = 0; page < capabilities.controlPages(); page++) {
            int at = Smmuv3Registers.WINDOW_BYTES + page * PAGE_BYTES;
            addPage(file, page * CmdqControlPageBaseRegister.STRIDE, at);
            int perPage = capabilities.queuesPerControlPage();
            for (int i = 0; i < perPage; i++) {
                addQueue(file, queues.get(page * perPage + i), at + i * (PAGE_BYTES / perPage));
            }
        }
    }

    private static void addPage(RegisterFile file, int behind, int at) {
        long base = CmdqControlPageBaseRegister.CMDQGS.set(CmdqControlPageBaseRegister.CMDQ_CONTROL_PAGE_PRESET.mask(),
                CmdqControlPageBaseRegister.CMDQGS_64K);
        constant(file, CmdqControlPageBaseRegister.REGISTER, behind, CmdqControlPageBaseRegister.ADDR.setInPlace(base, at));
        constant(file, CmdqControlPageCfgRegister.REGISTER, behind, CmdqControlPageCfgRegister.EN.mask());
        constant(file, CmdqControlPageStatusRegister.REGISTER, behind, CmdqControlPageStatusRegister.ENACK.mask());
    }

    private static void constant(RegisterFile file, Register register, int behind, long value) {
        file.add(register, register.offset() + behind, () -> value, Writer.READ_ONLY);
    }

    private static void addQueue(RegisterFile file, EnhancedCommandQueue queue, int at) {
        file.addConcurrent(EcmdqBaseRegister.REGISTER, at + EcmdqBaseRegister.OFFSET, queue::base, queue.baseWriter());
        file.addConcurrent(EcmdqProdRegister.REGISTER, at + EcmdqProdRegister.OFFSET, queue::producer, queue.producerWriter());
        file.addConcurrent(EcmdqConsRegister.REGISTER, at + EcmdqConsRegister.OFFSET, queue::consumer, queue.consumerWriter());
    }
}
