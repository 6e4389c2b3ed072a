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
import sluicegate.spec.smmuv3.CmdqControlPageBaseRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EcmdqConsRegister;
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
        } else if ((field == CmdqConsRegister.ERR || field == EcmdqConsRegister.ERR_REASON) && value != 0) {
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

    /** All registers of a unit that can be read, as they are now, and those of enhanced command queues that are on; reading changes nothing. */
    static List<DecodedRegister> registers(Smmuv3Capabilities capabilities, Smmuv3Window window) {
        var registers = new ArrayList<DecodedRegister>();
        for (Register register : Smmuv3Registers.ALL) {
            try {
                registers.add(register(window, register, register.name(), register.offset()));
            } catch (IommuException e) {
                // A unit need not have the registers of features that it lacks.
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
            }
        }
        for (int page = 0; page < capabilities.controlPages(); page++) {
            for (Register register : Smmuv3Registers.CONTROL_PAGE) {
                registers.add(register(window, register, register.name() + page,
                        register.offset() + page * CmdqControlPageBaseRegister.STRIDE));
            }
        }
        var queues = ControlPages.queues(capabilities, window, why -> { });
        for (int i = 0; i < queues.size(); i++) {
            int place = queues.get(i);
            if (EcmdqConsRegister.ENACK.isSet(window.read32(place + EcmdqConsRegister.OFFSET))) {
                for (Register register : Smmuv3Registers.ENHANCED_QUEUE) {
                    registers.add(register(window, register, register.name() + i, place + register.offset()));
                }
            }
        }
        return List.copyOf(registers);
    }

    private static DecodedRegister register(Smmuv3Window window, Register register, String name, int offset) {
        long word = register.bits() == Integer.SIZE ? Integer.toUnsignedLong(window.read32(offset)) : window.read64(offset);
        return new DecodedRegister(name, offset, word, fields(register.layout(), word));
    }
}
