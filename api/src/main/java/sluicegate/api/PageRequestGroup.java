package sluicegate.api;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;

/**
 * What a device asked for in one go and waits for ({@code struct iopf_group}): all requests of one page request group index, or a
 * single stalled transaction. Gets exactly one response, whoever gives it. Thread-safe.
 */
@ProviderType
public interface PageRequestGroup {

    /** Who asks. */
    Device device();

    /** To what it is attached under {@link #pasid}. */
    Domain domain();

    /** {@link sluicegate.api.types.Pasid#NONE}, or the PASID under which it asks. */
    int pasid();

    /** The pages, in the order in which they were asked for; the last is the one that closed the group. Never empty. */
    List<PageRequest> requests();

    /** Whether it has its response. */
    boolean answered();

    /**
     * Gives the response, unless somebody did before: the core answers {@link PageResponse#INVALID} when PASID or device are taken
     * away or the unit's driver leaves.
     *
     * @return whether this is what the device is told
     * @throws sluicegate.api.types.IommuException what the unit's driver fails with; the group counts as answered then
     */
    boolean respond(PageResponse response);
}
