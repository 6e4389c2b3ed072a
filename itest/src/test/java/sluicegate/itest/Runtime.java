package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.Hashtable;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.util.tracker.ServiceTracker;
import sluicegate.api.Iommu;
import sluicegate.api.Machines;
import sluicegate.api.driver.LeavePolicy;

/** The framework that the tests run in: services as they are now, for tests under which they come and go; refreshing; configuration. */
final class Runtime {
    private static final long PATIENCE_MILLIS = 20_000;

    private Runtime() {}

    static BundleContext context() {
        return FrameworkUtil.getBundle(Runtime.class).getBundleContext();
    }

    /** The service that is there now, or comes within some time. */
    static <S> S service(Class<S> type) {
        var tracker = new ServiceTracker<S, S>(context(), type, null);
        tracker.open();
        try {
            assertThat(tracker.waitForService(PATIENCE_MILLIS)).as(type.getName()).isNotNull();
            return context().getService(tracker.getServiceReference()); // got once more, so that it outlives the tracker
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            tracker.close();
        }
    }

    static FrameworkMachine boot(String machine, String device) {
        return new FrameworkMachine(service(Machines.class), service(Iommu.class), machine, device);
    }

    /** Gives bundles, and all that are wired to them, new class loaders. */
    static void refresh(Collection<Bundle> bundles) throws InterruptedException {
        var done = new CountDownLatch(1);
        wiring().refreshBundles(bundles, event -> done.countDown());
        assertThat(done.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).as("refreshed").isTrue();
    }

    static FrameworkWiring wiring() {
        return context().getBundle(0).adapt(FrameworkWiring.class);
    }

    /**
     * How drivers leave from now on, until what is returned is closed. Whoever waits for the next one has time.
     *
     * <p>Each step is seen to be in force before the next one: Felix SCR reads the properties of a configuration and then how often it was
     * changed, and takes a change that comes in between for one that it knows.
     */
    static AutoCloseable leaving(LeavePolicy policy) throws Exception {
        var configuration = service(ConfigurationAdmin.class).getConfiguration("sluicegate.core", "?");
        set(configuration, LeavePolicy.KEEP);
        if (policy == LeavePolicy.BLOCK) {
            set(configuration, LeavePolicy.BLOCK);
        }
        return () -> {
            if (policy == LeavePolicy.BLOCK) {
                set(configuration, LeavePolicy.KEEP);
            }
            configuration.delete();
            await(LeavePolicy.BLOCK);
        };
    }

    private static void set(Configuration configuration, LeavePolicy policy) throws Exception {
        var values = new Hashtable<String, Object>();
        values.put("leavePolicy", policy.name().toLowerCase(Locale.ROOT));
        values.put("patienceMillis", Duration.ofMinutes(2).toMillis());
        configuration.update(values);
        await(policy);
    }

    private static void await(LeavePolicy policy) {
        FrameworkMachine.await("policy " + policy,
                () -> service(Iommu.class).units().stream().allMatch(unit -> unit.leavePolicy() == policy));
    }
}
