package sluicegate.sim.device;

import java.util.Optional;
import java.util.concurrent.Executor;
import sluicegate.api.platform.DmaMaster;
import sluicegate.machine.pci.ConfiguredFunction;

/** Which devices there are models of. */
public final class DeviceModels {
    private static final int QEMU_TEST_VENDOR = 0x1234;

    private DeviceModels() {}

    /**
     * The model of a function; empty if there is none.
     *
     * @param dma how it reaches memory
     * @param time where what takes time is done
     */
    public static Optional<DeviceModel> of(ConfiguredFunction function, DmaMaster dma, Executor time) {
        return function.vendorId() == QEMU_TEST_VENDOR && function.deviceId() == Edu.DEVICE_ID
                ? Optional.of(new Edu(function.name(), dma, new MessageSender(function, dma), time))
                : Optional.empty();
    }
}
