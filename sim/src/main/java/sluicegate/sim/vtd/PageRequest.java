package sluicegate.sim.vtd;

import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.PageRequestDescriptor;

/**
 * A page request as it came from a device (VT-d 7.4.1.1).
 *
 * @param pasid {@link Pasid#NONE} or a PASID
 * @param access {@link RequestAccess} READ, WRITE, EXECUTE and PRIVILEGED; none for a stop marker
 * @param group page request group index, 0 to 511
 * @param last last of its group
 */
record PageRequest(int sourceId, int pasid, long address, int access, int group, boolean last) {
    /** Whether somebody has to answer: it is the last of its group, and no stop marker, which asks for nothing. */
    boolean needsResponse() {
        return last && (pasid == Pasid.NONE || (access & RequestAccess.ATOMIC) != 0);
    }

    /** The first word of its descriptor. */
    long low() {
        long low = PageRequestDescriptor.TYPE.set(0, PageRequestDescriptor.PAGE_REQUEST);
        low = PageRequestDescriptor.SID.set(low, sourceId);
        if (pasid != Pasid.NONE) {
            low = PageRequestDescriptor.PASID.set(low | PageRequestDescriptor.PP.mask(), pasid);
            // Without PASID a request can claim neither.
            low |= bit(RequestAccess.EXECUTE, PageRequestDescriptor.EXE.mask())
                    | bit(RequestAccess.PRIVILEGED, PageRequestDescriptor.PRIV.mask());
        }
        return low;
    }

    /** The second word of its descriptor; the others are 0. */
    long high() {
        long high = PageRequestDescriptor.ADDR.inPlace(address) | (last ? PageRequestDescriptor.LPIG.mask() : 0)
                | bit(RequestAccess.READ, PageRequestDescriptor.RD.mask())
                | bit(RequestAccess.WRITE, PageRequestDescriptor.WR.mask());
        return PageRequestDescriptor.PRGI.set(high, group);
    }

    private long bit(int wanted, long mask) {
        return (access & wanted) != 0 ? mask : 0;
    }
}
