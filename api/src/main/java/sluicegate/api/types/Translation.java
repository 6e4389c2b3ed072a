package sluicegate.api.types;

/**
 * What the hardware answers when a device asks for an address: a page, or a fault.
 */
public sealed interface Translation {

    /**
     * The address is mapped.
     *
     * @param iova the address asked for
     * @param address the physical address it leads to
     * @param prot the {@link Prot} bits that the tables grant
     * @param size size in bytes of the page that holds it; 0 where no page limits it (pass-through)
     */
    record Mapped(long iova, long address, int prot, long size) implements Translation {}

    /**
     * The access would fault.
     *
     * @param iova the address asked for
     * @param code the architecture's number for the fault
     * @param name a short name of the fault in capital letters, such as {@code READ_NOT_PERMITTED}
     * @param reason the sentence of the architecture manual in our words, with the code and the section
     */
    record Fault(long iova, int code, String name, String reason) implements Translation {}
}
