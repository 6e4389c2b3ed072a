package sluicegate.sim.amdvi;

import sluicegate.sim.register.RegisterFile;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.Register;
import sluicegate.spec.amdvi.AmdviRegisters;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableSegmentRegister;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogHeadRegister;
import sluicegate.spec.amdvi.EventLogTailRegister;
import sluicegate.spec.amdvi.ExclusionBaseRegister;
import sluicegate.spec.amdvi.ExclusionLimitRegister;
import sluicegate.spec.amdvi.ExtendedFeature2Register;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.GuestLogBaseRegister;
import sluicegate.spec.amdvi.GuestLogHeadRegister;
import sluicegate.spec.amdvi.GuestLogTailAddressRegister;
import sluicegate.spec.amdvi.GuestLogTailRegister;
import sluicegate.spec.amdvi.HardwareEventLowerRegister;
import sluicegate.spec.amdvi.HardwareEventStatusRegister;
import sluicegate.spec.amdvi.HardwareEventUpperRegister;
import sluicegate.spec.amdvi.MsiAddressHighRegister;
import sluicegate.spec.amdvi.MsiAddressLowRegister;
import sluicegate.spec.amdvi.MsiCapabilityRegister;
import sluicegate.spec.amdvi.MsiDataRegister;
import sluicegate.spec.amdvi.PprAutoResponseRegister;
import sluicegate.spec.amdvi.PprEarlyOverflowRegister;
import sluicegate.spec.amdvi.PprLogBaseRegister;
import sluicegate.spec.amdvi.PprLogHeadRegister;
import sluicegate.spec.amdvi.PprLogTailRegister;
import sluicegate.spec.amdvi.StatusRegister;
import sluicegate.spec.amdvi.XtGuestLogInterruptRegister;
import sluicegate.spec.amdvi.XtInterruptRegister;
import sluicegate.spec.amdvi.XtPprInterruptRegister;

/** Which register of a unit's window (3.4) is answered by which part of the model. */
final class AmdviRegisterWindow {
    private final RegisterFile file;

    private AmdviRegisterWindow(RegisterFile file) {
        this.file = file;
    }

    /** What answers. */
    record Parts(ControlRegisters control, DeviceTable table, CommandBuffer commands, EventLog events,
            PageRequestLog pageRequests, GuestLog guests, UnitStatus status, Messages messages) {}

    static RegisterFile of(String unit, AmdviCapabilities capabilities, Parts parts) {
        var window = new AmdviRegisterWindow(new RegisterFile(unit, AmdviRegisters.WINDOW_BYTES));
        window.addControl(capabilities, parts);
        window.addTable(capabilities, parts.table);
        window.addCommands(parts.commands);
        window.addEvents(capabilities, parts.events);
        if (capabilities.has(ExtendedFeatureRegister.PPRSUP)) {
            window.addPageRequests(capabilities, parts.pageRequests);
        }
        if (capabilities.virtualInterrupts()) {
            window.addLog(parts.guests.buffer(), GuestLogBaseRegister.REGISTER, GuestLogHeadRegister.REGISTER,
                    GuestLogTailRegister.REGISTER);
            window.file.add(GuestLogTailAddressRegister.REGISTER, parts.guests::tailAddress, parts.guests.tailAddressWriter());
        }
        window.addMessages(capabilities, parts.messages);
        window.addAbsent();
        return window.file;
    }

    private void addControl(AmdviCapabilities capabilities, Parts parts) {
        file.add(ExtendedFeatureRegister.REGISTER, capabilities::features, Writer.READ_ONLY);
        file.add(ExtendedFeature2Register.REGISTER, capabilities::features2, Writer.READ_ONLY);
        file.add(ControlRegister.REGISTER, parts.control::control, parts.control.controlWriter());
        file.add(ExclusionBaseRegister.REGISTER, parts.control::exclusionBase, parts.control.exclusionBaseWriter());
        file.add(ExclusionLimitRegister.REGISTER, parts.control::exclusionLimit, parts.control.exclusionLimitWriter());
        file.add(StatusRegister.REGISTER, parts.status::value, parts.status::write);
    }

    private void addTable(AmdviCapabilities capabilities, DeviceTable table) {
        file.add(DeviceTableBaseRegister.REGISTER, () -> table.base(0), table.baseWriter(0));
        int segments = 1 << capabilities.segmentBits();
        for (int i = 1; i <= DeviceTableSegmentRegister.COUNT; i++) {
            int segment = i;
            file.add(DeviceTableSegmentRegister.REGISTER, DeviceTableSegmentRegister.offset(segment), () -> table.base(segment),
                    segment < segments ? table.baseWriter(segment) : Writer.READ_ONLY);
        }
    }

    private void addCommands(CommandBuffer commands) {
        file.add(CommandBufferBaseRegister.REGISTER, commands::base, commands.baseWriter());
        file.add(CommandBufferHeadRegister.REGISTER, commands::head, commands.headWriter());
        file.add(CommandBufferTailRegister.REGISTER, commands::tail, commands.tailWriter());
    }

    private void addEvents(AmdviCapabilities capabilities, EventLog events) {
        addLog(events.buffer(), EventLogBaseRegister.REGISTER, EventLogHeadRegister.REGISTER, EventLogTailRegister.REGISTER);
        if (capabilities.has(ExtendedFeatureRegister.HESUP)) {
            file.add(HardwareEventUpperRegister.REGISTER, events::heldLow, Writer.READ_ONLY);
            file.add(HardwareEventLowerRegister.REGISTER, events::heldHigh, Writer.READ_ONLY);
            file.add(HardwareEventStatusRegister.REGISTER, events::heldStatus, events.heldStatusWriter());
        }
    }

    private void addPageRequests(AmdviCapabilities capabilities, PageRequestLog log) {
        addLog(log.buffer(), PprLogBaseRegister.REGISTER, PprLogHeadRegister.REGISTER, PprLogTailRegister.REGISTER);
        if (capabilities.has(ExtendedFeatureRegister.PPRAUTORSPSUP)) {
            file.add(PprAutoResponseRegister.REGISTER, log::autoResponse, log.autoResponseWriter());
        }
        if (capabilities.has(ExtendedFeatureRegister.PPROVRFLWEARLYSUP)) {
            file.add(PprEarlyOverflowRegister.REGISTER, log::early, log.earlyWriter());
        }
    }

    private void addLog(LogBuffer log, Register base, Register head, Register tail) {
        file.add(base, log::base, log.baseWriter());
        file.add(head, log::head, log.headWriter());
        file.add(tail, log::tail, log.tailWriter());
    }

    private void addMessages(AmdviCapabilities capabilities, Messages messages) {
        if (capabilities.has(ExtendedFeatureRegister.MSICAPMMIOSUP)) {
            file.add(MsiCapabilityRegister.REGISTER, messages::capability, messages.capabilityWriter());
            file.add(MsiAddressLowRegister.REGISTER, messages::addressLow, messages.addressLowWriter());
            file.add(MsiAddressHighRegister.REGISTER, messages::addressHigh, messages.addressHighWriter());
            file.add(MsiDataRegister.REGISTER, messages::data, messages.dataWriter());
        }
        if (capabilities.has(ExtendedFeatureRegister.XTSUP)) {
            file.add(XtInterruptRegister.REGISTER, messages::xtGeneral, messages.xtGeneralWriter());
            file.add(XtPprInterruptRegister.REGISTER, messages::xtPageRequests, messages.xtPageRequestWriter());
            if (capabilities.virtualInterrupts()) {
                file.add(XtGuestLogInterruptRegister.REGISTER, messages::xtGuests, messages.xtGuestWriter());
            }
        }
    }

    /** The manual's other registers belong to features that the unit lacks: they read as 0 and ignore writes. */
    private void addAbsent() {
        for (var register : AmdviRegisters.ALL) {
            if (!file.has(register.offset())) {
                file.add(register, () -> 0, Writer.READ_ONLY);
            }
        }
    }
}
