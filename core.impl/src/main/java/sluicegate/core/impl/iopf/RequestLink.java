package sluicegate.core.impl.iopf;

import sluicegate.api.Device;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.IommuException;

/** The way back from the core to a device, by the driver of its unit. */
public interface RequestLink {

    Device device();

    /** Whether the driver is there, and stays until {@link #exit} is called. */
    boolean enter();

    void exit();

    /** How many requests the device may have outstanding. */
    int limit();

    /**
     * The device has more outstanding than it may. Called once until it may ask again; returns at once, without having stopped it.
     *
     * @param why a sentence
     */
    void exceeded(PageRequest request, String why);

    /** The device was stopped, and goes on asking. Called once until it may ask again; returns at once. */
    void defies(PageRequest request);

    /**
     * Has the driver answer a group; only while it is there.
     *
     * @param last the request that closed it
     * @throws IommuException what the driver fails with
     */
    void respond(PageRequest last, PageResponse response);
}
