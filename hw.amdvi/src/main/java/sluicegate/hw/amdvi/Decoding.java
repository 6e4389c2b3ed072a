package sluicegate.hw.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.types.DecodedField;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;
import sluicegate.spec.amdvi.AmdviRegisters;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.InvalidationTimeout;

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
        if (field == ControlRegister.INVTIMEOUT) {
            said = InvalidationTimeout.of(value).map(InvalidationTimeout::meaning);
        } else if (field == DeviceTableEntry.MODE) {
            said = Optional.of(value == 0 ? "no host tables" : value == 7 ? "reserved" : value + " levels of host tables");
        } else if (field == ExtendedFeatureRegister.HATS && value < 3) {
            said = Optional.of("host tables of up to " + (4 + value) + " levels");
        }
        return said.orElse(field.meaning());
    }

    /** All registers of a unit that can be read, as they are now; reading changes nothing. */
    static List<DecodedRegister> registers(AmdviWindow window) {
        var registers = new ArrayList<DecodedRegister>();
        for (Register register : AmdviRegisters.ALL) {
            read(window, register).ifPresent(word -> registers.add(new DecodedRegister(register.name(), register.offset(), word,
                    fields(register.layout(), word))));
        }
        return List.copyOf(registers);
    }

    private static Optional<Long> read(AmdviWindow window, Register register) {
        try {
            return Optional.of(register.bits() == 32 ? Integer.toUnsignedLong(window.read32(register.offset()))
                    : window.read64(register.offset()));
        } catch (IommuException e) {
            if (e.errno() == Errno.EINVAL) {
                // A unit need not have the registers of features that it lacks.
                return Optional.empty();
            }
            throw e;
        }
    }
}
