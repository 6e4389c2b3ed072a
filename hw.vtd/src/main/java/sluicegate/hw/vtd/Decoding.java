package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.InvalidateAddressRegister;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.VtdRegisters;

/** Shows raw words with the manual's names. */
final class Decoding {
    private Decoding() {}

    /** The fields of a structure, highest first; reserved bits only where they are not zero. */
    static List<DecodedField> fields(Layout layout, long... words) {
        return layout.decode(words).stream()
                .map(value -> new DecodedField(value.field().name(), value.value(), value.field().meaning()))
                .toList();
    }

    /** All registers of a unit that can be read, as they are now; reading changes nothing. */
    static List<DecodedRegister> registers(VtdCapabilities capabilities, VtdWindow window) {
        var registers = new ArrayList<DecodedRegister>();
        for (Register register : VtdRegisters.ALL) {
            add(registers, window, register, register.name(), register.offset());
        }
        int invalidate = ExtendedCapabilityRegister.invalidateAddressOffset(capabilities.ecap());
        for (Register register : List.of(InvalidateAddressRegister.REGISTER, IotlbInvalidateRegister.REGISTER)) {
            add(registers, window, register, register.name(), invalidate + register.offset());
        }
        for (int i = 0; i < capabilities.faultRecords(); i++) {
            add(registers, window, FaultRecord.REGISTER, FaultRecord.REGISTER.name() + "[" + i + "]",
                    FaultRecord.offset(capabilities.cap(), i));
        }
        return List.copyOf(registers);
    }

    private static void add(List<DecodedRegister> registers, VtdWindow window, Register register, String name, int offset) {
        long[] words;
        try {
            words = switch (register.bits()) {
                case 32 -> new long[] {Integer.toUnsignedLong(window.read32(offset))};
                case 64 -> new long[] {window.read64(offset)};
                default -> new long[] {window.read64(offset), window.read64(offset + Long.BYTES)};
            };
        } catch (IommuException absent) {
            // A unit need not have the registers of features that it lacks.
            return;
        }
        registers.add(new DecodedRegister(name, offset, words[0], fields(register.layout(), words)));
    }
}
