package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Which type the default domain of a group has ({@code iommu_get_default_domain_type}). */
final class DefaultDomainPolicy {
    private static final Logger LOG = LoggerFactory.getLogger(DefaultDomainPolicy.class);

    private volatile DomainType global = DomainType.DMA;

    /**
     * What one member brings.
     *
     * @param demand the type that its driver demands
     */
    record Member(String name, boolean untrusted, Optional<DomainType> demand) {}

    /** What groups get for which nobody demands anything, from now on. */
    void setGlobal(DomainType type) {
        global = type;
    }

    DomainType global() {
        return global;
    }

    /**
     * @param requested what an administrator wants, if that is why it is asked
     * @return empty if nobody wants anything: then the {@link #global} type will do
     * @throws IommuException EINVAL if a member is untrusted and its driver demands something else than DMA, or if what is
     *     requested is not what must be
     */
    Optional<DomainType> select(int group, List<Member> members, Optional<DomainType> requested) {
        Optional<DomainType> demanded = Optional.empty();
        for (var member : members) {
            demanded = combine(group, member, demanded);
        }
        var untrusted = members.stream().filter(Member::untrusted).findFirst();
        if (untrusted.isPresent()) {
            if (demanded.isPresent() && demanded.get() != DomainType.DMA) {
                throw IommuException.of(Errno.EINVAL,
                        "%s is not trusted and needs a DMA domain, but its driver demands %s for group %d",
                        untrusted.get().name(), demanded.get().word(), group);
            }
            demanded = Optional.of(DomainType.DMA);
        }
        if (requested.isPresent() && demanded.isPresent() && !demanded.equals(requested)) {
            throw IommuException.of(Errno.EINVAL, "The default domain of group %d can't be %s: it must be %s, because %s", group,
                    requested.get().word(), demanded.get().word(), untrusted.map(member -> member.name() + " is not trusted")
                            .orElse("the driver of its unit demands that"));
        }
        return requested.isPresent() ? requested : demanded;
    }

    private static Optional<DomainType> combine(int group, Member member, Optional<DomainType> before) {
        if (member.demand().isEmpty() || before.isEmpty() || before.equals(member.demand())) {
            return member.demand().or(() -> before);
        }
        LOG.error("{}: its driver demands {} for group {}, another member {}; identity wins if it came later", member.name(),
                member.demand().get().word(), group, before.get().word());
        return member.demand().get() == DomainType.IDENTITY ? member.demand() : before;
    }
}
