package sluicegate.core.impl.fake;

import sluicegate.api.platform.Bus;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PlatformDevice;

/** A device without a bus that could discover it. */
public final class FakePlatformDevice implements PlatformDevice {
    /** A DMA engine whose requests all fault. */
    static final DmaMaster MUTE = new DmaMaster() {
        @Override
        public DmaStatus read(int pasid, long iova, byte[] target, int offset, int length) {
            return DmaStatus.FAULT;
        }

        @Override
        public DmaStatus write(int pasid, long iova, byte[] source, int offset, int length) {
            return DmaStatus.FAULT;
        }
    };

    private final Bus bus;
    private final String name;

    FakePlatformDevice(Bus bus, String name) {
        this.bus = bus;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Bus bus() {
        return bus;
    }

    @Override
    public String description() {
        return "a platform device";
    }

    @Override
    public DmaMaster dma() {
        return MUTE;
    }

    @Override
    public boolean untrusted() {
        return false;
    }

    @Override
    public int pasidBits() {
        return 0;
    }

    @Override
    public String toString() {
        return name;
    }
}
