package sluicegate.sim.vtd;

import sluicegate.sim.register.RegisterFile;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextCommandRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultEventAddressRegister;
import sluicegate.spec.vtd.FaultEventControlRegister;
import sluicegate.spec.vtd.FaultEventDataRegister;
import sluicegate.spec.vtd.FaultEventUpperAddressRegister;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.InterruptRemappingTableAddressRegister;
import sluicegate.spec.vtd.InvalidateAddressRegister;
import sluicegate.spec.vtd.InvalidationCompletionStatusRegister;
import sluicegate.spec.vtd.InvalidationEventAddressRegister;
import sluicegate.spec.vtd.InvalidationEventControlRegister;
import sluicegate.spec.vtd.InvalidationEventDataRegister;
import sluicegate.spec.vtd.InvalidationEventUpperAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueErrorRecordRegister;
import sluicegate.spec.vtd.InvalidationQueueHeadRegister;
import sluicegate.spec.vtd.InvalidationQueueTailRegister;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.PageRequestEventAddressRegister;
import sluicegate.spec.vtd.PageRequestEventControlRegister;
import sluicegate.spec.vtd.PageRequestEventDataRegister;
import sluicegate.spec.vtd.PageRequestEventUpperAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueHeadRegister;
import sluicegate.spec.vtd.PageRequestQueueTailRegister;
import sluicegate.spec.vtd.PageRequestStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.VersionRegister;
import sluicegate.spec.vtd.VtdRegisters;

/** Which register of a unit's window (VT-d 11.4) is answered by which part of the model. */
final class VtdRegisterWindow {
    private final RegisterFile file;

    private VtdRegisterWindow(RegisterFile file) {
        this.file = file;
    }

    static RegisterFile of(String unit, int size, VtdCapabilities capabilities, GlobalCommand command,
            FaultReporting faults, InvalidationQueue queue, InvalidationRegisters invalidation, PageRequestQueue requests,
            InterruptRemapper interrupts, ProtectedMemory protectedMemory) {
        var window = new VtdRegisterWindow(new RegisterFile(unit, size));
        window.addCapabilities(capabilities);
        window.addCommand(command);
        window.addFaults(capabilities, faults, queue);
        if (capabilities.queuedInvalidation()) {
            window.addQueue(faults, queue);
        }
        window.addInvalidation(capabilities, invalidation);
        if (capabilities.pageRequests()) {
            window.addPageRequests(requests);
        }
        if (capabilities.interruptRemapping()) {
            window.file.add(InterruptRemappingTableAddressRegister.REGISTER, interrupts::tableAddress,
                    interrupts::writeTableAddress);
        }
        protectedMemory.addTo(window.file);
        window.addAbsent();
        return window.file;
    }

    private void addCapabilities(VtdCapabilities capabilities) {
        file.add(VersionRegister.REGISTER, () -> VtdCapabilities.VERSION, Writer.READ_ONLY);
        file.add(CapabilityRegister.REGISTER, capabilities::cap, Writer.READ_ONLY);
        file.add(ExtendedCapabilityRegister.REGISTER, capabilities::ecap, Writer.READ_ONLY);
    }

    private void addCommand(GlobalCommand command) {
        file.add(GlobalCommandRegister.REGISTER, () -> 0, (value, mask) -> command.write(value));
        file.add(GlobalStatusRegister.REGISTER, command::status, Writer.READ_ONLY);
        file.add(RootTableAddressRegister.REGISTER, command::rootTableAddress, command::writeRootTableAddress);
    }

    private void addFaults(VtdCapabilities capabilities, FaultReporting faults, InvalidationQueue queue) {
        file.add(FaultStatusRegister.REGISTER, faults::status, (value, mask) -> {
            faults.writeStatus(value);
            queue.process();
        });
        var event = faults.event();
        file.add(FaultEventControlRegister.REGISTER, event::control, event.controlWriter());
        file.add(FaultEventDataRegister.REGISTER, event::data, event.dataWriter());
        file.add(FaultEventAddressRegister.REGISTER, event::address, event.addressWriter());
        file.add(FaultEventUpperAddressRegister.REGISTER, event::upperAddress, event.upperAddressWriter());
        for (int i = 0; i < faults.records(); i++) {
            int index = i;
            int offset = FaultRecord.offset(capabilities.cap(), index);
            file.add(FaultRecord.REGISTER, offset, () -> faults.recordLow(index), Writer.READ_ONLY);
            file.add(FaultRecord.REGISTER, offset + 8, () -> faults.recordHigh(index),
                    (value, mask) -> faults.writeRecordHigh(index, value));
        }
    }

    private void addQueue(FaultReporting faults, InvalidationQueue queue) {
        file.add(InvalidationQueueHeadRegister.REGISTER, queue::head, Writer.READ_ONLY);
        file.add(InvalidationQueueTailRegister.REGISTER, queue::tail, queue::writeTail);
        file.add(InvalidationQueueAddressRegister.REGISTER, queue::address, queue::writeAddress);
        file.add(InvalidationCompletionStatusRegister.REGISTER, queue::completion,
                (value, mask) -> queue.writeCompletion(value));
        file.add(InvalidationQueueErrorRecordRegister.REGISTER, faults::queueErrors, Writer.READ_ONLY);
        var event = queue.event();
        file.add(InvalidationEventControlRegister.REGISTER, event::control, event.controlWriter());
        file.add(InvalidationEventDataRegister.REGISTER, event::data, event.dataWriter());
        file.add(InvalidationEventAddressRegister.REGISTER, event::address, event.addressWriter());
        file.add(InvalidationEventUpperAddressRegister.REGISTER, event::upperAddress, event.upperAddressWriter());
    }

    private void addInvalidation(VtdCapabilities capabilities, InvalidationRegisters invalidation) {
        file.add(ContextCommandRegister.REGISTER, invalidation::contextCommand, invalidation::writeContextCommand);
        long ecap = capabilities.ecap();
        // IVA_REG is write-only.
        file.add(InvalidateAddressRegister.REGISTER, ExtendedCapabilityRegister.invalidateAddressOffset(ecap), () -> 0,
                invalidation::writeAddress);
        file.add(IotlbInvalidateRegister.REGISTER, ExtendedCapabilityRegister.iotlbInvalidateOffset(ecap),
                invalidation::iotlbCommand, invalidation::writeIotlbCommand);
    }

    private void addPageRequests(PageRequestQueue requests) {
        file.add(PageRequestQueueHeadRegister.REGISTER, requests::head, requests::writeHead);
        file.add(PageRequestQueueTailRegister.REGISTER, requests::tail, requests::writeTail);
        file.add(PageRequestQueueAddressRegister.REGISTER, requests::address, requests::writeAddress);
        file.add(PageRequestStatusRegister.REGISTER, requests::status, (value, mask) -> requests.writeStatus(value));
        var event = requests.event();
        file.add(PageRequestEventControlRegister.REGISTER, event::control, event.controlWriter());
        file.add(PageRequestEventDataRegister.REGISTER, event::data, event.dataWriter());
        file.add(PageRequestEventAddressRegister.REGISTER, event::address, event.addressWriter());
        file.add(PageRequestEventUpperAddressRegister.REGISTER, event::upperAddress, event.upperAddressWriter());
    }

    /** The manual's other registers belong to features that the unit lacks: they read as 0 and ignore writes. */
    private void addAbsent() {
        for (var register : VtdRegisters.ALL) {
            if (!file.has(register.offset())) {
                file.add(register, () -> 0, Writer.READ_ONLY);
            }
        }
    }
}
