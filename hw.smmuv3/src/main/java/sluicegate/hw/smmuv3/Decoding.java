package sluicegate.hw.smmuv3;

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
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.Smmuv3Registers;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** Shows raw words with the specification's names. */
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
        if (field == StreamTableEntry.CONFIG) {
            said = Optional.of(config((int) value));
        } else if (field == Idr5Register.OAS || field == ContextDescriptor.IPS || field == StreamTableEntry.S2PS) {
            said = AddressSize.of(value).map(size -> size.bits() + " bits");
        } else if (field == CmdqConsRegister.ERR && value != 0) {
            said = CommandError.of(value).map(error -> error.name().toLowerCase(Locale.ROOT) + ": " + error.meaning());
        }
        return said.orElse(field.meaning());
    }

    /** STE.Config in words. */
    static String config(int config) {
        return switch (config) {
            case StreamTableEntry.CONFIG_BYPASS -> "bypass";
            case StreamTableEntry.CONFIG_S1 -> "stage 1";
            case StreamTableEntry.CONFIG_S2 -> "stage 2";
            case StreamTableEntry.CONFIG_NESTED -> "stage 1, then stage 2";
            default -> "abort";
        };
    }

    /** All registers of a unit that can be read, as they are now; reading changes nothing. */
    static List<DecodedRegister> registers(Smmuv3Window window) {
        var registers = new ArrayList<DecodedRegister>();
        for (Register register : Smmuv3Registers.ALL) {
            try {
                long word = register.bits() == Integer.SIZE ? Integer.toUnsignedLong(window.read32(register.offset()))
                        : window.read64(register.offset());
                registers.add(new DecodedRegister(register.name(), register.offset(), word, fields(register.layout(), word)));
            } catch (IommuException e) {
                // A unit need not have the registers of features that it lacks.
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
            }
        }
        return List.copyOf(registers);
    }
}
