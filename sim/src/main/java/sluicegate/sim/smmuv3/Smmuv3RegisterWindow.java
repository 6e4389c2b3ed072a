package sluicegate.sim.smmuv3;

import sluicegate.sim.register.RegisterFile;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.Register;
import sluicegate.spec.smmuv3.AidrRegister;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.Cr0AckRegister;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr1Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqIrqCfg0Register;
import sluicegate.spec.smmuv3.EventqIrqCfg1Register;
import sluicegate.spec.smmuv3.EventqIrqCfg2Register;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.GbpaRegister;
import sluicegate.spec.smmuv3.GerrorIrqCfg0Register;
import sluicegate.spec.smmuv3.GerrorIrqCfg1Register;
import sluicegate.spec.smmuv3.GerrorIrqCfg2Register;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.Idr6Register;
import sluicegate.spec.smmuv3.IrqCtrlAckRegister;
import sluicegate.spec.smmuv3.IrqCtrlRegister;
import sluicegate.spec.smmuv3.PriqBaseRegister;
import sluicegate.spec.smmuv3.PriqConsRegister;
import sluicegate.spec.smmuv3.PriqIrqCfg0Register;
import sluicegate.spec.smmuv3.PriqIrqCfg1Register;
import sluicegate.spec.smmuv3.PriqIrqCfg2Register;
import sluicegate.spec.smmuv3.PriqProdRegister;
import sluicegate.spec.smmuv3.Smmuv3Registers;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

/** Which register of a unit's window (6.2) is answered by which part of the model. */
final class Smmuv3RegisterWindow {
    private final RegisterFile file;

    private Smmuv3RegisterWindow(RegisterFile file) {
        this.file = file;
    }

    static RegisterFile of(String unit, Smmuv3Capabilities capabilities, ControlRegisters control, CommandQueue commands,
            EnhancedCommandQueues enhancedQueues, EventQueue events, PageRequestQueue pageRequests, GlobalErrors errors) {
        var window = new Smmuv3RegisterWindow(new RegisterFile(unit, EnhancedCommandQueues.windowBytes(capabilities)));
        window.addIdentification(capabilities);
        window.addControl(control);
        window.addErrors(capabilities, errors, () -> {
            events.goOn();
            commands.process();
        });
        window.addCommands(commands);
        enhancedQueues.addTo(window.file);
        window.addEvents(capabilities, events);
        if (capabilities.pri()) {
            window.addPageRequests(capabilities, pageRequests);
        }
        window.addAbsent();
        return window.file;
    }

    private void constant(Register register, long value) {
        file.add(register, () -> value, Writer.READ_ONLY);
    }

    private void addIdentification(Smmuv3Capabilities capabilities) {
        constant(Idr0Register.REGISTER, capabilities.idr0());
        constant(Idr1Register.REGISTER, capabilities.idr1());
        constant(Idr3Register.REGISTER, capabilities.idr3());
        constant(Idr5Register.REGISTER, capabilities.idr5());
        constant(AidrRegister.REGISTER, capabilities.aidr());
        constant(Idr6Register.REGISTER, capabilities.idr6());
    }

    private void addControl(ControlRegisters control) {
        file.add(Cr0Register.REGISTER, control::control0, control.control0Writer());
        file.add(Cr0AckRegister.REGISTER, control::control0, Writer.READ_ONLY);
        file.add(Cr1Register.REGISTER, control::control1, control.control1Writer());
        file.add(Cr2Register.REGISTER, control::control2, control.control2Writer());
        file.add(GbpaRegister.REGISTER, control::globalBypass, control.globalBypassWriter());
        file.add(IrqCtrlRegister.REGISTER, control::interrupts, control.interruptsWriter());
        file.add(IrqCtrlAckRegister.REGISTER, control::interrupts, Writer.READ_ONLY);
        file.add(StrtabBaseRegister.REGISTER, control::streamTable, control.streamTableWriter());
        file.add(StrtabBaseCfgRegister.REGISTER, control::streamTableFormat, control.streamTableFormatWriter());
    }

    private void addErrors(Smmuv3Capabilities capabilities, GlobalErrors errors, Runnable goOn) {
        file.add(GerrorRegister.REGISTER, errors::errors, Writer.READ_ONLY);
        file.add(GerrorNRegister.REGISTER, errors::acknowledged, errors.acknowledgeWriter(goOn));
        if (capabilities.msi()) {
            addMessage(errors.interrupt(), GerrorIrqCfg0Register.REGISTER, GerrorIrqCfg1Register.REGISTER,
                    GerrorIrqCfg2Register.REGISTER);
        }
    }

    private void addMessage(MessageInterrupt interrupt, Register address, Register data, Register attributes) {
        file.add(address, interrupt::address, interrupt.addressWriter());
        file.add(data, interrupt::data, interrupt.dataWriter());
        file.add(attributes, interrupt::attributes, interrupt.attributesWriter(~attributes.layout().reservedMask(0)));
    }

    private void addCommands(CommandQueue commands) {
        file.add(CmdqBaseRegister.REGISTER, commands::base, commands.baseWriter());
        file.add(CmdqProdRegister.REGISTER, commands::producer, commands.producerWriter());
        file.add(CmdqConsRegister.REGISTER, commands::consumer, commands.consumerWriter());
    }

    private void addEvents(Smmuv3Capabilities capabilities, EventQueue events) {
        var queue = events.queue();
        file.add(EventqBaseRegister.REGISTER, queue::base, queue.baseWriter());
        file.add(EventqProdRegister.REGISTER, queue::producer, queue.producerWriter());
        file.add(EventqConsRegister.REGISTER, queue::consumer, events.consumerWriter());
        if (capabilities.msi()) {
            addMessage(events.interrupt(), EventqIrqCfg0Register.REGISTER, EventqIrqCfg1Register.REGISTER,
                    EventqIrqCfg2Register.REGISTER);
        }
    }

    private void addPageRequests(Smmuv3Capabilities capabilities, PageRequestQueue pageRequests) {
        var queue = pageRequests.queue();
        file.add(PriqBaseRegister.REGISTER, queue::base, queue.baseWriter());
        file.add(PriqProdRegister.REGISTER, queue::producer, queue.producerWriter());
        file.add(PriqConsRegister.REGISTER, queue::consumer, pageRequests.consumerWriter());
        if (capabilities.msi()) {
            addMessage(pageRequests.interrupt(), PriqIrqCfg0Register.REGISTER, PriqIrqCfg1Register.REGISTER,
                    PriqIrqCfg2Register.REGISTER);
        }
    }

    /** Registers of features that the unit lacks, and places without a register, read as 0 and ignore writes (6.2). */
    private void addAbsent() {
        for (var register : Smmuv3Registers.ALL) {
            if (!file.has(register.offset())) {
                constant(register, 0);
            }
        }
        file.readZeroElsewhere();
    }
}
