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
import sluicegate.api.types.Pasid;

/**
 * What one device asks for, from when a driver takes it until it lets it go ({@code struct iommu_fault_param}): requests of groups
 * that are not closed yet, and groups that wait for their response. Both are bounded, so that a device that floods harms itself:
 * of unfinished groups the oldest is dropped, and a closed one for which there is no room is answered with a failure.
 *
 * <p>A device is told how many requests it may have outstanding (PCI Express 10.5.2.4), and the queue that it shares with others is as
 * large as all of them together. One that has more is broken, and would have hardware answer others in software's place: it is
 * stopped. Too many are seen in two ways: they were reported and are not answered, or they were in the hardware's queue all at once.
 *
 * <p>Thread-safe.
 */
public final class DevicePageRequests {
    /** How many groups of a device may wait: a page request group index has 9 bits (PCI Express 10.4.1). */
    public static final int MAX_GROUPS = 512;
    /** How many requests of unfinished groups are kept. */
    public static final int MAX_PARTIAL = 512;
    private static final int NOT_YET = Integer.MIN_VALUE;
    private static final Logger LOG = LoggerFactory.getLogger(DevicePageRequests.class);

    private final RequestLink link;
    private final Map<Key, List<PageRequest>> partial = new LinkedHashMap<>();
    private final Set<RequestGroup> outstanding = new LinkedHashSet<>();
    private final long[] responses = new long[PageResponse.values().length];
    private int partials;
    /** Requests of groups that are closed and not answered. */
    private int open;
    /** What was in the hardware's queue when that was read last, as far as it was reported: requests, and anything. */
    private int queuedRequests;
    private int queued;
    private int reading;
    private boolean stopped;
    /** What came since it was stopped; negative until hardware knows of that. */
    private int sinceStopped = NOT_YET;
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
     * @param readingNumber changes whenever the driver has read how far the hardware's queue reaches
     * @param target who serves the PASID; empty if nobody does
     */
    public void report(PageRequest request, int readingNumber, Optional<RequestTarget> target) {
        RequestGroup group = null;
        Optional<PageResponse> now = Optional.empty();
        Optional<String> excess;
        boolean defies;
        synchronized (this) {
            received++;
            queuedRequests = count(readingNumber) ? 1 : queuedRequests + 1;
            excess = excess();
            defies = defies();
            if (request.last()) {
                var requests = close(request);
                now = verdict(target);
                if (now.isEmpty()) {
                    group = new RequestGroup(this, target.orElseThrow(), requests);
                    outstanding.add(group);
                    open += requests.size();
                } else {
                    responses[now.get().ordinal()]++;
                }
            } else {
                keep(request);
            }
        }
        tell(request, excess, defies);
        if (group != null) {
            group.target().offer(group);
        }
        now.ifPresent(answer -> attempt(() -> link.respond(request, answer)));
    }

    /** The driver had something of the device in hand that it kept to itself, or answered. */
    public void kept(int sourceId, int readingNumber) {
        Optional<String> excess;
        boolean defies;
        synchronized (this) {
            if (count(readingNumber)) {
                queuedRequests = 0;
            }
            excess = excess();
            defies = defies();
        }
        tell(new PageRequest(sourceId, Pasid.NONE, 0, 0, 0, true), excess, defies);
    }

    private void tell(PageRequest request, Optional<String> excess, boolean defies) {
        excess.ifPresent(why -> link.exceeded(request, why));
        if (defies) {
            link.defies(request);
        }
    }

    /** Counts what was in hardware's queue; returns whether this is the first of what was there together. */
    private boolean count(int readingNumber) {
        boolean first = reading != readingNumber;
        reading = readingNumber;
        queued = first ? 1 : queued + 1;
        return first;
    }

    /** Whether it asks although it can't but know that it must not; said once. */
    private boolean defies() {
        return stopped && sinceStopped != NOT_YET && ++sinceStopped == link.limit();
    }

    /** Why it is to be stopped, said once. To be asked before a request joins those that wait. */
    private Optional<String> excess() {
        int limit = link.limit();
        if (stopped || limit == Integer.MAX_VALUE) {
            return Optional.empty();
        }
        if (queuedRequests > limit || partials + open >= limit) {
            stopped = true;
            return Optional.of(Math.max(queuedRequests, partials + open + 1) + " page requests at once where it may have " + limit);
        }
        // Stop markers are none, but take room as well: as many again is more than anybody needs.
        if (queued > 2 * limit) {
            stopped = true;
            return Optional.of(queued + " page requests and stop markers at once where it may have " + limit + " requests");
        }
        return Optional.empty();
    }

    /** Whether it was found to ask for too much and may not ask. */
    public synchronized boolean stopped() {
        return stopped;
    }

    /** Hardware has taken from it the right to ask, and all that it had asked for before is reported. */
    public synchronized void heeds() {
        sinceStopped = 0;
    }

    /** It was reset, and may ask again. */
    public synchronized void resume() {
        stopped = false;
        sinceStopped = NOT_YET;
        queued = 0;
        queuedRequests = 0;
    }

    private void keep(PageRequest request) {
        if (ending.isPresent() || stopped) {
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

    /** Empty if it is to be served. */
    private Optional<PageResponse> verdict(Optional<RequestTarget> target) {
        if (ending.isPresent()) {
            return ending;
        }
        if (stopped) {
            return Optional.of(PageResponse.FAILURE);
        }
        if (target.isEmpty()) {
            return Optional.of(PageResponse.INVALID);
        }
        var closed = target.get().closed();
        return closed.isEmpty() && outstanding.size() == MAX_GROUPS ? Optional.of(PageResponse.FAILURE) : closed;
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

    /** Counts an answer that is about to be sent: a device that has it must find it in the counts, and may ask for as many again. */
    synchronized void answers(RequestGroup group, PageResponse response) {
        group.markAnswered();
        open -= group.requests().size();
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

    /** Drops what is unfinished under a PASID that ends: its device must not be held to what it can't finish any more. */
    public synchronized void forgetPartial(int pasid) {
        for (var unfinished = partial.entrySet().iterator(); unfinished.hasNext();) {
            var next = unfinished.next();
            if (next.getKey().pasid() == pasid) {
                forget(next.getValue().size());
                unfinished.remove();
            }
        }
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
                responses[PageResponse.INVALID.ordinal()], responses[PageResponse.FAILURE.ordinal()], unanswered, stopped);
    }
}
