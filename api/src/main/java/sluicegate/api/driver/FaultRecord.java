package sluicegate.api.driver;

import java.util.Objects;
import sluicegate.api.types.Access;

/**
 * A fault as a unit reported it, decoded.
 *
 * @param sourceId requester or stream id, as the unit knows it
 * @param pasid {@link sluicegate.api.types.Pasid#NONE} if the request had none
 * @param iova address of the request; the hardware may report its page only
 * @param access what was tried
 * @param code the architecture's number for the fault
 * @param name short name in capital letters, such as {@code READ_NOT_PERMITTED}
 * @param reason what the manual says about it, in our words, with the code and the section
 */
public record FaultRecord(int sourceId, int pasid, long iova, Access access, int code, String name, String reason) {
    public FaultRecord {
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(reason, "reason");
    }
}
