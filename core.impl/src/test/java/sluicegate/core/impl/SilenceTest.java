package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.fake.FakePci;

/** A driver that takes a unit needs a moment in which nothing behind it sends. */
class SilenceTest extends CoreFixture {
    private final FakeDriver next = new FakeDriver("next");
    private final List<Boolean> sending = new ArrayList<>();
    private FakePci nic;
    private FakePci disk;

    @BeforeEach
    void left() {
        nic = machine.bus.pci("00:02.0");
        disk = machine.bus.pci("00:03.0");
        disk.config().write16(4, 0);
        machine.bus.put(nic, dmar0);
        machine.bus.put(disk, dmar0);
        boot();
        next.onProbe = context -> context.withoutDma(() -> sending.add(nic.mayMaster() || nic.isPending()));
    }

    @AfterEach
    void theNextDriverIsContentToo() {
        core.close();
        assertThat(next.violations).isEmpty();
    }

    private void swap() {
        core.removeDriver(entry);
        core.addDriver(next.entry(0));
    }

    @Test
    void functionsAreSilentMeanwhileAndThenAsTheyWere() {
        swap();
        assertThat(sending).containsExactly(false);
        assertThat(nic.mayMaster()).isTrue();
        assertThat(disk.mayMaster()).as("it was not before").isFalse();
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).isEqualTo("next");
    }

    @Test
    void whatTheyHaveSentArrivesFirst() {
        nic.pending(5);
        swap();
        assertThat(sending).containsExactly(false);
    }

    @Test
    void aFunctionWhoseRequestsGetNoAnswerPreventsIt() {
        nic.pending(Integer.MAX_VALUE);
        swap();
        assertThat(sending).isEmpty();
        assertThat(core.unit("dmar0").problem().orElseThrow()).contains("0000:00:02.0 has requests under way");
        assertThat(nic.mayMaster()).isTrue();
    }

    @Test
    void aFunctionThatDoesNotAnswerDoesNot() {
        disk.loseConfig();
        swap();
        assertThat(sending).containsExactly(false);
    }

    @Test
    void aDeviceThatIsOnNoPciBusPreventsIt() {
        machine.platform.platform("uart0", dmar0, 1);
        swap();
        assertThat(sending).isEmpty();
        assertThat(core.unit("dmar0").problem().orElseThrow()).contains("uart0", "not on a PCI bus");
        assertThat(nic.mayMaster()).isTrue();
    }

    /** Nobody knows in which state the hardware is then. */
    @Test
    void ifItFailsTheyStaySilentUntilADriverHasTakenTheUnit() {
        next.onProbe = context -> context.withoutDma(() -> {
            throw FakeDomain.error(Errno.ETIMEDOUT);
        });
        swap();
        assertThat(nic.mayMaster()).isFalse();
        var third = new FakeDriver("third");
        core.addDriver(third.entry(0));
        assertThat(core.unit("dmar0").driver().orElseThrow().name()).isEqualTo("third");
        assertThat(nic.mayMaster()).isTrue();
        core.close();
        assertThat(third.violations).isEmpty();
    }
}
