package sluicegate.shell;

import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;

/** PASIDs as they are typed and listed. */
final class Pasids {
    /** What stands for no PASID where an option is not given. */
    static final String NONE = "-";

    private Pasids() {}

    static int parse(String text) {
        if (text.equals(NONE)) {
            return Pasid.NONE;
        }
        long value = Hex.parse(text);
        if (Long.compareUnsigned(value, Pasid.MAX) > 0) {
            throw IommuException.of(Errno.EINVAL, "PASID %s is out of range: PASIDs have 20 bits, so %d is the largest",
                    text, Pasid.MAX);
        }
        return (int) value;
    }

    /** The number, or {@code null} as an answer has it for none. */
    static Integer orNull(int pasid) {
        return pasid == Pasid.NONE ? null : pasid;
    }

    /** {@code ", PASID 5"}, or nothing for none. */
    static String suffix(int pasid) {
        return pasid == Pasid.NONE ? "" : ", PASID " + pasid;
    }
}
