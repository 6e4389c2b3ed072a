package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.judge.pasid.Accelerators.FIRST;
import static sluicegate.judge.pasid.Accelerators.PAGE;
import static sluicegate.judge.pasid.Accelerators.RW;
import static sluicegate.judge.pasid.Accelerators.SECOND;
import static sluicegate.judge.pasid.Accelerators.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.ProcessSpace;
import sluicegate.api.SvaBinding;
import sluicegate.api.Unit;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.core.impl.UnitSettings;
import sluicegate.space.SpaceTable;

/**
 * Drivers change with translation going on while devices share an address space: what the space takes away meanwhile it gets back when
 * no device reaches it any more, and not before.
 */
@ParameterizedClass
@EnumSource
@Timeout(60)
class SharedSpaceSwapTest {
    private static final int SWAPS = Integer.getInteger("judge.swaps", 40) / 2;

    private final Accelerators rig;
    private final SpaceTable spaces = new SpaceTable();
    private final Device device;
    private final Unit unit;
    private final ProcessSpace space;
    private final SvaBinding binding;
    private final long data;

    SharedSpaceSwapTest(PasidKind kind) {
        rig = new Accelerators(kind);
        device = rig.device(FIRST);
        unit = device.unit().orElseThrow();
        patience(Duration.ofSeconds(20));
        space = spaces.create(rig.machine, device.sharedFormats().iterator().next());
        binding = rig.core.bind(device, space, ended -> { });
        data = space.map(2 * PAGE, RW);
        write(data, 1);
        write(data + PAGE, 2);
        assertThat(rig.read(device, binding.pasid(), data)).isEqualTo(1);
        assertThat(rig.read(device, binding.pasid(), data + PAGE)).isEqualTo(2);
    }

    @AfterEach
    void close() {
        spaces.spaces().forEach(ProcessSpace::close);
        rig.close();
    }

    private void patience(Duration patience) {
        rig.core.setDefaultUnitSettings(new UnitSettings(LeavePolicy.KEEP, patience, false));
    }

    private void write(long address, int value) {
        space.write(address, new byte[] {(byte) value}, 0, 1);
    }

    private void leave() {
        rig.core.removeDriver(rig.driver);
        assertThat(unit.state()).isEqualTo(Unit.State.HELD);
        assertThat(rig.read(device, binding.pasid(), data)).as("without a driver").isEqualTo(1);
    }

    /** A thread that has begun something and waits, as it has to. */
    private static Thread waiting(Runnable change) {
        var thread = new Thread(change);
        thread.start();
        await(() -> thread.getState() == Thread.State.TIMED_WAITING || !thread.isAlive());
        assertThat(thread.isAlive()).as("waits for a driver").isTrue();
        return thread;
    }

    private void come() {
        rig.core.addDriver(rig.newDriver());
        await(() -> device.state() == Device.State.READY);
    }

    @Test
    void noDmaToAPageThatStaysIsLostAndNoneReachesOneThatHasGone() throws Exception {
        rig.core.addDriver(rig.newDriver());
        var other = rig.core.bind(rig.device(SECOND), space, ended -> { });
        var over = new AtomicBoolean();
        var changing = new AtomicLong(space.map(PAGE, RW));
        var stays = CompletableFuture.supplyAsync(() -> {
            long reads = 0;
            while (!over.get()) {
                int expected = 1 + (int) (reads % 2);
                assertThat(rig.read(device, binding.pasid(), data + reads % 2 * PAGE)).isEqualTo(expected);
                reads++;
            }
            return reads;
        });
        var goes = CompletableFuture.supplyAsync(() -> {
            while (!over.get()) {
                assertThat(rig.read(rig.device(SECOND), other.pasid(), changing.get())).isLessThan(2);
            }
            return true;
        });
        var changes = CompletableFuture.supplyAsync(() -> {
            long rounds = 0;
            while (!over.get()) {
                write(changing.get(), 1);
                space.unmap(changing.get(), PAGE);
                long reused = rig.page(0x55); // the page that was just given back
                assertThat(rig.read(rig.device(SECOND), other.pasid(), changing.get())).isNegative();
                rig.machine.free(reused);
                changing.set(space.map(PAGE, RW));
                rounds++;
            }
            return rounds;
        });
        for (int i = 0; i < SWAPS && !stays.isDone() && !goes.isDone() && !changes.isDone(); i++) {
            unit.swap(rig.driver.name(), LeavePolicy.KEEP);
        }
        over.set(true);
        assertThat(stays.get()).isPositive();
        assertThat(goes.get()).isTrue();
        assertThat(changes.get()).isPositive();
    }

    /** With nobody to tell hardware, memory is not given back before there is somebody. */
    @Test
    void whatChangesWhileThereIsNoDriverWaitsForOne() throws Exception {
        leave();
        var unmaps = waiting(() -> space.unmap(data + PAGE, PAGE));
        assertThat(rig.read(device, binding.pasid(), data + PAGE)).as("cached").isEqualTo(2);
        var unbinds = waiting(rig.core.bindings().get(0)::unbind);
        come();
        unmaps.join();
        unbinds.join();
        assertThat(rig.read(device, binding.pasid(), data)).isNegative();
        assertThat(rig.core.bindings()).isEmpty();
    }

    @Test
    void whereNoDriverComesInTimeDevicesAreSilencedAndWhatTheyKnowIsForgotten() {
        patience(Duration.ofMillis(50));
        leave();
        space.unmap(data + PAGE, PAGE);
        assertThat(rig.read(device, binding.pasid(), data)).as("silent").isNegative();
        assertThat(rig.spacesForgotten).as("there is no driver").hasValue(0);
        long reused = rig.page(0x55);
        space.protect(data, PAGE, RW); // waits for nobody any more
        come();
        assertThat(rig.read(device, binding.pasid(), data)).isEqualTo(1);
        assertThat(rig.read(device, binding.pasid(), data + PAGE)).isNegative();
        assertThat(rig.spacesForgotten).as("it may have been cached anew while the driver took over").hasValue(1);
        rig.machine.free(reused);
    }

    /** Its tables may be used for anything else by then, also for what looks like tables. */
    @Test
    void aSpaceThatEndsWhileThereIsNoDriverIsReachedByNobody() {
        patience(Duration.ofMillis(50));
        leave();
        space.close();
        assertThat(binding.spaceEnded()).isTrue();
        var pages = new long[64];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = rig.page(0x55);
            var entries = new byte[(int) PAGE];
            Arrays.fill(entries, (byte) 0x67);
            rig.machine.memory().write(pages[i], entries, 0, entries.length);
        }
        assertThat(rig.read(device, binding.pasid(), data)).isNegative();
        come();
        assertThat(rig.read(device, binding.pasid(), data)).isNegative();
        for (long page : pages) {
            rig.machine.free(page);
        }
        binding.unbind();
        assertThat(rig.core.bindings()).isEmpty();
    }

    @Test
    void aSpaceThatEndsWhileThereIsNoDriverWaitsForOne() throws Exception {
        leave();
        var closes = waiting(space::close);
        assertThat(rig.read(device, binding.pasid(), data)).isEqualTo(1);
        come();
        closes.join();
        assertThat(rig.read(device, binding.pasid(), data)).isNegative();
        binding.unbind();
    }
}
