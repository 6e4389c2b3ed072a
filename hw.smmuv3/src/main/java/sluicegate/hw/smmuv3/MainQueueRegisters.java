package sluicegate.hw.smmuv3;

import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.Cr0Register;

/** The registers of the command queue that every unit has. Its errors are acknowledged in SMMU_GERRORN ({@link GlobalErrors}). */
record MainQueueRegisters(Smmuv3Window window) implements QueueRegisters {
    @Override
    public void start(long base) {
        window.write64(CmdqBaseRegister.OFFSET, base);
        window.write32(CmdqProdRegister.OFFSET, 0);
        window.write32(CmdqConsRegister.OFFSET, 0);
        window.switchOn(Cr0Register.CMDQEN);
    }

    @Override
    public void stop() {
        window.switchOff(Cr0Register.CMDQEN);
    }

    @Override
    public void publish(int index) {
        window.write32(CmdqProdRegister.OFFSET, index);
    }

    @Override
    public int consumer() {
        return window.read32(CmdqConsRegister.OFFSET);
    }

    @Override
    public CommandError error(int consumer) {
        return CommandError.of(CmdqConsRegister.ERR.get(consumer)).orElse(CommandError.CERROR_ILL);
    }

    @Override
    public boolean acknowledge(int consumer) {
        return false;
    }
}
