package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.InvalidateAddressRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationQueueErrorRecordRegister;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidTranslationType;
import sluicegate.spec.vtd.TranslationType;
import sluicegate.spec.vtd.VtdRegisters;

/** Shows raw words with the manual's names. */
final class Decoding {
    private Decoding() {}

    /** The fields of a structure, highest first; reserved bits only where they are not zero. */
    static List<DecodedField> fields(Layout layout, long... words) {
        return layout.decode(words).stream()
                .map(value -> new DecodedField(value.field().name(), value.value(), meaning(value.field(), value.value())))
                .toList();
    }

    /** What the value says where it is a code, else what the field is for. */
    private static String meaning(Field field, long value) {
        Optional<String> said = Optional.empty();
        if (field == ContextEntry.AW || field == PasidEntry.AW) {
            said = AddressWidth.of(value).map(width -> width.bits() + " bits, " + width.levels() + " levels");
        } else if (field == ContextEntry.TT) {
            said = TranslationType.of(value).map(type -> type.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        } else if (field == PasidEntry.PGTT) {
            said = PasidTranslationType.of(value).map(type -> type.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        } else if (field == PasidEntry.FSPM) {
            said = FirstStageMode.of(value).map(mode -> mode.bits() + " bits, " + mode.levels() + " levels");
        } else if (field == FaultRecord.FR && value != 0) {
            said = FaultReason.of((int) value).map(FaultReason::name);
        } else if (field == InvalidationQueueErrorRecordRegister.IQEI && value != 0) {
            said = InvalidationQueueError.of(value).map(InvalidationQueueError::meaning);
        }
        return said.orElse(field.meaning());
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
        } catch (IommuException e) {
            if (e.errno() == Errno.EINVAL) {
                // A unit need not have the registers of features that it lacks.
                return;
            }
            throw e;
        }
        registers.add(new DecodedRegister(name, offset, words[0], fields(register.layout(), words)));
    }
}
