package sluicegate.api.grouping;

import java.util.Collection;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.platform.PciFunction;

/** Groups PCI functions by the rules that the core itself groups by. Thread-safe. */
@ProviderType
public interface PciGroups {

    /**
     * Groups functions as they are: ACS bits that are off count as off. Changes nothing.
     *
     * @param functions those behind a unit, in any order; bridges that are not among them still decide what is isolated
     * @return a partition of {@code functions}, in the order in which the groups come up; members are in the order of their
     *     addresses
     */
    List<PciGroup> group(Collection<? extends PciFunction> functions, GroupingRules rules);

    /** Whether nothing that passes a function can turn round to a peer below or beside it, and what decides that. */
    Isolation isolation(PciFunction function, GroupingRules rules);
}
