package sluicegate.core.impl.iopf;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.PageRequestCounts;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;

/**
 * What one device asks for, from when a driver takes it until it lets it go ({@code struct iommu_fault_param}): requests of groups
 * that are not closed yet, and groups that wait for their response. Both are bounded, so that a device that floods harms itself:
 * of unfinished groups the oldest is dropped, and a closed one for which there is no room is answered with a failure.
 *
 * <p>Thread-safe.
 */
public final class DevicePageRequests {
    /** How many groups of a device may wait: a page request group index has 9 bits (PCI Express 10.4.1). */
    public static final int MAX_GROUPS = 512;
    /** How many requests of unfinished groups are kept. */
    public static final int MAX_PARTIAL = 512;
    private static final Logger LOG = LoggerFactory.getLogger(DevicePageRequests.class);

    private final RequestLink link;
    private final Map<Key, List<PageRequest>> partial = new LinkedHashMap<>();
    private final Set<RequestGroup> outstanding = new LinkedHashSet<>();
    private final long[] responses = new long[PageResponse.values().length];
    private int partials;
    private long received;
    private long discarded;
    private Optional<PageResponse> ending = Optional.empty();

    private record Key(int sourceId, int pasid, int group) {
        static Key of(PageRequest request) {
            return new Key(request.sourceId(), request.pasid(), request.group());
        }
    }

    public DevicePageRequests(RequestLink link) {
        this.link = link;
    }

    RequestLink link() {
        return link;
    }

    /**
     * Takes a request that the driver reports, and answers at once what nobody is to serve.
     *
     * @param target who serves the PASID; empty if nobody does
     */
    public void report(PageRequest request, Optional<RequestTarget> target) {
        RequestGroup group;
        PageResponse now;
        synchronized (this) {
            received++;
            if (!request.last()) {
                keep(request);
                return;
            }
            var requests = close(request);
            now = verdict(target);
            if (now == null) {
                group = new RequestGroup(this, target.orElseThrow(), requests);
                outstanding.add(group);
            } else {
                group = null;
                responses[now.ordinal()]++;
            }
        }
        if (group != null) {
            group.target().offer(group);
        } else {
            attempt(() -> link.respond(request, now));
        }
    }

    private void keep(PageRequest request) {
        if (ending.isPresent()) {
            discarded++;
            return;
        }
        if (partials == MAX_PARTIAL) {
            Iterator<List<PageRequest>> oldest = partial.values().iterator();
            forget(oldest.next().size());
            oldest.remove();
        }
        partial.computeIfAbsent(Key.of(request), key -> new ArrayList<>()).add(request);
        partials++;
    }

    private List<PageRequest> close(PageRequest last) {
        var before = partial.remove(Key.of(last));
        if (before == null) {
            return List.of(last);
        }
        partials -= before.size();
        before.add(last);
        return List.copyOf(before);
    }

    /** Null if it is to be served. */
    private PageResponse verdict(Optional<RequestTarget> target) {
        if (ending.isPresent()) {
            return ending.get();
        }
        if (target.isEmpty()) {
            return PageResponse.INVALID;
        }
        var closed = target.get().closed();
        if (closed.isPresent()) {
            return closed.get();
        }
        return outstanding.size() == MAX_GROUPS ? PageResponse.FAILURE : null;
    }

    private void forget(int requests) {
        partials -= requests;
        discarded += requests;
    }

    /** Requests were lost in hardware: of groups that are not closed nobody knows how they went on ({@code iopf_queue_discard_partial}). */
    public synchronized void discardPartial() {
        partial.clear();
        forget(partials);
    }

    /** Counts an answer that is about to be sent: a device that has it must find it in the counts. */
    synchronized void answers(RequestGroup group, PageResponse response) {
        group.markAnswered();
        responses[response.ordinal()]++;
    }

    /** Forgets a group whose answer was sent; until then {@link #settle} waits for it. */
    synchronized void answered(RequestGroup group) {
        outstanding.remove(group);
    }

    /**
     * Answers all groups that wait for a target; the driver is there. Which of them a handler is just serving makes no difference: its
     * own answer comes too late. To be called after the target was closed.
     */
    public void settle(RequestTarget target, PageResponse response) {
        settle(group -> group.target() == target, response);
    }

    /** Answers all groups and drops what is unfinished, as before a reset. */
    public void settleAll(PageResponse response) {
        discardPartial();
        settle(group -> true, response);
    }

    /** Nothing is served from now on, and all that come are answered so; to be followed by {@link #settleAll}. */
    public synchronized void end(PageResponse response) {
        ending = Optional.of(response);
    }

    private void settle(Predicate<RequestGroup> which, PageResponse response) {
        List<RequestGroup> waiting;
        synchronized (this) {
            waiting = outstanding.stream().filter(which).toList();
        }
        waiting.forEach(group -> attempt(() -> group.settle(response)));
    }

    private void attempt(Runnable answer) {
        try {
            answer.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.error("A page request of {} could not be answered", link.device().name(), e);
        }
    }

    public synchronized PageRequestCounts counts() {
        int unanswered = (int) outstanding.stream().filter(group -> !group.answered()).count();
        return new PageRequestCounts(received, discarded, responses[PageResponse.SUCCESS.ordinal()],
                responses[PageResponse.INVALID.ordinal()], responses[PageResponse.FAILURE.ordinal()], unanswered);
    }
}
