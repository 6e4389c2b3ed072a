package sluicegate.core.impl;

import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Pasid;

/** Gives a group its default domain ({@code iommu_setup_default_domain}). Under the group's mutex. */
final class DefaultDomains {
    private static final Logger LOG = LoggerFactory.getLogger(DefaultDomains.class);

    private final DomainTable domains;
    private final DefaultDomainPolicy policy;

    DefaultDomains(DomainTable domains, DefaultDomainPolicy policy) {
        this.domains = domains;
        this.policy = policy;
    }

    /**
     * Decides the type over all members, makes the domain with their direct mappings in it, and only then attaches them.
     *
     * @throws sluicegate.api.types.IommuException if that does not work; nothing is attached to a new domain then
     */
    void setUp(CoreGroup group, Binding binding, CoreDeviceContext anchor) {
        var members = group.members().stream().flatMap(device -> device.bound().stream()
                .map(bound -> new DefaultDomainPolicy.Member(device.name(), device.busDevice().untrusted(), bound.demand())));
        var type = policy.select(group.id(), members.toList());
        var domain = make(group, binding, anchor, type);
        try {
            mapDirectRegions(group, domain);
            domain.admit(group, Pasid.NONE);
            Attachment.switchAll(group, domain);
        } catch (RuntimeException e) {
            domain.dismiss(group, Pasid.NONE);
            if (domain.use() == CoreDomain.Use.DEFAULT) {
                domain.retire();
            }
            throw e;
        }
        group.makeDefault(domain);
        group.nowIn(domain);
    }

    private CoreDomain make(CoreGroup group, Binding binding, CoreDeviceContext anchor, DomainType type) {
        var unit = group.unit();
        if (type == DomainType.BLOCKED) {
            return unit.blocked();
        }
        if (type == DomainType.IDENTITY) {
            if (unit.identity().part().isPresent()) {
                return unit.identity();
            }
            LOG.warn("Unit {} cannot pass requests through; group {} gets a DMA domain", unit.name(), group.id());
        }
        // There is no flush queue yet: a domain is DMA-FQ only where a driver that can defer invalidation demands it.
        var paging = type == DomainType.DMA_FQ ? DomainType.DMA_FQ : DomainType.DMA;
        var domain = domains.make(unit, paging, CoreDomain.Use.DEFAULT, Set.of());
        try {
            DomainParts.ensure(domain, binding, anchor);
        } catch (RuntimeException e) {
            domain.retire();
            throw e;
        }
        return domain;
    }

    private static void mapDirectRegions(CoreGroup group, CoreDomain domain) {
        group.members().forEach(device -> mapDirectRegions(device, domain));
    }

    /** Maps what firmware wants to stay mapped for a device; nothing in domains that hold no mappings. */
    static void mapDirectRegions(CoreDevice device, CoreDomain domain) {
        if (domain.type().paging()) {
            device.reservedRegions().stream().filter(ReservedRegions::mappedDirectly).forEach(domain::mapDirectly);
        }
    }
}
