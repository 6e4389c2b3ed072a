package sluicegate.hw.common;

import java.util.OptionalInt;
import sluicegate.api.platform.PciConfig;
import sluicegate.spec.pci.CapabilityHeader;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.StatusRegister;

/** Finds capabilities in a function's configuration space. A chain that runs in circles ends. */
public final class PciCapabilityList {
    private static final int MAX_CAPABILITIES = 48;
    private static final int MAX_EXTENDED = (ConfigHeader.EXTENDED_CONFIG_SPACE - ConfigHeader.EXTENDED_CAPABILITIES) / 4;

    private PciCapabilityList() {}

    public static OptionalInt find(PciConfig config, CapabilityId wanted) {
        if (!StatusRegister.CAPABILITIES_LIST.isSet(config.read16(ConfigHeader.STATUS.offset()))) {
            return OptionalInt.empty();
        }
        int at = config.read8(ConfigHeader.CAPABILITIES_POINTER.offset()) & ~3;
        for (int i = 0; i < MAX_CAPABILITIES && at >= ConfigHeader.SIZE; i++) {
            int header = config.read16(at);
            if (CapabilityHeader.ID.get(header) == wanted.code()) {
                return OptionalInt.of(at);
            }
            at = CapabilityHeader.next(header);
        }
        return OptionalInt.empty();
    }

    public static OptionalInt find(PciConfig config, ExtendedCapabilityId wanted) {
        int at = ConfigHeader.EXTENDED_CAPABILITIES;
        for (int i = 0; i < MAX_EXTENDED && at >= ConfigHeader.EXTENDED_CAPABILITIES && at + 4 <= config.size(); i++) {
            long header = Integer.toUnsignedLong(config.read32(at));
            if (ExtendedCapabilityHeader.ID.get(header) == wanted.code()) {
                return OptionalInt.of(at);
            }
            at = ExtendedCapabilityHeader.next(header);
        }
        return OptionalInt.empty();
    }
}
