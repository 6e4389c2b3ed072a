package sluicegate.sim.platform;

import java.util.Map;
import java.util.Optional;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.PlatformDevice;
import sluicegate.firmware.DeviceDescription;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.pci.DmaEngine;
import sluicegate.sim.pci.Requester;
import sluicegate.sim.unit.Arrival;

/** A device that firmware describes. It issues requests from the start, with PASIDs if firmware says that it has such. Thread-safe. */
final class SimPlatformDevice implements PlatformDevice, Requester {
    private final Bus bus;
    private final String name;
    private final DeviceDescription described;
    private final DmaEngine dma;

    /**
     * @param name on the platform
     * @param cutOff whether its requests get nowhere, because there should be a unit and is none
     */
    SimPlatformDevice(Bus bus, String name, DeviceDescription described, PhysicalMemory memory,
            InterruptController interrupts, Optional<Arrival> arrival, boolean cutOff) {
        this.bus = bus;
        this.name = name;
        this.described = described;
        dma = new DmaEngine(this, memory, interrupts, arrival);
        dma.setGate(cutOff ? DmaEngine.Gate.CUT_OFF : DmaEngine.Gate.OPEN);
    }

    DeviceDescription described() {
        return described;
    }

    DmaEngine engine() {
        return dma;
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
        return "platform device " + described.name();
    }

    @Override
    public DmaMaster dma() {
        return dma;
    }

    @Override
    public Map<String, String> properties() {
        return described.canStall() ? Map.of(CAN_STALL, "yes") : Map.of();
    }

    @Override
    public boolean untrusted() {
        return false;
    }

    @Override
    public long dmaLimit() {
        return described.dmaLimit();
    }

    @Override
    public int pasidBits() {
        return described.pasidBits();
    }

    @Override
    public boolean pasidEnabled() {
        return pasidBits() > 0;
    }

    @Override
    public boolean hasAts() {
        return false;
    }

    @Override
    public boolean atsEnabled() {
        return false;
    }

    @Override
    public String toString() {
        return name;
    }
}
