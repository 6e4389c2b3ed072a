package sluicegate.api;

import java.time.Instant;
import java.util.Optional;
import sluicegate.api.types.Access;

/**
 * An access that a unit refused.
 *
 * @param unit name of the unit
 * @param device name of the device; empty if no device has the source id
 * @param sourceId requester or stream id
 * @param pasid {@link sluicegate.api.types.Pasid#NONE} if the request had none
 * @param iova the address, as precisely as the hardware reports it
 * @param access what was tried
 * @param code the architecture's number for the fault
 * @param name short name in capital letters, such as {@code READ_NOT_PERMITTED}
 * @param reason what the architecture manual says about it, in our words
 * @param time when the core heard of it
 */
public record Fault(String unit, Optional<String> device, int sourceId, int pasid, long iova, Access access, int code,
        String name, String reason, Instant time) {

    /** Event Admin topic under which each fault is posted, its parts as properties named as here. */
    public static final String TOPIC = "sluicegate/fault";
}
