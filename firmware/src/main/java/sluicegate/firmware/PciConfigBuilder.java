package sluicegate.firmware;

import java.util.Map;
import java.util.TreeMap;
import sluicegate.api.platform.PciAddress;
import sluicegate.spec.ByteField;
import sluicegate.spec.pci.AcsCapability;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.CapabilityHeader;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.CommandRegister;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.HeaderTypeRegister;
import sluicegate.spec.pci.MsiCapability;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PcieCapability;
import sluicegate.spec.pci.PciePortType;
import sluicegate.spec.pci.PriCapability;
import sluicegate.spec.pci.SriovCapability;
import sluicegate.spec.pci.StatusRegister;

/**
 * Makes the configuration space that a function at least has from what text says about it: what decides about groups,
 * requester ids and translation services, and nothing else. Bytes that were read may be the start. Used by one thread, once.
 */
final class PciConfigBuilder {
    /** Where a capability goes whose place the source does not say. */
    private static final int FIRST_CAPABILITY = ConfigHeader.SIZE;
    private static final int PCIE_VERSION = 2;
    private static final int SECURE_DEVICE_SIZE = 0x18;
    private static final int MSI_SIZE = 0x10;

    private final PciAddress address;
    private final byte[] config = new byte[ConfigHeader.EXTENDED_CONFIG_SPACE];
    /** Extended capabilities by offset: their ids. */
    private final Map<Integer, Integer> extended = new TreeMap<>();
    /** Standard capabilities by offset: their ids. */
    private final TreeMap<Integer, Integer> standard = new TreeMap<>();
    /** How much of the start came from the hardware: what is below this is not made up. */
    private int real;

    PciConfigBuilder(PciAddress address) {
        this.address = address;
    }

    PciAddress address() {
        return address;
    }

    /** Bytes as they were read, from offset 0 on. */
    PciConfigBuilder bytes(byte[] read) {
        System.arraycopy(read, 0, config, 0, Math.min(read.length, config.length));
        real = read.length;
        return this;
    }

    /** How many bytes are as they were read. */
    int real() {
        return real;
    }

    PciConfigBuilder ids(int vendor, int device) {
        return header(ConfigHeader.VENDOR_ID, vendor).header(ConfigHeader.DEVICE_ID, device);
    }

    PciConfigBuilder subsystem(int vendor, int device) {
        return header(ConfigHeader.SUBSYSTEM_VENDOR_ID, vendor).header(ConfigHeader.SUBSYSTEM_ID, device);
    }

    PciConfigBuilder classCode(int code) {
        return header(ConfigHeader.CLASS_CODE, code);
    }

    PciConfigBuilder multifunction() {
        return header(ConfigHeader.HEADER_TYPE,
                HeaderTypeRegister.MULTI_FUNCTION.set(ConfigHeader.HEADER_TYPE.get(config, 0), 1));
    }

    PciConfigBuilder masters() {
        return header(ConfigHeader.COMMAND, CommandRegister.BUS_MASTER_ENABLE.set(ConfigHeader.COMMAND.get(config, 0), 1));
    }

    PciConfigBuilder bridge(int primary, int secondary, int subordinate) {
        header(ConfigHeader.HEADER_TYPE,
                HeaderTypeRegister.HEADER_LAYOUT.set(ConfigHeader.HEADER_TYPE.get(config, 0), HeaderTypeRegister.BRIDGE));
        return header(ConfigHeader.PRIMARY_BUS, primary).header(ConfigHeader.SECONDARY_BUS, secondary)
                .header(ConfigHeader.SUBORDINATE_BUS, subordinate);
    }

    private PciConfigBuilder header(ByteField field, long value) {
        if (real < ConfigHeader.SIZE) {
            field.put(config, 0, value);
        }
        return this;
    }

    /** @param at where its capability is, or 0 if the source does not say */
    PciConfigBuilder pcie(int at, PciePortType type) {
        if (real < ConfigHeader.CONFIG_SPACE) {
            int pcieAt = at >= ConfigHeader.SIZE && at <= ConfigHeader.CONFIG_SPACE - PcieCapability.SIZE ? at & -4 : FIRST_CAPABILITY;
            standard.put(pcieAt, CapabilityId.PCI_EXPRESS.code());
            PcieCapability.CAPABILITIES_REGISTER.put(config, pcieAt, PcieCapability.PORT_TYPE.set(PCIE_VERSION, type.code()));
        }
        return this;
    }

    /** The capability of an IOMMU that is a function, empty but for its id: what it says is the unit's business. */
    PciConfigBuilder secureDevice(int at) {
        if (real < ConfigHeader.CONFIG_SPACE && at >= ConfigHeader.SIZE && at < ConfigHeader.CONFIG_SPACE - SECURE_DEVICE_SIZE) {
            standard.putIfAbsent(at & -4, CapabilityId.SECURE_DEVICE.code());
        }
        return this;
    }

    /** Message signalled interrupts with 64 bits of address, switched off. */
    PciConfigBuilder msi(int at) {
        if (real < ConfigHeader.CONFIG_SPACE && at >= ConfigHeader.SIZE && at < ConfigHeader.CONFIG_SPACE - MSI_SIZE
                && standard.putIfAbsent(at & -4, CapabilityId.MSI.code()) == null) {
            MsiCapability.CONTROL_REGISTER.put(config, at & -4, MsiCapability.ADDRESS_64.mask());
        }
        return this;
    }

    PciConfigBuilder acs(int at, int capabilities, int control) {
        int place = extended(at, ExtendedCapabilityId.ACS, AcsCapability.SIZE);
        if (place != 0) {
            AcsCapability.CAPABILITY_REGISTER.put(config, place, capabilities & 0xffff);
            AcsCapability.CONTROL_REGISTER.put(config, place, control & 0xffff);
        }
        return this;
    }

    PciConfigBuilder ats(int at, boolean enabled) {
        int place = extended(at, ExtendedCapabilityId.ATS, AtsCapability.SIZE);
        if (place != 0) {
            AtsCapability.CAPABILITY_REGISTER.put(config, place, AtsCapability.PAGE_ALIGNED_REQUEST.mask());
            AtsCapability.CONTROL_REGISTER.put(config, place, enabled ? AtsCapability.ENABLE.mask() : 0);
        }
        return this;
    }

    PciConfigBuilder pri(int at) {
        int place = extended(at, ExtendedCapabilityId.PRI, PriCapability.SIZE);
        if (place != 0) {
            PriCapability.STATUS_REGISTER.put(config, place, PriCapability.STOPPED.mask());
            PriCapability.OUTSTANDING_CAPACITY.put(config, place, 32);
        }
        return this;
    }

    /** @param width in bits, 0 to 20 */
    PciConfigBuilder pasid(int at, int width) {
        int place = extended(at, ExtendedCapabilityId.PASID, PasidCapability.SIZE);
        if (place != 0) {
            PasidCapability.CAPABILITY_REGISTER.put(config, place, PasidCapability.MAX_PASID_WIDTH.set(0, width & 0x1f));
        }
        return this;
    }

    PciConfigBuilder sriov(int at, boolean enabled, int total, int number, int offset, int stride, int device) {
        int place = extended(at, ExtendedCapabilityId.SR_IOV, SriovCapability.SIZE);
        if (place != 0) {
            SriovCapability.CONTROL_REGISTER.put(config, place, enabled ? SriovCapability.VF_ENABLE.mask() : 0);
            SriovCapability.INITIAL_VFS.put(config, place, total & 0xffff);
            SriovCapability.TOTAL_VFS.put(config, place, total & 0xffff);
            SriovCapability.NUM_VFS.put(config, place, number & 0xffff);
            SriovCapability.FIRST_VF_OFFSET.put(config, place, offset & 0xffff);
            SriovCapability.VF_STRIDE.put(config, place, stride & 0xffff);
            SriovCapability.VF_DEVICE_ID.put(config, place, device & 0xffff);
        }
        return this;
    }

    /** Its place, 0 if that was read from the hardware or leaves no room. */
    private int extended(int at, ExtendedCapabilityId id, int size) {
        if (real > ConfigHeader.EXTENDED_CAPABILITIES || at < ConfigHeader.EXTENDED_CAPABILITIES
                || at > ConfigHeader.EXTENDED_CONFIG_SPACE - size || extended.containsKey(at & -4)) {
            return 0;
        }
        extended.put(at & -4, id.code());
        return at & -4;
    }

    PciConfigImage build(String description, String source) {
        linkStandard();
        linkExtended();
        boolean large = real > ConfigHeader.CONFIG_SPACE || !extended.isEmpty() || standard.containsValue(CapabilityId.PCI_EXPRESS.code());
        return new PciConfigImage(address, description,
                java.util.Arrays.copyOf(config, large ? ConfigHeader.EXTENDED_CONFIG_SPACE : ConfigHeader.CONFIG_SPACE), source);
    }

    /** The list begins at 0x100, whether anything that matters is there or not: a capability with id 0 is a null capability. */
    private void linkExtended() {
        if (extended.isEmpty()) {
            return;
        }
        extended.putIfAbsent(ConfigHeader.EXTENDED_CAPABILITIES, 0);
        int next = 0;
        for (var entry : ((TreeMap<Integer, Integer>) extended).descendingMap().entrySet()) {
            long header = ExtendedCapabilityHeader.ID.set(0, entry.getValue());
            header = ExtendedCapabilityHeader.VERSION.set(header, 1);
            putWord(config, entry.getKey(), ExtendedCapabilityHeader.NEXT.set(header, next));
            next = entry.getKey();
        }
    }

    private void linkStandard() {
        int next = 0;
        for (var entry : standard.descendingMap().entrySet()) {
            long header = CapabilityHeader.NEXT.set(CapabilityHeader.ID.set(0, entry.getValue()), next);
            config[entry.getKey()] = (byte) header;
            config[entry.getKey() + 1] = (byte) (header >>> 8);
            next = entry.getKey();
        }
        if (next != 0) {
            ConfigHeader.CAPABILITIES_POINTER.put(config, 0, next);
            ConfigHeader.STATUS.put(config, 0, StatusRegister.CAPABILITIES_LIST.set(ConfigHeader.STATUS.get(config, 0), 1));
        }
    }

    private static void putWord(byte[] config, int at, long word) {
        for (int i = 0; i < Integer.BYTES; i++) {
            config[at + i] = (byte) (word >>> 8 * i);
        }
    }
}
