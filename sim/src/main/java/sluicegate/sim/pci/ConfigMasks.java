package sluicegate.sim.pci;

import sluicegate.firmware.PciCapabilities;
import sluicegate.firmware.PciConfigImage;
import sluicegate.machine.pci.AcsRegisters;
import sluicegate.spec.Field;
import sluicegate.spec.pci.AcsCapability;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.CommandRegister;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.MsiCapability;
import sluicegate.spec.pci.MsixCapability;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PriCapability;

/**
 * Which bits of a function's configuration space software can write: the command register, and what switches MSI, MSI-X, ACS,
 * ATS, PRI and PASID. Everything else is read-only; resources were assigned by the firmware that the image comes from.
 */
final class ConfigMasks {
    /** Controls that correspond to a capability bit of the same number, without egress control. */
    private static final long ACS_CONTROLS =
            AcsCapability.ISOLATION | AcsCapability.TB.mask() | AcsCapability.DT.mask();

    private final byte[] mask;

    private ConfigMasks(int size) {
        mask = new byte[size];
    }

    /** One bit for each bit of configuration space, set where it can be written. */
    static byte[] of(PciConfigImage image) {
        var masks = new ConfigMasks(image.size());
        masks.allow(ConfigHeader.COMMAND.offset(), 2, bits(CommandRegister.IO_SPACE_ENABLE,
                CommandRegister.MEMORY_SPACE_ENABLE, CommandRegister.BUS_MASTER_ENABLE,
                CommandRegister.PARITY_ERROR_RESPONSE, CommandRegister.SERR_ENABLE, CommandRegister.INTERRUPT_DISABLE));
        masks.allow(ConfigHeader.INTERRUPT_LINE.offset(), 1, 0xff);
        PciCapabilities.find(image, CapabilityId.MSI.code()).ifPresent(at -> masks.allowMsi(image, at));
        PciCapabilities.find(image, CapabilityId.MSI_X.code()).ifPresent(at -> masks.allow(
                at + MsixCapability.CONTROL_REGISTER.offset(), 2,
                bits(MsixCapability.ENABLE, MsixCapability.FUNCTION_MASK)));
        PciCapabilities.findExtended(image, ExtendedCapabilityId.ACS.code()).ifPresent(at -> masks.allow(
                at + AcsRegisters.controlOffset(image), 2,
                image.read16(at + AcsCapability.CAPABILITY_REGISTER.offset()) & ACS_CONTROLS));
        PciCapabilities.findExtended(image, ExtendedCapabilityId.ATS.code()).ifPresent(at -> masks.allow(
                at + AtsCapability.CONTROL_REGISTER.offset(), 2, bits(AtsCapability.ENABLE, AtsCapability.STU)));
        PciCapabilities.findExtended(image, ExtendedCapabilityId.PRI.code()).ifPresent(at -> {
            masks.allow(at + PriCapability.CONTROL_REGISTER.offset(), 2, PriCapability.ENABLE.mask());
            masks.allow(at + PriCapability.OUTSTANDING_ALLOCATION.offset(), 4, 0xffff_ffffL);
        });
        PciCapabilities.findExtended(image, ExtendedCapabilityId.PASID.code()).ifPresent(at -> {
            int offered = image.read16(at + PasidCapability.CAPABILITY_REGISTER.offset());
            long modes = bits(PasidCapability.EXECUTE_PERMISSION_ENABLE, PasidCapability.PRIVILEGED_MODE_ENABLE);
            masks.allow(at + PasidCapability.CONTROL_REGISTER.offset(), 2, PasidCapability.ENABLE.mask() | offered & modes);
        });
        return masks.mask;
    }

    private void allowMsi(PciConfigImage image, int at) {
        int control = at + MsiCapability.CONTROL_REGISTER.offset();
        boolean wide = MsiCapability.ADDRESS_64.isSet(image.read16(control));
        allow(control, 2, bits(MsiCapability.ENABLE, MsiCapability.MULTIPLE_MESSAGE_ENABLE));
        allow(at + MsiCapability.MESSAGE_ADDRESS.offset(), 4, 0xffff_fffcL);
        if (wide) {
            allow(at + MsiCapability.MESSAGE_UPPER_ADDRESS, 4, 0xffff_ffffL);
        }
        allow(at + MsiCapability.messageData(wide), 2, 0xffff);
    }

    private void allow(int offset, int bytes, long bits) {
        for (int i = 0; i < bytes && offset + i < mask.length; i++) {
            mask[offset + i] |= (byte) (bits >>> 8 * i);
        }
    }

    private static long bits(Field... fields) {
        long result = 0;
        for (var field : fields) {
            result |= field.mask();
        }
        return result;
    }
}
