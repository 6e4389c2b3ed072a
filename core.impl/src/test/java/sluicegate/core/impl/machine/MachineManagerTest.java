package sluicegate.core.impl.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakeMachine;

class MachineManagerTest {
    private final IommuCore core = new IommuCore();
    private final MachineManager machines = new MachineManager(core, Duration.ofSeconds(5));
    private final List<Thread> publishers = new ArrayList<>();

    /** Publishes what it boots from another thread, as a framework may. */
    private final class Factory implements MachineFactory {
        @Override
        public List<Description> descriptions() {
            return List.of(new Description("q35", "fake", "one unit"), new Description("virt", "fake", "another"));
        }

        @Override
        public boolean accepts(String name) {
            return descriptions().stream().anyMatch(d -> d.name().equals(name)) || name.startsWith("/");
        }

        @Override
        public Machine boot(String name, int segment) {
            var machine = new FakeMachine(name.startsWith("/") ? "q35" : name);
            var unit = machine.unit("dmar0");
            unit.segment = segment;
            machine.bus.put(String.format("%04x:00:02.0", segment), unit);
            var publisher = new Thread(() -> {
                core.addBus(machine.bus);
                core.addUnit(unit);
                core.addBus(machine.platform);
            });
            publisher.start();
            publishers.add(publisher);
            return machine;
        }
    }

    @BeforeEach
    void platform() {
        machines.addFactory(new Factory());
        core.addDriver(new FakeDriver("fake").entry(0));
    }

    private static IommuException failing(ThrowingCallable call, Errno errno) {
        var e = catchThrowableOfType(IommuException.class, call);
        assertThat(e.errno()).isEqualTo(errno);
        return e;
    }

    @Test
    void aBootReturnsWhenTheCoreHasProbedTheDevices() {
        machines.boot("q35");
        machines.boot("virt");
        assertThat(core.device("0000:00:02.0").state()).isIn(Device.State.READY);
        assertThat(core.device("0001:00:02.0").state()).isIn(Device.State.READY);
        assertThat(machines.running()).extracting(Machine::name).containsExactly("q35", "virt")
                .allSatisfy(name -> assertThat(core.awaitProbed(machines.machine(name), Duration.ZERO)).isTrue());
    }

    @Test
    void theLowestFreeSegmentIsUsedAgain() {
        machines.boot("q35");
        machines.boot("virt");
        var off = (FakeMachine) machines.machine("q35");
        machines.powerOff("q35");
        core.removeBus(off.bus);
        core.removeUnit(off.units.get(0));
        assertThat(off.off).isTrue();
        assertThat(machines.running()).hasSize(1);
        machines.boot("q35");
        assertThat(core.device("0000:00:02.0").state()).isEqualTo(Device.State.READY);
    }

    @Test
    void aNameThatRunsIsRefusedAlsoIfItComesFromAFolder() {
        machines.boot("q35");
        failing(() -> machines.boot("q35"), Errno.EEXIST);
        failing(() -> machines.boot("/some/folder"), Errno.EEXIST);
        assertThat(machines.running()).hasSize(1);
    }

    @Test
    void aNameThatNobodyKnowsIsAnsweredWithThoseThatAreKnown() {
        assertThat(failing(() -> machines.boot("q36"), Errno.ENOENT)).hasMessageContaining("q35, virt");
        assertThat(failing(() -> machines.powerOff("q36"), Errno.ENOENT)).hasMessageContaining("running: none");
        assertThat(machines.available()).extracting(MachineFactory.Description::name).containsExactly("q35", "virt");
    }

    @Test
    void machinesThatOthersPublishAreAccountedFor() {
        var other = new FakeMachine("other");
        machines.addMachine(other);
        assertThat(machines.machine("other")).isSameAs(other);
        machines.removeMachine(other);
        failing(() -> machines.machine("other"), Errno.ENOENT);
    }
}
