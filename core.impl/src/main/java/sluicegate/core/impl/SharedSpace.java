package sluicegate.core.impl;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.AddressSpace;
import sluicegate.api.Device;
import sluicegate.api.PageRequestGroup;
import sluicegate.api.SvaBinding;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * An address space that devices share ({@code struct iommu_mm_data}): its PASID, a domain for each unit, and who is bound. Changed
 * under the lock of {@link SharedSpaces}.
 */
final class SharedSpace implements AddressSpace.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(SharedSpace.class);

    private final SharedSpaces all;
    private final AddressSpace space;
    private final int pasid;
    /** Read without a lock by whoever changes the space's tables. */
    private final List<CoreDomain> domains = new CopyOnWriteArrayList<>();
    private final Map<CoreGroup, Binding> bindings = new LinkedHashMap<>();
    private volatile boolean ended;

    SharedSpace(SharedSpaces all, AddressSpace space, int pasid) {
        this.all = all;
        this.space = space;
        this.pasid = pasid;
    }

    AddressSpace space() {
        return space;
    }

    int pasid() {
        return pasid;
    }

    List<Binding> bindings() {
        return List.copyOf(bindings.values());
    }

    // ---- bind and unbind

    /** Members of a group share the binding, as they share the PASID. */
    Binding bind(CoreDevice device, Consumer<SvaBinding> whenEnded) {
        if (ended) {
            throw IommuException.of(Errno.ENOENT, "%s has ended", space.name());
        }
        var group = device.requireGroup();
        forgetGone();
        var present = bindings.get(group);
        if (present != null) {
            present.count++;
            return present;
        }
        var domain = domains.stream().filter(each -> each.unit() == group.unit()).findFirst().orElseGet(() -> {
            var made = all.domains().makeShared(group.unit(), space.tables(), this::serve);
            domains.add(made);
            return made;
        });
        try {
            var binding = new Binding(device, group.pasids().attach(domain, device, pasid), whenEnded);
            bindings.put(group, binding);
            return binding;
        } catch (RuntimeException | LinkageError e) {
            dropUnused(domain);
            throw e;
        }
    }

    /** Groups that are gone took their attachments with them: of their devices' bindings nothing is left to unbind. */
    void forgetGone() {
        for (var binding : List.copyOf(bindings.values())) {
            if (!binding.attachment.held()) {
                bindings.values().remove(binding);
                dropUnused(binding.attachment.domain());
            }
        }
        endIfUnused();
    }

    /** Who meets a change of drivers waits with no lock held. */
    private void unbind(Binding binding) {
        binding.attachment.domain().unit().doWithDriver(() -> all.locked(() -> unbindNow(binding)));
    }

    private void unbindNow(Binding binding) {
        if (binding.count == 0) {
            throw IommuException.of(Errno.EINVAL, "%s is not bound to %s any more", binding.device.name(), space.name());
        }
        if (binding.count == 1) {
            if (binding.attachment.held()) {
                binding.attachment.detachNow();
            }
            bindings.values().remove(binding);
            dropUnused(binding.attachment.domain());
        }
        binding.count--;
        endIfUnused();
    }

    private void dropUnused(CoreDomain domain) {
        if (bindings.values().stream().noneMatch(binding -> binding.attachment.domain() == domain)) {
            domains.remove(domain);
            domain.retire();
        }
    }

    private void endIfUnused() {
        if (ended && bindings.isEmpty()) {
            all.forget(this);
        }
    }

    /** One device's, or one group's. */
    private final class Binding implements SvaBinding {
        private final CoreDevice device;
        private final AttachedPasid attachment;
        private final Consumer<SvaBinding> whenEnded;
        private int count = 1;

        Binding(CoreDevice device, AttachedPasid attachment, Consumer<SvaBinding> whenEnded) {
            this.device = device;
            this.attachment = attachment;
            this.whenEnded = whenEnded;
        }

        @Override
        public Device device() {
            return device;
        }

        @Override
        public AddressSpace space() {
            return space;
        }

        @Override
        public int pasid() {
            return pasid;
        }

        @Override
        public boolean spaceEnded() {
            return ended;
        }

        @Override
        public void unbind() {
            SharedSpace.this.unbind(this);
        }
    }

    // ---- page requests

    /** The first page that nobody has ends the group: the rest is not looked at ({@code iommu_sva_handle_iopf}). */
    private void serve(PageRequestGroup group) {
        for (var request : group.requests()) {
            if (!space.fault(request.iova(), request.prot())) {
                group.respond(PageResponse.INVALID);
                return;
            }
        }
        group.respond(PageResponse.SUCCESS);
    }

    // ---- what the space tells

    @Override
    public void invalidate(long address, long size) {
        domains.forEach(domain -> domain.forgetShared(address, size));
    }

    /** Translation stops at once, for all; who is bound hears of it, and the PASID is theirs until they unbind. */
    @Override
    public void ended() {
        var told = new CopyOnWriteArrayList<Binding>();
        all.locked(() -> {
            ended = true;
            told.addAll(bindings.values());
            endIfUnused();
        });
        told.forEach(binding -> binding.attachment.silence());
        told.forEach(binding -> {
            try {
                binding.whenEnded.accept(binding);
            } catch (RuntimeException | LinkageError e) {
                LOG.error("{} could not be told that {} has ended", binding.device.name(), space.name(), e);
            }
        });
    }

    /** A unit that translates without a driver will never hear of what the space does. */
    private static void keepFromUsing(CoreDomain domain) {
        try {
            domain.unit().silence();
        } catch (IommuException e) {
            LOG.error("{} may still be translated", domain.name(), e);
        }
    }

    /** The core ends, and with it all that could be bound. */
    void abandon() {
        space.removeListener(this);
        domains.forEach(SharedSpace::keepFromUsing);
        bindings.values().forEach(binding -> {
            if (binding.attachment.held()) {
                binding.attachment.silence();
            }
        });
        ended = true;
    }
}
