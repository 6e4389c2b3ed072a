package sluicegate.capture.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.IommuException;
import sluicegate.capture.facts.KernelFacts;
import sluicegate.spec.Register;
import sluicegate.spec.amdvi.AmdviRegisters;
import sluicegate.spec.smmuv3.Smmuv3Registers;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.VtdRegisters;

/** Captured registers with the manual's names. */
final class CapturedRegisterNames {
    private CapturedRegisterNames() {}

    static List<DecodedRegister> decode(IommuUnit unit) {
        var registers = new ArrayList<DecodedRegister>();
        if (unit.compatible().equals(KernelFacts.INTEL_VTD)) {
            VtdRegisters.ALL.forEach(register -> add(registers, unit.registers(), register, register.name(), register.offset()));
            read64(unit.registers(), CapabilityRegister.REGISTER.offset()).ifPresent(cap -> {
                for (int i = 0; i < CapabilityRegister.faultRecordingCount(cap); i++) {
                    add(registers, unit.registers(), FaultRecord.REGISTER, FaultRecord.REGISTER.name() + "[" + i + "]",
                            FaultRecord.offset(cap, i));
                }
            });
        } else if (unit.compatible().equals(KernelFacts.ARM_SMMUV3)) {
            Smmuv3Registers.ALL.forEach(register -> add(registers, unit.registers(), register, register.name(), register.offset()));
        } else {
            AmdviRegisters.ALL.forEach(register -> add(registers, unit.registers(), register, register.name(), register.offset()));
        }
        return List.copyOf(registers);
    }

    private static void add(List<DecodedRegister> registers, RegisterWindow window, Register register, String name, int offset) {
        var words = new long[Math.max(1, register.bytes() / Long.BYTES)];
        for (int i = 0; i < words.length; i++) {
            var word = register.bytes() < Long.BYTES ? read32(window, offset) : read64(window, offset + Long.BYTES * i);
            if (word.isEmpty()) {
                return; // not captured
            }
            words[i] = word.getAsLong();
        }
        registers.add(new DecodedRegister(name, offset, words[0], register.layout().decode(words).stream()
                .map(value -> new DecodedField(value.field().name(), value.value(), value.field().meaning())).toList()));
    }

    private static OptionalLong read32(RegisterWindow window, long offset) {
        try {
            return OptionalLong.of(Integer.toUnsignedLong(window.read32(offset)));
        } catch (IommuException absent) {
            return OptionalLong.empty();
        }
    }

    private static OptionalLong read64(RegisterWindow window, long offset) {
        try {
            return OptionalLong.of(window.read64(offset));
        } catch (IommuException absent) {
            return OptionalLong.empty();
        }
    }
}
