package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.sim.pci.DmaEngine;

/**
 * A machine with accelerators behind a unit of some kind, its driver and the core. Between unit and driver stands something that
 * can hold back the unit's interrupts, so that requests stay in its queues, and that can do something in the middle of an attach.
 */
final class Accelerators implements AutoCloseable {
    static final long PAGE = 4096;
    static final int RW = Prot.READ | Prot.WRITE;
    /** Each alone in its group. */
    static final String FIRST = "0000:00:10.0";
    static final String SECOND = "0000:00:11.0";
    /** Two that share one. */
    static final List<String> PAIR = List.of("0000:00:12.0", "0000:00:12.1");

    final PasidKind kind;
    final IommuCore core = new IommuCore();
    final EmbeddedMachine machine;
    final DriverEntry driver;
    private final Queue<Runnable> heldBack = new ArrayDeque<>();
    private boolean holdBack;
    private volatile String refused = "";
    private volatile Runnable middle = () -> { };
    /** How often a driver was asked to have all of an address space forgotten. */
    final AtomicInteger spacesForgotten = new AtomicInteger();

    Accelerators(PasidKind kind) {
        this.kind = kind;
        machine = EmbeddedMachine.boot(
                MachineDescription.read(FirmwareFolder.of(Path.of("..", "sim", "machines", kind.machine))), "m", 0);
        driver = newDriver();
        core.addDriver(driver);
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
        for (var name : List.of(FIRST, SECOND, PAIR.get(0), PAIR.get(1))) {
            assertThat(device(name).state()).as(name).isEqualTo(Device.State.READY);
        }
    }

    DriverEntry newDriver() {
        var withheld = new Withholding(kind.driver.get());
        return new DriverEntry(withheld, withheld.name(), "test", "0", 0, System.identityHashCode(withheld), List.of(kind.compatible));
    }

    Device device(String name) {
        return core.device(name);
    }

    DmaEngine engine(Device device) {
        return (DmaEngine) ((PciFunction) device.busDevice()).dma();
    }

    /** A domain that PASIDs can be attached to. */
    Domain domain() {
        return core.allocateDomain(device(FIRST), Set.of(AllocFlag.PASID));
    }

    Domain serving(PageRequestHandler handler) {
        return core.allocateDomain(device(FIRST), EnumSet.of(AllocFlag.PASID), handler);
    }

    /** A page of memory that begins with this byte. */
    long page(int first) {
        long address = machine.allocate(PAGE);
        machine.memory().write(address, new byte[] {(byte) first}, 0, 1);
        return address;
    }

    /** The first byte at an IOVA, as the device reads it; negative if it may not. */
    int read(Device device, int pasid, long iova) {
        var byteRead = new byte[1];
        try {
            return engine(device).read(pasid, iova, byteRead, 0, 1) == DmaStatus.OK ? byteRead[0] & 0xff : -1;
        } catch (IommuException pasidsAreOff) {
            return -1;
        }
    }

    /** The device asks for a page, as the last request of a group. */
    void ask(Device device, int pasid, long iova, int group) {
        engine(device).requestPage(pasid, iova, Prot.READ, group, true);
    }

    /** A request with neither read nor write that closes its group: nothing more comes under this PASID. */
    void stopMarker(Device device, int pasid) {
        engine(device).requestPage(pasid, 0, 0, 0, true);
    }

    /** Requests stay in the unit's queues until somebody empties them, or until {@link #letThrough}. */
    void holdBackInterrupts() {
        synchronized (heldBack) { // waits for the handler that is at work
            holdBack = true;
        }
    }

    void letThrough() {
        synchronized (heldBack) {
            holdBack = false;
            Runnable next;
            while ((next = heldBack.poll()) != null) {
                next.run();
            }
        }
    }

    /** The unit's driver has no room for a PASID of this device. */
    void failAttachOf(String name) {
        refused = name;
    }

    /** Runs once, when hardware has been told of the next PASID to be attached, before the driver returns. */
    void inTheMiddleOfAnAttach(Runnable action) {
        var once = new AtomicBoolean();
        middle = () -> {
            if (once.compareAndSet(false, true)) {
                action.run();
            }
        };
    }

    /** The device's page requests have all been answered, each once. */
    void allAnsweredOnce(Device device) {
        var tally = engine(device).pageRequests();
        assertThat(tally.outstanding()).as("groups of %s without an answer: %s", device, tally).isZero();
        assertThat(tally.unexpected()).as("answers that %s did not wait for: %s", device, tally).isZero();
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it has not happened in 20 seconds").isLessThan(end);
            Thread.yield();
        }
    }

    static IommuException failing(ThrowingCallable call, Errno errno) {
        var e = catchThrowableOfType(IommuException.class, call);
        assertThat(e).as("an error was expected").isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        return e;
    }

    @Override
    public void close() {
        letThrough();
        core.close();
        machine.powerOff();
    }

    /** The driver of the kind, which sees the unit through {@link #unit}. */
    private final class Withholding implements IommuDriver {
        private final IommuDriver driver;

        Withholding(IommuDriver driver) {
            this.driver = driver;
        }

        @Override
        public String name() {
            return driver.name();
        }

        @Override
        public boolean adopts() {
            return driver.adopts();
        }

        @Override
        public IommuOps probe(ProbeContext context) {
            return ops(driver.probe(contextOf(context)));
        }

        private ProbeContext contextOf(ProbeContext context) {
            return new ProbeContext() {
                private final IommuUnit unit = Accelerators.this.unit(context.unit());

                @Override
                public IommuUnit unit() {
                    return unit;
                }

                @Override
                public String unitName() {
                    return context.unitName();
                }

                @Override
                public FaultSink faults() {
                    return context.faults();
                }

                @Override
                public boolean held() {
                    return context.held();
                }
            };
        }
    }

    /** Paging domains of the driver, which can be made to fail for a device or to wait. */
    private IommuOps ops(IommuOps ops) {
        return proxy(IommuOps.class, ops, Map.of(
                "domainAllocPaging", (real, arguments) -> domain((DriverDomain) real.call()),
                "domainAllocSva", (real, arguments) -> proxy(DriverDomain.class, (DriverDomain) real.call(), Map.of(
                        "flushIotlbAll", (flush, none) -> {
                            spacesForgotten.incrementAndGet();
                            return flush.call();
                        }))));
    }

    private DriverDomain domain(DriverDomain domain) {
        return proxy(DriverDomain.class, domain, Map.of("setDevPasid", (real, arguments) -> {
            if (((DeviceContext) arguments[0]).name().equals(refused)) {
                throw new IommuException(Errno.ENOSPC, "as the test says");
            }
            real.call();
            middle.run();
            return null;
        }));
    }

    /** What is done instead of a call. */
    private interface Instead {
        Object call(Callable<?> real, Object[] arguments) throws Exception;
    }

    private static <T> T proxy(Class<T> type, T target, Map<String, Instead> instead) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            try {
                var other = instead.get(method.getName());
                return other == null ? method.invoke(target, arguments)
                        : other.call(() -> method.invoke(target, arguments), arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    private IommuUnit unit(IommuUnit unit) {
        Interrupts interrupts = (name, handler) -> unit.interrupts().allocate(name, () -> {
            synchronized (heldBack) {
                if (holdBack) {
                    heldBack.add(handler);
                } else {
                    handler.run();
                }
            }
        });
        return proxy(IommuUnit.class, unit, Map.of("interrupts", (real, arguments) -> interrupts));
    }
}
