package sluicegate.hw.smmuv3;

import sluicegate.api.platform.PciConfig;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;

/** Configuration space of a function with ATS and PASIDs, as plain memory. */
final class TestConfig implements PciConfig {
    static final int ATS = 0x100;
    static final int PASID = 0x180;

    private final byte[] bytes = new byte[4096];

    TestConfig() {
        write32(ATS, (int) header(ExtendedCapabilityId.ATS, PASID));
        write32(PASID, (int) header(ExtendedCapabilityId.PASID, 0));
    }

    private static long header(ExtendedCapabilityId id, int next) {
        return ExtendedCapabilityHeader.NEXT.set(ExtendedCapabilityHeader.ID.set(1 << 16, id.code()), next);
    }

    boolean atsEnabled() {
        return AtsCapability.ENABLE.isSet(read16(ATS + AtsCapability.CONTROL_REGISTER.offset()));
    }

    boolean pasidEnabled() {
        return PasidCapability.ENABLE.isSet(read16(PASID + PasidCapability.CONTROL_REGISTER.offset()));
    }

    @Override
    public int size() {
        return bytes.length;
    }

    @Override
    public int read8(int offset) {
        return bytes[offset] & 0xff;
    }

    @Override
    public int read16(int offset) {
        return read8(offset) | read8(offset + 1) << 8;
    }

    @Override
    public int read32(int offset) {
        return read16(offset) | read16(offset + 2) << 16;
    }

    @Override
    public void write16(int offset, int value) {
        bytes[offset] = (byte) value;
        bytes[offset + 1] = (byte) (value >>> 8);
    }

    @Override
    public void write32(int offset, int value) {
        write16(offset, value);
        write16(offset + 2, value >>> 16);
    }
}
