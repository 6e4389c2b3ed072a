package sluicegate.shell;

import java.util.Optional;
import sluicegate.api.Device;
import sluicegate.api.Group;

/**
 * A group by its number, or by one of its members.
 *
 * @param device the member, if it was named
 */
record GroupOrDevice(Group group, Optional<Device> device) {}
