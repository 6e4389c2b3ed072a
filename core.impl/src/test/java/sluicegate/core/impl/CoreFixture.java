package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakeMachine;
import sluicegate.core.impl.fake.FakeUnit;

/** A core, a machine with one unit, and a driver; what the driver complains about fails the test. */
abstract class CoreFixture {
    protected static final long K4 = 0x1000;
    protected static final long M2 = 0x200000;

    protected final IommuCore core = newCore();
    protected final FakeMachine machine = new FakeMachine("m");
    protected final FakeUnit dmar0 = machine.unit("dmar0");
    protected final FakeDriver driver = new FakeDriver("fake");
    protected final DriverEntry entry = driver.entry(0);

    @AfterEach
    void theCoreKeptTheContract() {
        core.close();
        assertThat(driver.violations).isEmpty();
        assertThat(driver.domainsAlive).as("domains that the driver was not asked to free").hasValue(0);
    }

    protected IommuCore newCore() {
        return new IommuCore();
    }

    /** Unit and driver there, then the bus with all that was put on it. */
    protected void boot() {
        core.addDriver(entry);
        core.addUnit(dmar0);
        core.addBus(machine.bus);
        core.addBus(machine.platform);
    }

    protected Device device(String name) {
        return core.device(name);
    }

    protected Domain domainFor(String device) {
        return core.allocateDomain(core.device(device), Set.of());
    }

    /** What the hardware uses for the device. */
    protected FakeDomain hardware(String device) {
        return driver.attached("0000:" + device).orElseThrow();
    }

    protected static IommuException failing(ThrowingCallable call, Errno errno) {
        var e = catchThrowableOfType(IommuException.class, call);
        assertThat(e).as("an error was expected").isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        return e;
    }

    /** Waits for what another thread is about to do. */
    protected static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it has not happened in 20 seconds").isLessThan(end);
            Thread.yield();
        }
    }

    protected static List<String> names(List<? extends Device> devices) {
        return devices.stream().map(Device::name).toList();
    }
}
