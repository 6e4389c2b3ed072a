package sluicegate.machine.pci;

import sluicegate.firmware.PciConfigImage;
import sluicegate.spec.pci.AcsCapability;
import sluicegate.spec.pci.ConfigHeader;

/**
 * Where the ACS control register is. Root ports of Intel's Sunrise Point, Union Point and mobile chipsets of the 7th and 8th
 * generation made double words of the capability and control registers, so that the latter is at 8 and not at 6 ({@code
 * pci_quirk_intel_spt_pch_acs}; Intel 100 Series Chipset Family specification update, erratum 23).
 */
public final class AcsRegisters {
    private static final int INTEL = 0x8086;
    private static final int DOUBLE_WORD_CONTROL = 8;

    private AcsRegisters() {}

    /** Its offset in the capability of the function with this configuration space. */
    public static int controlOffset(PciConfigImage image) {
        return image.read16(ConfigHeader.VENDOR_ID.offset()) == INTEL && sunrisePoint(image.read16(ConfigHeader.DEVICE_ID.offset()))
                ? DOUBLE_WORD_CONTROL : AcsCapability.CONTROL_REGISTER.offset();
    }

    private static boolean sunrisePoint(int device) {
        return in(device, 0xa110, 0xa11f) || in(device, 0xa167, 0xa16a) || in(device, 0xa290, 0xa29f)
                || in(device, 0xa2e7, 0xa2ee) || in(device, 0x9d10, 0x9d1b);
    }

    private static boolean in(int device, int first, int last) {
        return device >= first && device <= last;
    }
}
