package sluicegate.core.impl;

import java.util.Optional;
import sluicegate.api.Device;
import sluicegate.api.PasidAttachment;
import sluicegate.api.driver.PageResponse;
import sluicegate.core.impl.iopf.RequestTarget;

/** A PASID of a group that a domain has taken: being attached, attached, or being detached. */
final class AttachedPasid implements PasidAttachment {
    private final GroupPasids pasids;
    private final CoreDevice device;
    private final int pasid;
    private final CoreDomain domain;
    private volatile Optional<RequestTarget> target;

    AttachedPasid(GroupPasids pasids, CoreDevice device, int pasid, CoreDomain domain) {
        this.pasids = pasids;
        this.device = device;
        this.pasid = pasid;
        this.domain = domain;
        this.target = domain.newRequestTarget();
    }

    /** Who serves page requests, if the domain has a handler. */
    Optional<RequestTarget> target() {
        return target;
    }

    /** No request reaches the handler any more; who asks is told {@code answer}. Returns what served until now. */
    Optional<RequestTarget> close(PageResponse answer) {
        target.ifPresent(open -> open.close(answer));
        return target;
    }

    /** The way back from {@link #close}. */
    void reopen() {
        target = domain.newRequestTarget();
    }

    CoreDevice coreDevice() {
        return device;
    }

    /** Whether the PASID is still its, found or not. */
    boolean held() {
        return pasids.holds(this);
    }

    /** See {@link GroupPasids#detachNow}. */
    void detachNow() {
        pasids.detachNow(this);
    }

    /** See {@link GroupPasids#silence}. */
    void silence() {
        pasids.silence(this);
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public int pasid() {
        return pasid;
    }

    @Override
    public CoreDomain domain() {
        return domain;
    }

    @Override
    public boolean current() {
        return pasids.find(pasid).filter(found -> found == this).isPresent();
    }

    @Override
    public void detach() {
        pasids.detach(this);
    }

    @Override
    public String toString() {
        return "PASID " + pasid + " of " + device.name() + " in " + domain.name();
    }
}
