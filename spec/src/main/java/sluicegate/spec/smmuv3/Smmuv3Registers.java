package sluicegate.spec.smmuv3;

import java.util.List;
import java.util.Optional;

import sluicegate.spec.Register;

/** The registers of the Non-secure interface, in pages 0 and 1 of a unit's window. */
public final class Smmuv3Registers {

    /** Size of the window: two pages of 64 KiB. */
    public static final int WINDOW_BYTES = 0x20000;

    /** All of them, those of page 0 first. */
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
            EventqProdRegister.REGISTER,
            EventqConsRegister.REGISTER,
            PriqProdRegister.REGISTER,
            PriqConsRegister.REGISTER);

    private Smmuv3Registers() {
    }

    /** The register that holds the byte at an offset, if one does. */
    public static Optional<Register> at(int offset) {
        return ALL.stream().filter(r -> r.offset() <= offset && offset < r.offset() + r.bytes()).findFirst();
    }
}
