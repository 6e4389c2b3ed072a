package sluicegate.firmware;

import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * What a VT-d unit of a machine description does with interrupts.
 *
 * @param remapping interrupts of devices go through a table (IR)
 * @param extendedMode destinations of 32 bits, for x2APIC (EIM)
 * @param posting interrupts can be posted for virtual processors (PI)
 */
public record VtdInterrupts(boolean remapping, boolean extendedMode, boolean posting) {
    /** None of it. */
    public static final VtdInterrupts NONE = new VtdInterrupts(false, false, false);

    /** @throws IommuException EINVAL if there is something without remapping */
    public VtdInterrupts {
        if (!remapping && (extendedMode || posting)) {
            throw IommuException.of(Errno.EINVAL, "extended interrupt mode and posting are parts of interrupt remapping, which is "
                    + "not there");
        }
    }
}
