package sluicegate.machine.memory;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.IommuException;

/** Physical memory as the machine that owns it sees it: whoever hands parts of it out has to know where it is and empty it. */
public interface MachineMemory extends PhysicalMemory {

    /** Where there is memory. */
    AddressMap map();

    /**
     * Makes a range zero, without taking room for what was never touched where the representation can tell.
     *
     * @throws IommuException EFAULT if part of it is not memory; EINVAL if it is not made of whole words
     */
    void clear(long address, long length);
}
