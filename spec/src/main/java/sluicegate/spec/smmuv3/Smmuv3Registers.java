package sluicegate.spec.smmuv3;

import java.util.List;
import java.util.Optional;

import sluicegate.spec.Register;

/** The registers of the Non-secure interface, in pages 0 and 1 of a unit's window and in the control pages behind them. */
public final class Smmuv3Registers {

    /** Size of the window without optional pages: two pages of 64 KiB (6.1). */
    public static final int WINDOW_BYTES = 0x20000;

    /** All of pages 0 and 1 that every unit has in the same place, those of page 0 first. */
    public static final List<Register> ALL = List.of(
            Idr0Register.REGISTER,
            Idr1Register.REGISTER,
            Idr2Register.REGISTER,
            Idr3Register.REGISTER,
            Idr4Register.REGISTER,
            Idr5Register.REGISTER,
            IidrRegister.REGISTER,
            AidrRegister.REGISTER,
            Cr0Register.REGISTER,
            Cr0AckRegister.REGISTER,
            Cr1Register.REGISTER,
            Cr2Register.REGISTER,
            StatusRegister.REGISTER,
            GbpaRegister.REGISTER,
            AgbpaRegister.REGISTER,
            IrqCtrlRegister.REGISTER,
            IrqCtrlAckRegister.REGISTER,
            GerrorRegister.REGISTER,
            GerrorNRegister.REGISTER,
            GerrorIrqCfg0Register.REGISTER,
            GerrorIrqCfg1Register.REGISTER,
            GerrorIrqCfg2Register.REGISTER,
            StrtabBaseRegister.REGISTER,
            StrtabBaseCfgRegister.REGISTER,
            CmdqBaseRegister.REGISTER,
            CmdqProdRegister.REGISTER,
            CmdqConsRegister.REGISTER,
            EventqBaseRegister.REGISTER,
            EventqIrqCfg0Register.REGISTER,
            EventqIrqCfg1Register.REGISTER,
            EventqIrqCfg2Register.REGISTER,
            PriqBaseRegister.REGISTER,
            PriqIrqCfg0Register.REGISTER,
            PriqIrqCfg1Register.REGISTER,
            PriqIrqCfg2Register.REGISTER,
            Idr6Register.REGISTER,
            EventqProdRegister.REGISTER,
            EventqConsRegister.REGISTER,
            PriqProdRegister.REGISTER,
            PriqConsRegister.REGISTER);

    /** Of each control page of a unit with enhanced command queues, at the places of the first one (6.2.1). */
    public static final List<Register> CONTROL_PAGE = List.of(
            CmdqControlPageBaseRegister.REGISTER,
            CmdqControlPageCfgRegister.REGISTER,
            CmdqControlPageStatusRegister.REGISTER);

    /** Of each enhanced command queue, from the queue's place in its control page (6.2.5). */
    public static final List<Register> ENHANCED_QUEUE = List.of(
            EcmdqBaseRegister.REGISTER,
            EcmdqProdRegister.REGISTER,
            EcmdqConsRegister.REGISTER);

    private Smmuv3Registers() {
    }

    /** The register that holds the byte at an offset, if one does. */
    public static Optional<Register> at(int offset) {
        return ALL.stream().filter(r -> r.offset() <= offset && offset < r.offset() + r.bytes()).findFirst();
    }
}
