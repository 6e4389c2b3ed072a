package sluicegate.core.impl;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.Device;
import sluicegate.api.Fault;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Access;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.fault.FaultDesk;
import sluicegate.core.impl.iopf.RequestLink;

/**
 * Answers page requests of a device by the driver that took it, as long as that is bound, and stops a device that asks for more than
 * it may: page requests go off at the device and in the unit's tables; who asks all the same may send nothing at all. That is done on
 * a thread of its own, as the driver that reports is emptying its queue, and waits for nobody.
 */
final class CoreRequestLink implements RequestLink {
    private static final Logger LOG = LoggerFactory.getLogger(CoreRequestLink.class);

    private final CoreDevice device;
    private final CoreUnit unit;
    private final Binding binding;
    private final CoreDeviceContext context;
    private final FaultDesk desk;
    private final Executor threads;
    private final int limit;

    /** @param threads run what stops the device */
    CoreRequestLink(CoreDevice device, CoreUnit unit, Binding binding, CoreDeviceContext context, FaultDesk desk, Executor threads) {
        this.device = device;
        this.unit = unit;
        this.binding = binding;
        this.context = context;
        this.desk = desk;
        this.threads = threads;
        this.limit = binding.ask("Asking how many page requests " + device.name() + " may have",
                ops -> Math.max(1, ops.pageRequestLimit(context)));
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public boolean enter() {
        return unit.gate().enter(binding);
    }

    @Override
    public void exit() {
        unit.gate().exit();
    }

    @Override
    public void respond(PageRequest last, PageResponse response) {
        binding.ask("Answering a page request of " + device.name(), ops -> {
            ops.pageResponse(context, last, response);
            return true;
        });
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public void exceeded(PageRequest request, String why) {
        report(request, "PAGE_REQUEST_FLOOD", "It has " + why + ". It may ask no more until it is reset");
        later(this::stop);
    }

    @Override
    public void defies(PageRequest request) {
        report(request, "PAGE_REQUESTS_IGNORE_STOP", "It goes on asking for pages although that is switched off. It may send nothing "
                + "until it is reset");
        later(bound -> {
            if (device.busDevice() instanceof PciFunction function) {
                device.requestFence().silence(function);
            }
        });
    }

    private void report(PageRequest request, String name, String reason) {
        desk.report(new Fault(unit.name(), Optional.of(device.name()), request.sourceId(), request.pasid(), request.iova(),
                (request.prot() & Prot.WRITE) != 0 ? Access.WRITE : Access.READ, 0, name, reason, Instant.now()));
    }

    /** Does that to the device if it still has to be stopped then. */
    private void later(Consumer<CoreDevice.Bound> change) {
        try {
            threads.execute(() -> device.coreGroup().ifPresent(group -> group.locked(() -> device.bound()
                    .filter(bound -> bound.context() == context && bound.requests().stopped()).ifPresent(change))));
        } catch (RejectedExecutionException coreHasEnded) {
            LOG.debug("{} asks for too many pages; the core ends", device.name());
        }
    }

    private void stop(CoreDevice.Bound bound) {
        if (!enter()) {
            return; // who makes the driver leave answers, and the device is silenced then
        }
        try {
            bound.allowRequests(false);
            bound.requests().heeds();
        } catch (RuntimeException e) {
            LOG.error("{} floods its unit with page requests and can't be stopped", device.name(), e);
        } finally {
            bound.requests().settleAll(PageResponse.FAILURE);
            exit();
        }
    }
}
