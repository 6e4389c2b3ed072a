package sluicegate.sim.pci;

/** What a device's DMA engine has to know of the device. Thread-safe. */
public interface Requester {

    /** For messages. */
    String name();

    /** Whether it knows Address Translation Services. */
    boolean hasAts();

    /** Whether ATS is there and switched on. */
    boolean atsEnabled();

    /** Whether it can ask for pages (PRI). */
    default boolean hasPri() {
        return false;
    }

    /** Whether it may ask for pages now. */
    default boolean priEnabled() {
        return false;
    }

    /** How many page requests it may have outstanding, as software allows it (PCI Express 10.5.2.4). */
    default int pageRequestLimit() {
        return Integer.MAX_VALUE;
    }

    /** Width in bits of the PASIDs that it can send, 0 if it sends none. */
    int pasidBits();

    /** Whether it may send PASIDs now. */
    boolean pasidEnabled();
}
