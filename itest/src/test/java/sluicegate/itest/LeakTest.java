package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;
import sluicegate.api.Device;
import sluicegate.api.FaultListener;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;
import sluicegate.api.driver.LeavePolicy;

/**
 * Nothing of a driver stays behind: its class loader is collected, and so no thread, listener or timer has anything of it. If it isn't,
 * the test says who keeps it.
 */
@Timeout(120)
class LeakTest {
    private static final List<Object> KEPT = new ArrayList<>();
    private static final ReferenceQueue<ClassLoader> COLLECTED = new ReferenceQueue<>();

    /** How the names of threads begin in which the core calls drivers; one that a driver started would keep its class loader. */
    private static final String CALLS = "sluicegate ";

    @TempDir
    Path folder;

    /** The one whose referent a {@link HeapDump} looks for. */
    private static final class Suspect extends PhantomReference<ClassLoader> {
        Suspect(ClassLoader loader) {
            super(loader, COLLECTED);
        }
    }

    private static boolean collected(Suspect suspect, int attempts) {
        for (int i = 0; i < attempts; i++) {
            System.gc();
            if (suspect.refersTo(null)) {
                return true;
            }
            try {
                COLLECTED.remove(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return suspect.refersTo(null);
    }

    @ParameterizedTest
    @EnumSource(HotSwapTest.Kind.class)
    void aDriverThatWasSwappedAwayAndUninstalledIsCollected(HotSwapTest.Kind kind) throws Exception {
        try (var rig = Runtime.boot(kind.machine, "00:05.0")) {
            var threads = threads();
            var suspect = useAndLoseADriver(rig, kind);
            if (!collected(suspect, 30)) {
                assertThat(HeapDump.pathToReferentOf(Suspect.class, folder)).as("who keeps the driver").isEmpty();
                assertThat(collected(suspect, 1)).as("collected").isTrue();
            }
            FrameworkMachine.await("the end of all threads", () -> {
                var left = threads();
                left.removeAll(threads);
                return left.stream().noneMatch(name -> name.startsWith(CALLS));
            });
        }
    }

    private static Set<String> threads() {
        var names = new HashSet<String>();
        Thread.getAllStackTraces().keySet().forEach(thread -> names.add(thread.getName()));
        return names;
    }

    /** It serves DMA, mappings, page requests and faults before it goes. */
    private static Suspect useAndLoseADriver(FrameworkMachine rig, HotSwapTest.Kind kind) throws Exception {
        var iommu = Runtime.service(Iommu.class);
        var driver = FrameworkMachine.bundle(kind.bundle);
        var copy = BundleCopy.start(driver);
        var suspect = new Suspect(copy.adapt(BundleWiring.class).getClassLoader());
        var unit = rig.device.unit().orElseThrow();
        var faults = new ArrayList<String>();
        var listener = Runtime.context().registerService(FaultListener.class, fault -> faults.add(fault.name()), null);
        try (var waiting = Runtime.leaving(LeavePolicy.BLOCK)) {
            unit.swap(unit.driver().orElseThrow().name(), LeavePolicy.BLOCK);
            assertThat(unit.driver().orElseThrow().bundle()).isEqualTo(copy.getSymbolicName());
            var traffic = new Traffic(rig, iommu, kind.accelerator);
            traffic.letAllRun(20);
            FrameworkMachine.await("a fault", () -> !faults.isEmpty());
            traffic.expect(Traffic.Dma.SERVED, Traffic.Dma.REFUSED);
            unit.swap(unit.driver().orElseThrow().name(), LeavePolicy.BLOCK);
            FrameworkMachine.await("the other driver", () -> unit.state() == Unit.State.BOUND && rig.device.state() == Device.State.READY);
            traffic.close();
            assertThat(traffic.violations()).isEmpty();
            traffic.clear();
        } finally {
            listener.unregister();
            copy.uninstall();
        }
        assertThat(copy.getState()).isEqualTo(Bundle.UNINSTALLED);
        return suspect;
    }

    /** Otherwise an empty path would mean nothing. */
    @Test
    void whoKeepsAClassLoaderIsFound() throws Exception {
        var suspect = suspectThatIsKept();
        assertThat(collected(suspect, 3)).isFalse();
        var path = HeapDump.pathToReferentOf(Suspect.class, folder);
        assertThat(String.join(" -> ", path)).contains("LeakTest.KEPT (static)").contains("java.util.ArrayList.elementData");
        KEPT.clear();
        assertThat(collected(suspect, 100)).isTrue();
    }

    private static Suspect suspectThatIsKept() {
        var loader = new ClassLoader(LeakTest.class.getClassLoader()) {};
        KEPT.add(loader);
        return new Suspect(loader);
    }
}
