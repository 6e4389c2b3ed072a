package sluicegate.launch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.osgi.framework.BundleContext;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Waits until the commands that bundles promise are there. Components come up in their own time; a script that starts
 * before them would hear "command not found" for a command that exists.
 */
final class Readiness {
    private static final String SCOPE = "osgi.command.scope";

    private final BundleContext context;
    private final ServiceComponentRuntime components;

    Readiness(BundleContext context, ServiceComponentRuntime components) {
        this.context = context;
        this.components = components;
    }

    /** Waits for every described command, and returns the names of the components that did not come in time. */
    List<String> awaitCommands(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        List<String> missing = new ArrayList<>();
        for (ComponentDescriptionDTO component : components.getComponentDescriptionDTOs()) {
            if (component.defaultEnabled && component.properties.containsKey(SCOPE)
                    && !await(component, Math.max(1, (end - System.nanoTime()) / 1_000_000))) {
                missing.add(component.name);
            }
        }
        return missing;
    }

    private boolean await(ComponentDescriptionDTO component, long milliseconds) throws InterruptedException {
        ServiceTracker<Object, Object> tracker = new ServiceTracker<>(context, commandsOf(component), null);
        tracker.open();
        try {
            return tracker.waitForService(milliseconds) != null;
        } finally {
            tracker.close();
        }
    }

    private static Filter commandsOf(ComponentDescriptionDTO component) {
        try {
            return FrameworkUtil.createFilter("(&(" + SCOPE + "=*)(component.name=" + component.name + "))");
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("component name that is no filter value: " + component.name, e);
        }
    }
}
