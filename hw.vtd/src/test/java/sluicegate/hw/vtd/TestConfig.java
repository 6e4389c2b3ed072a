package sluicegate.hw.vtd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntConsumer;
import sluicegate.api.platform.PciConfig;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.ExtendedCapabilityId;

/** Configuration space made of bytes, with capabilities that a test puts in. Everything can be written. */
final class TestConfig implements PciConfig {
    private static final int STATUS = 0x06;
    private static final int POINTER = 0x34;

    private final ByteBuffer bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    private int lastExtended = -1;
    private IntConsumer written = offset -> {};

    /** Puts a capability at the head of the list. */
    TestConfig capability(int at, CapabilityId id, int upperHalf) {
        bytes.putShort(STATUS, (short) 0x10);
        bytes.putInt(at, upperHalf << 16 | Byte.toUnsignedInt(bytes.get(POINTER)) << 8 | id.code());
        bytes.put(POINTER, (byte) at);
        return this;
    }

    /** Puts an extended capability behind the others; the first has to be at 0x100. */
    TestConfig extended(int at, ExtendedCapabilityId id, int second, int third) {
        bytes.putInt(at, 1 << 16 | id.code());
        bytes.putInt(at + 4, second);
        bytes.putInt(at + 8, third);
        if (lastExtended >= 0) {
            bytes.putInt(lastExtended, bytes.getInt(lastExtended) | at << 20);
        }
        lastExtended = at;
        return this;
    }

    TestConfig set32(int offset, int value) {
        bytes.putInt(offset, value);
        return this;
    }

    TestConfig onWrite(IntConsumer listener) {
        written = listener;
        return this;
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
        written.accept(offset);
    }

    @Override
    public void write32(int offset, int value) {
        bytes.putInt(offset, value);
        written.accept(offset);
    }
}
