package sluicegate.core.impl;

import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.Capability;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

import java.util.EnumSet;
import java.util.Set;

/** Gets a domain its part from the driver that is bound to its unit. */
final class DomainParts {
    private DomainParts() {}

    /**
     * Makes sure that {@code domain} has a part, with all that its ledger holds.
     *
     * @param anchor a device for which the part is to suit
     * @throws IommuException as allocating and mapping do
     */
    static void ensure(CoreDomain domain, Binding binding, CoreDeviceContext anchor) {
        domain.nesting().ifPresent(nesting -> ensure(nesting.parent(), binding, anchor));
        domain.rebuild(() -> switch (domain.type()) {
            case IDENTITY -> binding.ops().identityDomain().orElseThrow(() -> IommuException.of(Errno.EOPNOTSUPP,
                    "Unit %s cannot pass requests through", domain.unit().name()));
            case BLOCKED -> binding.blocked();
            case SVA -> allocateShared(domain, domain.shared().orElseThrow(), binding, anchor);
            case NESTED -> allocateNested(domain, domain.nesting().orElseThrow(), binding, anchor);
            default -> allocate(domain, binding, anchor);
        });
    }

    private static DriverDomain allocateShared(CoreDomain domain, SharedTables tables, Binding binding, CoreDeviceContext anchor) {
        var part = binding.ask("Allocating domain " + domain.name() + " for " + anchor.name(),
                ops -> ops.domainAllocSva(anchor, tables));
        if (part == null || part.type() != DomainType.SVA) {
            if (part != null) {
                part.free();
            }
            throw IommuException.of(Errno.EIO, "The driver of unit %s gave a %s domain for an address space of %s",
                    domain.unit().name(), part == null ? "null" : part.type().word(), anchor.name());
        }
        return part;
    }

    private static DriverDomain allocateNested(CoreDomain domain, DomainPlan.Nesting nesting, Binding binding,
            CoreDeviceContext anchor) {
        var part = binding.ask("Allocating domain " + domain.name() + " for " + anchor.name(),
                ops -> ops.domainAllocNested(anchor, nesting.parent().requirePart(), nesting.guestTables()));
        if (part == null || part.type() != DomainType.NESTED) {
            if (part != null) {
                part.free();
            }
            throw IommuException.of(Errno.EIO, "The driver of unit %s gave a %s domain for %s instead of a nested one",
                    domain.unit().name(), part == null ? "null" : part.type().word(), anchor.name());
        }
        return part;
    }

    /** Default domains are to allow PASIDs where the unit can; applications get what they asked for. */
    private static DriverDomain allocate(CoreDomain domain, Binding binding, CoreDeviceContext anchor) {
        if (domain.use() == CoreDomain.Use.DEFAULT && binding.maxPasids() > 0 && anchor.device().pasidBits() > 0) {
            try {
                return allocate(domain, binding, anchor, EnumSet.of(AllocFlag.PASID));
            } catch (IommuException e) {
                if (e.errno() != Errno.EOPNOTSUPP) {
                    throw e;
                }
            }
        }
        return allocate(domain, binding, anchor, domain.flags());
    }

    private static DriverDomain allocate(CoreDomain domain, Binding binding, CoreDeviceContext anchor, Set<AllocFlag> flags) {
        DriverDomain part;
        try {
            part = binding.ops().domainAllocPaging(anchor, flags);
        } catch (RuntimeException | LinkageError e) {
            throw DriverErrors.of(e, "Allocating domain " + domain.name() + " for " + anchor.name());
        }
        if (part == null) {
            throw IommuException.of(Errno.ENOMEM, "The driver of unit %s gave no domain for %s", domain.unit().name(), anchor.name());
        }
        try {
            requireTracking(domain, binding, anchor, flags);
        } catch (RuntimeException e) {
            part.free();
            throw e;
        }
        return part;
    }

    /** A driver that can't track says so itself, and knows why; this is for one that takes no notice. */
    private static void requireTracking(CoreDomain domain, Binding binding, CoreDeviceContext anchor, Set<AllocFlag> flags) {
        if (flags.contains(AllocFlag.DIRTY_TRACKING)
                && !binding.ask("Asking for " + anchor.name(), ops -> ops.capable(anchor, Capability.DIRTY_TRACKING))) {
            throw IommuException.of(Errno.EOPNOTSUPP, "Unit %s, or its driver %s, tracks no dirty pages for %s", domain.unit().name(),
                    binding.driver().name(), anchor.name());
        }
    }
}
