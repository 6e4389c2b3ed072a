package sluicegate.core.impl.iopf;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Domain;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.driver.PageResponse;

/**
 * An attachment whose devices may ask for pages: a PASID of a group, or its requests without one. Hands groups to the domain's
 * handler, one after another in the order in which they were closed. Open from when it is made until it is closed, once and for all.
 */
public final class RequestTarget {
    private static final Logger LOG = LoggerFactory.getLogger(RequestTarget.class);

    private final Domain domain;
    private final PageRequestHandler handler;
    private final Executor threads;
    private final Queue<RequestGroup> waiting = new ArrayDeque<>();
    private boolean running;
    private volatile Optional<PageResponse> closed = Optional.empty();

    public RequestTarget(Domain domain, PageRequestHandler handler, Executor threads) {
        this.domain = domain;
        this.handler = handler;
        this.threads = threads;
    }

    Domain domain() {
        return domain;
    }

    /**
     * From now on no group reaches the handler. What waits for an answer is left to {@link DevicePageRequests#settle}.
     *
     * @param answer what everybody is told who asks from now on
     */
    public void close(PageResponse answer) {
        closed = Optional.of(answer);
    }

    /** What everybody is told if it is closed. */
    Optional<PageResponse> closed() {
        return closed;
    }

    void offer(RequestGroup group) {
        synchronized (waiting) {
            waiting.add(group);
            if (running) {
                return;
            }
            running = true;
        }
        try {
            threads.execute(this::work);
        } catch (RejectedExecutionException coreHasEnded) {
            RequestGroup left;
            while ((left = next()) != null) {
                answer(left, PageResponse.INVALID);
            }
        }
    }

    private RequestGroup next() {
        synchronized (waiting) {
            var next = waiting.poll();
            running = next != null;
            return next;
        }
    }

    private void work() {
        RequestGroup group;
        while ((group = next()) != null) {
            if (closed.isEmpty() && !group.answered()) {
                serve(group);
            }
        }
    }

    /** Its thread goes on whatever a handler does. */
    private void serve(RequestGroup group) {
        try {
            handler.handle(group);
        } catch (Throwable e) {
            LOG.error("A page request of {} to domain {} failed", group.device().name(), domain.name(), e);
            answer(group, PageResponse.FAILURE);
        }
    }

    private static void answer(RequestGroup group, PageResponse response) {
        try {
            group.respond(response);
        } catch (RuntimeException | LinkageError e) {
            LOG.error("A page request of {} could not be answered", group.device().name(), e);
        }
    }
}
