package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.judge.pasid.Accelerators.FIRST;
import static sluicegate.judge.pasid.Accelerators.PAGE;
import static sluicegate.judge.pasid.Accelerators.PAIR;
import static sluicegate.judge.pasid.Accelerators.RW;
import static sluicegate.judge.pasid.Accelerators.SECOND;
import static sluicegate.judge.pasid.Accelerators.await;
import static sluicegate.judge.pasid.Accelerators.failing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.ProcessSpace;
import sluicegate.api.SvaBinding;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.space.SpaceTable;

/** Devices that share an address space: B.9, and those scenarios of A2 in which one dies. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class SharedSpaceTest {
    private final PasidKind kind;
    private final Accelerators rig;
    private final SpaceTable spaces = new SpaceTable();
    private final Device device;
    private final ProcessSpace space;
    private final long memoryAtFirst;

    SharedSpaceTest(PasidKind kind) {
        this.kind = kind;
        rig = new Accelerators(kind);
        device = rig.device(FIRST);
        memoryAtFirst = rig.machine.allocate(PAGE);
        space = spaces.create(rig.machine, device.sharedFormats().iterator().next());
    }

    @AfterEach
    void close() {
        spaces.spaces().forEach(ProcessSpace::close);
        assertThat(spaces.spaces()).isEmpty();
        rig.close();
    }

    private SvaBinding bind(Device which) {
        return rig.core.bind(which, space, binding -> { });
    }

    private void write(long address, int value) {
        space.write(address, new byte[] {(byte) value}, 0, 1);
    }

    private int read(ProcessSpace where, long address) {
        var read = new byte[1];
        where.read(address, read, 0, 1);
        return read[0];
    }

    private boolean deviceWrites(Device which, int pasid, long address, int value) {
        return rig.engine(which).write(pasid, address, new byte[] {(byte) value}, 0, 1) == DmaStatus.OK;
    }

    @Test
    void pagesComeWhenTheDeviceOrItsProcessFirstUsesThem() {
        long data = space.map(4 * PAGE, RW);
        var binding = bind(device);
        write(data, 7);
        assertThat(space.pages()).isEqualTo(1);
        assertThat(rig.read(device, binding.pasid(), data)).isEqualTo(7);
        assertThat(deviceWrites(device, binding.pasid(), data + PAGE, 8)).isTrue();
        assertThat(read(space, data + PAGE)).isEqualTo(8);
        assertThat(rig.read(device, binding.pasid(), data + 2 * PAGE)).as("zeroes").isZero();
        assertThat(space.pages()).isEqualTo(3);
        assertThat(rig.read(device, binding.pasid(), data + 4 * PAGE)).as("beyond the region").isNegative();
        binding.unbind();
        assertThat(rig.read(device, binding.pasid(), data)).isNegative();
        failing(binding::unbind, Errno.EINVAL);
        rig.allAnsweredOnce(device);
    }

    @Test
    void whatTheProcessMayNotDoTheDeviceMayNotEither() {
        long data = space.map(2 * PAGE, Prot.READ);
        int pasid = bind(device).pasid();
        assertThat(rig.read(device, pasid, data)).isZero();
        assertThat(deviceWrites(device, pasid, data, 1)).isFalse();
        space.protect(data, PAGE, RW);
        assertThat(deviceWrites(device, pasid, data, 1)).isTrue();
        space.protect(data, PAGE, Prot.READ);
        assertThat(deviceWrites(device, pasid, data, 2)).as("nor by what it has cached").isFalse();
        space.protect(data, PAGE, 0);
        assertThat(rig.read(device, pasid, data)).isNegative();
        space.protect(data, PAGE, RW);
        assertThat(rig.read(device, pasid, data)).as("its memory is still there").isEqualTo(1);
    }

    @Test
    void aForkIsCopiedForWhoWritesFirstBeItTheDevice() {
        long data = space.map(2 * PAGE, RW);
        int pasid = bind(device).pasid();
        write(data, 1);
        write(data + PAGE, 2);
        assertThat(deviceWrites(device, pasid, data, 1)).isTrue();
        try (var child = space.fork()) {
            assertThat(deviceWrites(device, pasid, data, 9)).as("the device has cached that it may write").isTrue();
            assertThat(read(space, data)).isEqualTo(9);
            assertThat(read(child, data)).isEqualTo(1);
            child.write(data + PAGE, new byte[] {5}, 0, 1);
            assertThat(rig.read(device, pasid, data + PAGE)).isEqualTo(2);
            assertThat(read(child, data + PAGE)).isEqualTo(5);
        }
        assertThat(deviceWrites(device, pasid, data, 3)).isTrue();
        assertThat(read(space, data)).isEqualTo(3);
    }

    @Test
    void memoryIsUsedAgainOnlyWhenNoDeviceReachesIt() throws InterruptedException {
        int pasid = bind(device).pasid();
        var over = new AtomicBoolean();
        var address = new AtomicLong(space.map(PAGE, RW));
        var wrong = new AtomicInteger();
        var reader = new Thread(() -> {
            while (!over.get()) {
                if (rig.read(device, pasid, address.get()) > 1) {
                    wrong.incrementAndGet();
                }
            }
        });
        reader.start();
        for (int i = 0; i < 100; i++) {
            write(address.get(), 1);
            assertThat(rig.read(device, pasid, address.get())).as("the device has it cached").isEqualTo(1);
            space.unmap(address.get(), PAGE);
            long reused = rig.page(0x55); // the page that was just given back
            assertThat(rig.read(device, pasid, address.get())).isNegative();
            rig.machine.free(reused);
            address.set(space.map(PAGE, RW));
        }
        over.set(true);
        reader.join();
        assertThat(wrong).as("reads of what is not the space's").hasValue(0);
    }

    @Test
    void bindingThePairAgainGivesTheSameAndCounts() {
        var first = bind(device);
        var second = bind(device);
        assertThat(second).isSameAs(first);
        assertThat(rig.core.bindings()).hasSize(1);
        long data = space.map(PAGE, RW);
        write(data, 3);
        first.unbind();
        assertThat(rig.read(device, first.pasid(), data)).isEqualTo(3);
        second.unbind();
        assertThat(rig.core.bindings()).isEmpty();
        assertThat(rig.read(device, first.pasid(), data)).isNegative();
        assertThat(bind(device).pasid()).as("a space keeps its PASID").isEqualTo(first.pasid());
    }

    @Test
    void severalDevicesShareOneSpaceUnderOnePasid() {
        long data = space.map(PAGE, RW);
        var devices = List.of(device, rig.device(SECOND), rig.device(PAIR.get(0)), rig.device(PAIR.get(1)));
        var bindings = devices.stream().map(this::bind).toList();
        assertThat(bindings).extracting(SvaBinding::pasid).containsOnly(bindings.get(0).pasid());
        for (var each : devices) {
            int before = read(space, data);
            assertThat(deviceWrites(each, bindings.get(0).pasid(), data, before + 1)).as(each.name()).isTrue();
            assertThat(read(space, data)).isEqualTo(before + 1);
        }
        space.unmap(data, PAGE);
        for (var each : devices) {
            assertThat(rig.read(each, bindings.get(0).pasid(), data)).as(each.name()).isNegative();
        }
        bindings.get(0).unbind();
        long more = space.map(PAGE, RW);
        assertThat(rig.read(device, bindings.get(0).pasid(), more)).isNegative();
        assertThat(rig.read(rig.device(SECOND), bindings.get(0).pasid(), more)).isZero();
    }

    @Test
    void a2_4_aSpaceThatDiesStopsTranslationTellsAndIsDrainedAtUnbind() {
        long data = space.map(PAGE, RW);
        // Whom nobody serves may have page requests switched off; this one is to go on asking.
        rig.serving(group -> { }).attach(device, 100);
        var told = new ArrayList<SvaBinding>();
        var binding = rig.core.bind(device, space, ended -> {
            assertThat(rig.read(device, ended.pasid(), data)).as("while the device's driver hears of it").isNegative();
            told.add(ended);
        });
        write(data, 1);
        assertThat(rig.read(device, binding.pasid(), data)).isEqualTo(1);
        space.close();
        assertThat(told).containsExactly(binding);
        assertThat(binding.spaceEnded()).isTrue();
        assertThat(rig.read(device, binding.pasid(), data)).isNegative();
        if (kind == PasidKind.SMMUV3) {
            assertThat(device.translate(binding.pasid(), data, false)).as("its descriptor is valid: no storm of events")
                    .isInstanceOfSatisfying(Translation.Fault.class, fault -> assertThat(fault.name()).isEqualTo("F_TRANSLATION"));
        }
        failing(() -> bind(device), Errno.ENOENT);
        failing(() -> rig.domain().attach(device, binding.pasid()), Errno.EBUSY);
        rig.holdBackInterrupts();
        rig.ask(device, binding.pasid(), data, 7);
        binding.unbind();
        assertThat(rig.engine(device).takePageResponse(7)).hasValue(1);
        rig.letThrough();
        rig.allAnsweredOnce(device);
        assertThat(rig.core.allocatePasid(device)).as("its PASID is free again").isEqualTo(binding.pasid());
    }

    @Test
    void a2_9_theFirstPageThatNobodyHasEndsItsGroup() {
        long data = space.map(PAGE, RW);
        int pasid = bind(device).pasid();
        long more = space.map(PAGE, RW);
        rig.engine(device).requestPage(pasid, data, Prot.READ, 7, false);
        rig.engine(device).requestPage(pasid, data + 64 * PAGE, Prot.READ, 7, false);
        rig.engine(device).requestPage(pasid, more, Prot.READ, 7, true);
        await(() -> rig.engine(device).pageRequests().outstanding() == 0);
        assertThat(rig.engine(device).takePageResponse(7)).as("invalid request").hasValue(1);
        assertThat(space.pages()).as("the rest of the group was not looked at").isEqualTo(1);
        rig.allAnsweredOnce(device);
    }

    @Test
    void bindingsOutliveTheUnitsDriver() {
        long data = space.map(PAGE, RW);
        var binding = bind(device);
        write(data, 4);
        assertThat(rig.read(device, binding.pasid(), data)).isEqualTo(4);
        rig.core.removeDriver(rig.driver);
        space.unmap(data, PAGE);
        long more = space.map(PAGE, RW);
        write(more, 5);
        rig.core.addDriver(rig.newDriver());
        await(() -> device.state() == Device.State.READY);
        assertThat(rig.read(device, binding.pasid(), more)).isEqualTo(5);
        assertThat(rig.read(device, binding.pasid(), data)).isNegative();
        binding.unbind();
    }

    @Test
    void aDeviceThatIsRemovedIsBoundToNothingAnyMore() {
        bind(device);
        bind(rig.device(SECOND));
        rig.machine.buses().forEach(rig.core::removeBus);
        assertThat(rig.core.bindings()).as("those of a machine that is off").isEmpty();
        assertThat(rig.core.domains()).noneMatch(domain -> domain.type() == DomainType.SVA);
        assertThat(space.pages()).isZero();
    }

    @Test
    void whatCanNotBeSharedIsRefused() {
        failing(() -> bind(rig.device("0000:00:05.0")), Errno.EOPNOTSUPP);
        var other = Arrays.stream(SharedTables.Format.values()).filter(format -> !device.sharedFormats().contains(format))
                .findFirst().orElseThrow();
        failing(() -> rig.core.bind(device, spaces.create(rig.machine, other), binding -> { }), Errno.EBUSY);
        rig.domain().attach(device, 1);
        failing(() -> bind(device), Errno.EBUSY);
        assertThat(rig.core.bindings()).isEmpty();
        assertThat(rig.core.domains()).noneMatch(domain -> domain.type() == DomainType.SVA);
    }

    @Test
    void allMemoryIsGivenBack() {
        long data = space.map(64 * PAGE, RW);
        var binding = bind(device);
        for (int i = 0; i < 64; i++) {
            assertThat(deviceWrites(device, binding.pasid(), data + i * PAGE, i)).isTrue();
        }
        var child = space.fork();
        child.write(data, new byte[] {1}, 0, 1);
        space.close();
        child.close();
        binding.unbind();
        rig.machine.free(memoryAtFirst);
        assertThat(rig.machine.allocate(PAGE)).as("the lowest page that is free").isEqualTo(memoryAtFirst);
    }
}
