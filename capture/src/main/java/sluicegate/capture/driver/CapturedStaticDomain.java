package sluicegate.capture.driver;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;

/**
 * The identity or the blocked domain of a captured unit: a device is in the one if the kernel had put it there, in the other
 * until it is attached for the first time. No device can be moved, not even to the blocked domain; since none of them can
 * issue a DMA, none has to be.
 */
record CapturedStaticDomain(DomainType type) implements DriverDomain {

    @Override
    public void attachDev(DeviceContext device, Optional<DriverDomain> old) {
        boolean wasThere = type == DomainType.BLOCKED
                ? old.isEmpty()
                : CapturedUnitOps.kernelType(device).filter(type::equals).isPresent();
        if (!wasThere) {
            throw CapturedUnitOps.refusal(device.name() + " can't be attached to a " + type.word() + " domain");
        }
    }
}
