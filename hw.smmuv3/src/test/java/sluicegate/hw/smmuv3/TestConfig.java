package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.platform.PciConfig;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PriCapability;

/** Configuration space of a function with ATS, PASIDs and page requests, as plain memory that notes what is written. */
final class TestConfig implements PciConfig {
    static final int ATS = 0x100;
    static final int PASID = 0x180;
    static final int PRI = 0x200;
    private static final int CAPACITY = 64;

    private final byte[] bytes = new byte[4096];
    /** What was switched, in words, in order. */
    final List<String> switched = new ArrayList<>();

    TestConfig() {
        write32(ATS, (int) header(ExtendedCapabilityId.ATS, PASID));
        write32(PASID, (int) header(ExtendedCapabilityId.PASID, PRI));
        write32(PRI, (int) header(ExtendedCapabilityId.PRI, 0));
        write16(PRI + PriCapability.STATUS_REGISTER.offset(), (int) PriCapability.PRG_RESPONSE_PASID_REQUIRED.mask());
        write32(PRI + PriCapability.OUTSTANDING_CAPACITY.offset(), CAPACITY);
        switched.clear();
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

    /** The device is one that takes no PASIDs in answers to page requests. */
    void takesPlainAnswers() {
        write16(PRI + PriCapability.STATUS_REGISTER.offset(), 0);
    }

    boolean priEnabled() {
        return PriCapability.ENABLE.isSet(read16(PRI + PriCapability.CONTROL_REGISTER.offset()));
    }


    private void note(int offset, int value) {
        if (offset == ATS + AtsCapability.CONTROL_REGISTER.offset()) {
            switched.add(AtsCapability.ENABLE.isSet(value) ? "ATS on" : "ATS off");
        } else if (offset == PASID + PasidCapability.CONTROL_REGISTER.offset()) {
            switched.add(PasidCapability.ENABLE.isSet(value) ? "PASID on" : "PASID off");
        } else if (offset == PRI + PriCapability.CONTROL_REGISTER.offset()) {
            switched.add(PriCapability.RESET.isSet(value) ? "PRI reset" : PriCapability.ENABLE.isSet(value) ? "PRI on" : "PRI off");
        } else if (offset == PRI + PriCapability.OUTSTANDING_ALLOCATION.offset()) {
            switched.add("PRI allocation " + value);
        }
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
        note(offset, value);
        bytes[offset] = (byte) value;
        bytes[offset + 1] = (byte) (value >>> 8);
    }

    @Override
    public void write32(int offset, int value) {
        write16(offset, value);
        write16(offset + 2, value >>> 16);
    }
}
