package sluicegate.core.impl.iopf;

import java.util.List;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.PageRequestGroup;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;

/** A group that was closed and waits for its response, or had it. */
final class RequestGroup implements PageRequestGroup {
    private final DevicePageRequests source;
    private final RequestTarget target;
    private final List<PageRequest> requests;
    private volatile boolean answered;

    RequestGroup(DevicePageRequests source, RequestTarget target, List<PageRequest> requests) {
        this.source = source;
        this.target = target;
        this.requests = requests;
    }

    RequestTarget target() {
        return target;
    }

    private PageRequest last() {
        return requests.get(requests.size() - 1);
    }

    @Override
    public Device device() {
        return source.link().device();
    }

    @Override
    public Domain domain() {
        return target.domain();
    }

    @Override
    public int pasid() {
        return last().pasid();
    }

    @Override
    public List<PageRequest> requests() {
        return requests;
    }

    @Override
    public boolean answered() {
        return answered;
    }

    /** While the driver leaves, whoever makes it leave answers. */
    @Override
    public boolean respond(PageResponse response) {
        if (!source.link().enter()) {
            return false;
        }
        try {
            return settle(response);
        } finally {
            source.link().exit();
        }
    }

    /** The same for whoever knows that the driver is there. When this returns the device has its response, whoever gave it. */
    synchronized boolean settle(PageResponse response) {
        if (answered) {
            return false;
        }
        source.answers(this, response);
        try {
            source.link().respond(last(), response);
        } finally {
            source.answered(this);
        }
        return true;
    }

    void markAnswered() {
        answered = true;
    }
}
