package sluicegate.core.impl;

import sluicegate.api.Device;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.core.impl.iopf.RequestLink;

/** Answers page requests of a device by the driver that took it, as long as that is bound. */
final class CoreRequestLink implements RequestLink {
    private final CoreDevice device;
    private final CoreUnit unit;
    private final Binding binding;
    private final CoreDeviceContext context;

    CoreRequestLink(CoreDevice device, CoreUnit unit, Binding binding, CoreDeviceContext context) {
        this.device = device;
        this.unit = unit;
        this.binding = binding;
        this.context = context;
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
}
