package sluicegate.core.impl;

import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;

/** Gives a group its default domain, and another one ({@code iommu_setup_default_domain}). Under the group's mutex. */
final class DefaultDomains {
    private static final Logger LOG = LoggerFactory.getLogger(DefaultDomains.class);

    private final DomainTable domains;
    private final DefaultDomainPolicy policy;

    DefaultDomains(DomainTable domains, DefaultDomainPolicy policy) {
        this.domains = domains;
        this.policy = policy;
    }

    /**
     * The first default domain of a group: decides the type over all members, makes the domain with their direct mappings in
     * it, and only then attaches them.
     *
     * @throws IommuException if that does not work; nothing is attached to a new domain then
     */
    void setUp(CoreGroup group, Binding binding, CoreDeviceContext anchor) {
        put(group, make(group, binding, anchor, policy.select(group.id(), members(group), Optional.empty())));
    }

    /**
     * Another type, as an administrator wants it ({@code iommu_group_store_type}). What was mapped in the old default domain is
     * gone with it, but for direct mappings.
     *
     * @param requested empty to have it decided as for a new group
     * @throws IommuException EINVAL, EPERM, EBUSY, ENODEV; the group is in its old default domain then
     */
    void change(CoreGroup group, Optional<DomainType> requested) {
        requested.filter(type -> type != DomainType.DMA && type != DomainType.DMA_FQ && type != DomainType.IDENTITY).ifPresent(type -> {
            throw IommuException.of(Errno.EINVAL, "A default domain can be DMA, DMA-FQ or identity, not %s", type.word());
        });
        var old = group.ownDomain().orElseThrow(() ->
                IommuException.of(Errno.EINVAL, "Group %d has no default domain yet", group.id()));
        if (old.type() == DomainType.DMA && requested.equals(Optional.of(DomainType.DMA_FQ))) {
            unmapLazily(group, old);
            return;
        }
        requireUnused(group, old);
        var binding = group.unit().binding().orElseThrow(group.unit()::noDriver);
        var type = policy.select(group.id(), members(group), requested);
        var fresh = make(group, binding, anchor(group), type);
        if (fresh == old) {
            return;
        }
        if (blocked(group)) {
            keep(group, fresh);
        } else {
            put(group, fresh);
        }
        old.dismiss(group, Pasid.NONE);
        retire(old);
    }

    /** For when it is used again: nothing is attached to it now. */
    private static void keep(CoreGroup group, CoreDomain domain) {
        try {
            group.members().forEach(device -> mapDirectRegions(device, domain));
        } catch (RuntimeException | LinkageError e) {
            retire(domain);
            throw e;
        }
        group.makeDefault(domain);
    }

    /** In place, also under drivers that use the domain: nothing that is mapped changes. */
    private void unmapLazily(CoreGroup group, CoreDomain domain) {
        for (var member : members(group)) {
            if (member.untrusted()) {
                throw IommuException.of(Errno.EINVAL, "%s of group %d is not trusted, so what is unmapped must be invalidated at "
                        + "once; DMA it stays", member.name(), group.id());
            }
        }
        var binding = group.unit().binding().orElseThrow(group.unit()::noDriver);
        if (defersFlushes(binding, anchor(group))) {
            domain.unmapLazily();
        } else {
            LOG.warn("Unit {} can't put off invalidation; the default domain of group {} stays DMA", group.unit().name(), group.id());
        }
    }

    private static void requireUnused(CoreGroup group, CoreDomain old) {
        if (group.members().isEmpty()) {
            throw IommuException.of(Errno.EPERM, "Group %d has no member any more", group.id());
        }
        if (group.ownership().users() != 0) {
            throw IommuException.of(Errno.EPERM, "The default domain of group %d is not to change while %s", group.id(),
                    group.ownership().owner().map(owner -> owner + " owns the group")
                            .orElse("drivers of its devices use it; unbind them first"));
        }
        if (group.domain() != old && !blocked(group)) {
            throw IommuException.of(Errno.EBUSY, "Group %d is attached to domain %s; detach that before its default domain changes",
                    group.id(), group.domain().name());
        }
    }

    /** It aborts, as nobody uses its default domain; so it can have another one without leaving the blocked one. */
    private static boolean blocked(CoreGroup group) {
        return group.domain() == group.unit().blocked();
    }

    // ---- making

    private static List<DefaultDomainPolicy.Member> members(CoreGroup group) {
        return group.members().stream().flatMap(device -> device.bound().stream().map(bound ->
                new DefaultDomainPolicy.Member(device.name(), device.busDevice().untrusted(), bound.demand()))).toList();
    }

    private static CoreDeviceContext anchor(CoreGroup group) {
        return group.members().stream().flatMap(device -> device.bound().stream()).findFirst().map(CoreDevice.Bound::context)
                .orElseThrow(() -> IommuException.of(Errno.ENODEV, "No driver serves a device of group %d", group.id()));
    }

    /** Who gets the global type may get DMA instead; what was decided must be. */
    private CoreDomain make(CoreGroup group, Binding binding, CoreDeviceContext anchor, Optional<DomainType> decided) {
        var type = decided.orElseGet(policy::global);
        try {
            return make(group, binding, anchor, type);
        } catch (IommuException e) {
            if (decided.isPresent() || type == DomainType.DMA) {
                throw e;
            }
            LOG.warn("Group {} gets a DMA domain instead of an {} one: {}", group.id(), type.word(), e.getMessage());
            return make(group, binding, anchor, DomainType.DMA);
        }
    }

    private CoreDomain make(CoreGroup group, Binding binding, CoreDeviceContext anchor, DomainType type) {
        var unit = group.unit();
        if (type == DomainType.IDENTITY) {
            if (unit.identity().part().isEmpty()) {
                throw IommuException.of(Errno.EOPNOTSUPP, "Unit %s cannot pass requests through", unit.name());
            }
            return unit.identity();
        }
        // A driver that cannot put off invalidation gets no flush queue, silently as in iommu_dma_init_domain.
        var effective = type == DomainType.DMA_FQ && !defersFlushes(binding, anchor) ? DomainType.DMA : type;
        var present = group.ownDomain();
        if (present.isPresent() && present.get().type() == effective) {
            return present.get();
        }
        var domain = domains.makeDefault(unit, effective);
        try {
            DomainParts.ensure(domain, binding, anchor);
        } catch (RuntimeException | LinkageError e) {
            domain.retire();
            throw e;
        }
        return domain;
    }

    private static boolean defersFlushes(Binding binding, CoreDeviceContext anchor) {
        return binding.ask("Asking what can be done for " + anchor.name(), ops -> ops.capable(anchor, Capability.DEFERRED_FLUSH));
    }

    /** Attaches a group to a default domain that is to be, or leaves it where it was. */
    private static void put(CoreGroup group, CoreDomain domain) {
        var before = group.domain();
        try {
            boolean mapped = mapDirectRegions(group, domain);
            group.switchTo(domain);
            if (!mapped) {
                // Some drivers map only once a device is attached. Firmware's memory was out of reach for that moment.
                group.members().forEach(device -> mapDirectRegions(device, domain));
            }
        } catch (RuntimeException | LinkageError e) {
            if (group.domain() == domain) {
                group.returnTo(before);
            }
            retire(domain);
            throw e;
        }
        group.makeDefault(domain);
    }

    private static void retire(CoreDomain domain) {
        if (domain.use() == CoreDomain.Use.DEFAULT) {
            domain.retire();
        }
    }

    /** Returns whether all could be mapped. */
    private static boolean mapDirectRegions(CoreGroup group, CoreDomain domain) {
        try {
            group.members().forEach(device -> mapDirectRegions(device, domain));
            return true;
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("The one-to-one mappings that firmware wants for group {} are not there before it is attached: {}",
                    group.id(), e.getMessage());
            return false;
        }
    }

    /** Maps what firmware wants to stay mapped for a device; nothing in domains that hold no mappings. */
    static void mapDirectRegions(CoreDevice device, CoreDomain domain) {
        if (domain.type().paging()) {
            device.reservedRegions().stream().filter(ReservedRegions::mappedDirectly).forEach(domain::mapDirectly);
        }
    }
}
