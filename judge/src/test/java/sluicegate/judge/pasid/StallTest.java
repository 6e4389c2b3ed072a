package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.judge.pasid.Accelerators.await;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Fault;
import sluicegate.api.PageRequestGroup;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.UnitSettings;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.sim.EmbeddedMachine;

/**
 * Transactions of a platform device that stall at an SMMUv3 until their page is there, from the device to the handler of its domain and
 * back: the same framework that serves page requests of PCI functions.
 */
class StallTest {
    private static final long PAGE = 4096;
    private static final long IOVA = 0x6000_0000L;
    private static final int RW = Prot.READ | Prot.WRITE;

    private final IommuCore core = new IommuCore();
    private final EmbeddedMachine machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of("board",
            Set.of("iort.bin", "topology.txt", "machine.properties"), Map.of("iort.bin", iort(),
                    "topology.txt", bytes("00:00.0 1b36:0008 class 060000\n"),
                    "machine.properties", bytes("memory = 1G-1280M\nsmmuv3.substream-bits = 8\nsmmuv3.stalls = choice\n"))::get)),
            "board", 0);
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final Queue<PageRequestGroup> seen = new ConcurrentLinkedQueue<>();
    private Device device;

    @BeforeEach
    void bind() {
        core.addListener(faults::add);
        // As in the framework, where a handler's own calls wait until hardware goes by the next driver's tables.
        core.setDefaultUnitSettings(new UnitSettings(LeavePolicy.BLOCK, Duration.ofSeconds(20), false));
        for (int i = 0; i < 2; i++) {
            var driver = new Smmuv3Driver();
            core.addDriver(new DriverEntry(driver, driver.name(), "test", "0", 0, i, List.of("arm,smmu-v3")));
        }
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
        device = core.device("board/_SB.DMA0");
        assertThat(device.state()).isEqualTo(Device.State.READY);
    }

    @AfterEach
    void powerOff() {
        core.close();
        machine.powerOff();
    }

    private long page(int first) {
        long address = machine.allocate(PAGE);
        machine.memory().write(address, new byte[] {(byte) first}, 0, 1);
        return address;
    }

    private Domain serving(PageRequestHandler handler) {
        return core.allocateDomain(device, EnumSet.of(AllocFlag.PASID), group -> {
            seen.add(group);
            handler.handle(group);
        });
    }

    private void attach(Domain domain, int pasid) {
        if (pasid == Pasid.NONE) {
            domain.attach(device);
        } else {
            domain.attach(device, pasid);
        }
    }

    private static void detach(Domain domain, Device from, int pasid) {
        if (pasid == Pasid.NONE) {
            domain.detach(from);
        } else {
            domain.detach(from, pasid);
        }
    }

    /** The first byte there, when the device has it; negative if it is refused. */
    private CompletableFuture<Integer> reading(int pasid) {
        return CompletableFuture.supplyAsync(() -> {
            var data = new byte[1];
            return device.busDevice().dma().read(pasid, IOVA, data, 0, 1) == DmaStatus.OK ? (int) data[0] : -1;
        });
    }

    private void mapAndGoOn(PageRequestGroup group) {
        group.domain().map(group.requests().get(0).iova() & -PAGE, page(9), PAGE, RW);
        group.respond(PageResponse.SUCCESS);
    }

    @ParameterizedTest
    @ValueSource(ints = {Pasid.NONE, 3})
    void aTransactionWaitsForThePageThatItsHandlerMaps(int pasid) {
        attach(serving(this::mapAndGoOn), pasid);
        assertThat(reading(pasid).join()).isEqualTo(9);
        assertThat(reading(pasid).join()).isEqualTo(9);
        assertThat(seen).as("asked for once").singleElement().satisfies(group -> {
            assertThat(group.device()).isEqualTo(device);
            assertThat(group.pasid()).isEqualTo(pasid);
            assertThat(group.answered()).isTrue();
        });
        assertThat(faults).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {Pasid.NONE, 3})
    void oneThatIsRefusedIsAFault(int pasid) {
        attach(serving(group -> group.respond(PageResponse.INVALID)), pasid);
        assertThat(reading(pasid).join()).isNegative();
        await(() -> !faults.isEmpty());
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.device()).hasValue(device.name());
            assertThat(fault.iova()).isEqualTo(IOVA);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {Pasid.NONE, 3})
    void detachingAnswersWhatAHandlerHolds(int pasid) {
        var domain = serving(group -> { });
        attach(domain, pasid);
        var read = reading(pasid);
        await(() -> !seen.isEmpty());
        detach(domain, device, pasid);
        assertThat(read.join()).isNegative();
        assertThat(seen.element().respond(PageResponse.SUCCESS)).as("too late").isFalse();
    }

    /** It tries once more, in tables of the next driver, and meets its handler there. */
    @ParameterizedTest
    @ValueSource(ints = {Pasid.NONE, 3})
    void whatWaitsWhenTheDriverIsSwappedIsServedUnderTheNext(int pasid) {
        attach(serving(group -> {
            if (seen.size() > 1) {
                mapAndGoOn(group);
            }
        }), pasid);
        var read = reading(pasid);
        await(() -> !seen.isEmpty());
        var unit = device.unit().orElseThrow();
        unit.swap(unit.driver().orElseThrow().name(), LeavePolicy.KEEP);
        assertThat(read.join()).isEqualTo(9);
        assertThat(faults).isEmpty();
    }

    @Test
    void whatWaitsWhenTheUnitIsBlockedForASwapIsRefused() {
        attach(serving(group -> { }), Pasid.NONE);
        var read = reading(Pasid.NONE);
        await(() -> !seen.isEmpty());
        var unit = device.unit().orElseThrow();
        unit.swap(unit.driver().orElseThrow().name(), LeavePolicy.BLOCK);
        assertThat(read.join()).isNegative();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** An SMMU and one component with one stream, five bits of PASID, and transactions that can stall (IORT revision E.d). */
    private static byte[] iort() {
        int smmu = 0x30;
        int component = 41;
        var table = ByteBuffer.allocate(smmu + 68 + component + 20).order(ByteOrder.LITTLE_ENDIAN);
        table.put(bytes("IORT")).putInt(table.capacity()).put((byte) 5).put((byte) 0).put(bytes("TESTER")).position(36);
        table.putInt(2).putInt(smmu).putInt(0);
        node(table, 4, 68, 5, 0, 0).putLong(0x905_0000L).putInt(1).putInt(0).putLong(0);
        table.position(smmu + 68);
        node(table, 1, component + 20, 4, 1, component).putInt(5 << 1 | 1).putInt(1).putInt(0).put((byte) 40);
        table.put(bytes("\\_SB.DMA0")).position(smmu + 68 + component);
        table.putInt(0).putInt(0).putInt(0x40).putInt(smmu).putInt(1);
        byte sum = 0;
        for (byte value : table.array()) {
            sum += value;
        }
        return table.put(9, (byte) -sum).array();
    }

    private static ByteBuffer node(ByteBuffer table, int type, int length, int revision, int mappings, int mappingsAt) {
        return table.put((byte) type).putShort((short) length).put((byte) revision).putInt(0).putInt(mappings).putInt(mappingsAt);
    }
}
