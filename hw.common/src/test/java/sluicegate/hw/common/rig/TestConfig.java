package sluicegate.hw.common.rig;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import sluicegate.api.platform.PciConfig;
import sluicegate.spec.ByteField;
import sluicegate.spec.Field;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PriCapability;

/**
 * Configuration space made of bytes, with capabilities that a test puts in. Everything can be written, and it notes what is switched
 * of PASIDs, ATS and page requests.
 */
public final class TestConfig implements PciConfig {
    private static final int STATUS = 0x06;
    private static final int POINTER = 0x34;

    private final ByteBuffer bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    private final Map<ExtendedCapabilityId, Integer> extended = new EnumMap<>(ExtendedCapabilityId.class);
    private int lastExtended = -1;
    private IntConsumer written = offset -> {};
    /** What was switched, in words, in order: {@code ATS on}, {@code PRI allocation 32}. */
    public final List<String> switched = new ArrayList<>();

    /** Puts a capability at the head of the list. */
    public TestConfig capability(int at, CapabilityId id, int upperHalf) {
        bytes.putShort(STATUS, (short) 0x10);
        bytes.putInt(at, upperHalf << 16 | Byte.toUnsignedInt(bytes.get(POINTER)) << 8 | id.code());
        bytes.put(POINTER, (byte) at);
        return this;
    }

    /** Puts an extended capability behind the others; the first has to be at 0x100. */
    public TestConfig extended(int at, ExtendedCapabilityId id, int second, int third) {
        bytes.putInt(at, 1 << 16 | id.code());
        bytes.putInt(at + 4, second);
        bytes.putInt(at + 8, third);
        if (lastExtended >= 0) {
            bytes.putInt(lastExtended, bytes.getInt(lastExtended) | at << 20);
        }
        lastExtended = at;
        extended.put(id, at);
        return this;
    }

    public TestConfig set32(int offset, int value) {
        bytes.putInt(offset, value);
        return this;
    }

    /** The listener is told the offset of what was written, after it was. */
    public TestConfig onWrite(IntConsumer listener) {
        written = listener;
        return this;
    }

    public boolean atsEnabled() {
        return isOn(ExtendedCapabilityId.ATS, AtsCapability.CONTROL_REGISTER, AtsCapability.ENABLE);
    }

    public boolean pasidEnabled() {
        return isOn(ExtendedCapabilityId.PASID, PasidCapability.CONTROL_REGISTER, PasidCapability.ENABLE);
    }

    public boolean priEnabled() {
        return isOn(ExtendedCapabilityId.PRI, PriCapability.CONTROL_REGISTER, PriCapability.ENABLE);
    }

    private boolean isOn(ExtendedCapabilityId id, ByteField control, Field enable) {
        return extended.containsKey(id) && enable.isSet(read16(extended.get(id) + control.offset()));
    }

    /** The device is one that takes no PASIDs in answers to page requests. */
    public void takesPlainAnswers() {
        bytes.putShort(extended.get(ExtendedCapabilityId.PRI) + PriCapability.STATUS_REGISTER.offset(), (short) 0);
    }

    private void note(int offset, int value) {
        extended.forEach((id, at) -> {
            switch (id) {
                case ATS -> note(offset - at, AtsCapability.CONTROL_REGISTER, "ATS " + (AtsCapability.ENABLE.isSet(value) ? "on" : "off"));
                case PASID -> note(offset - at, PasidCapability.CONTROL_REGISTER,
                        "PASID " + (PasidCapability.ENABLE.isSet(value) ? "on" : "off"));
                case PRI -> {
                    note(offset - at, PriCapability.CONTROL_REGISTER, "PRI " + (PriCapability.RESET.isSet(value) ? "reset"
                            : PriCapability.ENABLE.isSet(value) ? "on" : "off"));
                    note(offset - at, PriCapability.OUTSTANDING_ALLOCATION, "PRI allocation " + value);
                }
                default -> { }
            }
        });
    }

    private void note(int inside, ByteField register, String words) {
        if (inside == register.offset()) {
            switched.add(words);
        }
    }

    @Override
    public int size() {
        return bytes.capacity();
    }

    @Override
    public int read8(int offset) {
        return Byte.toUnsignedInt(bytes.get(offset));
    }

    @Override
    public int read16(int offset) {
        return Short.toUnsignedInt(bytes.getShort(offset));
    }

    @Override
    public int read32(int offset) {
        return bytes.getInt(offset);
    }

    @Override
    public void write16(int offset, int value) {
        bytes.putShort(offset, (short) value);
        note(offset, value);
        written.accept(offset);
    }

    @Override
    public void write32(int offset, int value) {
        bytes.putInt(offset, value);
        note(offset, value);
        written.accept(offset);
    }
}
