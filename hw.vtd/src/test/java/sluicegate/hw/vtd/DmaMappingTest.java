package sluicegate.hw.vtd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Domain;
import sluicegate.api.dma.DmaAttributes;
import sluicegate.api.dma.DmaDirection;
import sluicegate.api.dma.DmaMapper;
import sluicegate.api.dma.DmaMappers.Kind;
import sluicegate.api.dma.DmaMappers.Report;
import sluicegate.api.dma.ScatterList;
import sluicegate.api.driver.DomainType;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.spec.pci.AcsCapability;

/** What drivers of devices map, seen from the devices: they reach their buffers and nothing else, also by what hardware remembers. */
final class DmaMappingTest {
    private static final long K4 = 4096;
    private static final String DEVICE = "0000:00:05.0";
    private static final String BEHIND_THE_PORT = "0000:01:00.0";
    private static final DmaDirection BOTH = DmaDirection.BIDIRECTIONAL;

    private final IommuCore core = new IommuCore();
    private EmbeddedMachine machine = machine("");
    private PhysicalMemory memory = machine.memory();
    private final DriverEntry entry = new DriverEntry(new VtdDriver(), "intel-vtd", "test", "0", 0, 0, List.of("intel,vtd"));
    private Device device;
    private DmaMapper dma;

    /** @param settings lines for its {@code machine.properties} */
    private static EmbeddedMachine machine(String settings) {
        var shipped = FirmwareFolder.of(Path.of("..", "sim", "machines", "q35-vtd-rich"));
        return EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of("m", shipped.names(), name -> {
            var bytes = shipped.read(name).bytes();
            return name.equals("machine.properties") ? (new String(bytes, UTF_8) + "\n" + settings).getBytes(UTF_8) : bytes;
        })), "m", 0);
    }

    private void boot() {
        boot(DEVICE);
    }

    private void bootWith(String settings, String name) {
        machine.powerOff();
        machine = machine(settings);
        memory = machine.memory();
        boot(name);
    }

    private void boot(String name) {
        core.addDriver(entry);
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        device = core.device(name);
        assertThat(device.state()).isEqualTo(Device.State.READY);
        dma = core.dmaMapper(device);
    }

    private void boot(DomainType type) {
        core.setDefaultDomainType(type);
        boot();
        assertThat(device.domain().map(Domain::type)).contains(type);
    }

    @AfterEach
    void powerOff() {
        core.close();
        machine.powerOff();
    }

    // ---- what devices do

    private DmaStatus readBy(Device by, long iova, byte[] into) {
        return by.busDevice().dma().read(Pasid.NONE, iova, into, 0, into.length);
    }

    private boolean reads(long iova) {
        return readBy(device, iova, new byte[1]) == DmaStatus.OK;
    }

    private long read64(long iova) {
        var bytes = new byte[8];
        assertThat(readBy(device, iova, bytes)).isEqualTo(DmaStatus.OK);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private boolean writes(long iova, int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return device.busDevice().dma().write(Pasid.NONE, iova, bytes, 0, bytes.length) == DmaStatus.OK;
    }

    private byte[] bytes(long address, int length) {
        var bytes = new byte[length];
        memory.read(address, bytes, 0, length);
        return bytes;
    }

    private static IommuException failing(ThrowingCallable call, Errno errno) {
        var e = catchThrowableOfType(IommuException.class, call);
        assertThat(e).as("an error was expected").isNotNull();
        assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
        return e;
    }

    // ---- single buffers

    @Test
    void aBufferIsReachedWhileItIsMappedAndOnlyThen() {
        boot();
        long buffer = machine.allocate(K4);
        memory.set64(buffer + 0x120, 0x1122334455667788L);
        long iova = dma.mapSingle(buffer + 0x120, 0x100, BOTH, 0);
        assertThat(iova & K4 - 1).as("the place in its page").isEqualTo(0x120);
        assertThat(iova).as("32 bits on PCI, from the top").isBetween(0xfe00_0000L, 0xffff_ffffL);
        assertThat(read64(iova)).isEqualTo(0x1122334455667788L);
        assertThat(writes(iova + 8, 7)).isTrue();
        assertThat(bytes(buffer + 0x128, 1)).containsExactly(7);
        assertThat(reads(iova + K4)).as("the next page").isFalse();
        assertThat(reads(iova - K4)).as("the page before").isFalse();
        assertThat(reads(buffer + 0x120)).as("the physical address").isFalse();
        dma.unmapSingle(iova, 0x100, BOTH, 0);
        assertThat(reads(iova)).as("forgotten at once").isFalse();
        failing(() -> dma.unmapSingle(iova, 0x100, BOTH, 0), Errno.EINVAL);
    }

    @Test
    void theDirectionSaysWhatTheDeviceMayDo() {
        boot();
        long buffer = machine.allocate(2 * K4);
        long out = dma.mapPage(buffer, 0, K4, DmaDirection.TO_DEVICE, 0);
        long in = dma.mapPage(buffer, K4, K4, DmaDirection.FROM_DEVICE, 0);
        assertThat(reads(out)).isTrue();
        assertThat(writes(out, 1)).isFalse();
        assertThat(writes(in, 1)).isTrue();
        assertThat(reads(in)).isFalse();
    }

    @Test
    void aMaskKeepsAddressesLow() {
        boot();
        dma.setMask(DmaMapper.bits(24));
        long iova = dma.mapSingle(machine.allocate(K4), K4, BOTH, 0);
        assertThat(iova).isLessThan(1 << 24);
        assertThat(reads(iova)).isTrue();
        failing(() -> dma.mapSingle(machine.allocate(1 << 25), 1 << 25, BOTH, 0), Errno.ENOSPC);
        failing(() -> dma.setMask(0xfff), Errno.EIO);
        device.bind(DeviceDriver.named("e1000e"));
        device.unbind();
        assertThat(dma.mask()).as("the next driver's").isEqualTo(DmaMapper.bits(32));
    }

    @Test
    void whatIsTooLargeFor32BitsGetsMoreIfTheDeviceCanNameIt() {
        boot();
        dma.setMask(DmaMapper.bits(64));
        long memory4g = 4L << 30;
        var iovas = new ArrayList<Long>();
        for (int i = 0; i < 3; i++) {
            iovas.add(dma.mapSingle(memory4g, 2L << 30, BOTH, 0));
        }
        assertThat(iovas).as("the interrupt window is in the upper half of 32 bits, page 0 in the lower").allMatch(iova -> iova >= memory4g);
        iovas.forEach(iova -> assertThat(reads(iova + (1 << 30))).isTrue());
        iovas.forEach(iova -> dma.unmapSingle(iova, 2L << 30, BOTH, 0));
    }

    @Test
    void reservedWindowsAreLeftOut() {
        boot();
        long buffer = machine.allocate(1 << 20);
        for (int i = 0; i < 40; i++) {
            long iova = dma.mapSingle(buffer, 1 << 20, BOTH, 0);
            assertThat(device.reservedRegions()).noneMatch(region -> region.overlaps(iova, 1 << 20));
            assertThat(read64(iova)).isZero();
        }
    }

    @Test
    void coherentBuffersAreZeroedAndBothSeeThem() {
        boot();
        var ring = dma.allocateCoherent(5000);
        assertThat(read64(ring.iova() + 4992)).isZero();
        memory.set64(ring.address() + 8, 42);
        assertThat(read64(ring.iova() + 8)).isEqualTo(42);
        dma.freeCoherent(ring);
        assertThat(reads(ring.iova())).isFalse();
        assertThat(dma.allocateCoherent(5000)).as("memory and IOVA are used again").isEqualTo(ring);
        failing(() -> dma.allocateCoherent(0), Errno.EINVAL);
    }

    @Test
    void doorbellsInTheHardwaresWindowNeedNoMapping() {
        boot();
        assertThat(dma.mapMsiDoorbell(0xfee0_1004L)).isEqualTo(0xfee0_1004L);
        long iova = dma.mapMsiDoorbell(0x0802_0040L);
        assertThat(iova & 0xfff).isEqualTo(0x40);
        assertThat(dma.mapMsiDoorbell(0x0802_0044L)).as("once for each page").isEqualTo(iova + 4);
        assertThat(device.domain().orElseThrow().iovaToPhys(iova)).hasValue(0x0802_0040L);
    }

    @Test
    void registersOfAnotherDevice() {
        boot();
        long iova = dma.mapResource(0xfebf_0010L, 0x20, BOTH, 0);
        assertThat(device.domain().orElseThrow().iovaToPhys(iova)).hasValue(0xfebf_0010L);
        dma.unmapResource(iova, 0x20, BOTH, 0);
        assertThat(device.domain().orElseThrow().iovaToPhys(iova)).isEmpty();
    }

    @Test
    void mappingFailsWhereTheDeviceWouldNotReachIt() {
        boot();
        long buffer = machine.allocate(K4);
        device.prepareReset();
        failing(() -> dma.mapSingle(buffer, K4, BOTH, 0), Errno.EBUSY);
        device.resetDone();
        long iova = dma.mapSingle(buffer, K4, BOTH, 0);
        try (var other = core.allocateDomain(device, Set.of())) {
            other.attach(device);
            failing(() -> dma.mapSingle(buffer, K4, BOTH, 0), Errno.EBUSY);
            dma.unmapSingle(iova, K4, BOTH, 0);
            other.detach(device);
        }
        failing(() -> dma.mapSingle(buffer, 0, BOTH, 0), Errno.EINVAL);
        failing(() -> dma.mapSingle(-K4, 2 * K4, BOTH, 0), Errno.EINVAL);
        failing(() -> dma.mapSingle(buffer, K4, BOTH, 1 << 30), Errno.EINVAL);
    }

    @Test
    void mappingsOutliveADriverOfTheUnit() {
        boot();
        long buffer = machine.allocate(K4);
        memory.set64(buffer, 11);
        long iova = dma.mapSingle(buffer, K4, BOTH, 0);
        core.removeDriver(entry);
        assertThat(reads(iova)).isFalse();
        failing(() -> dma.mapSingle(buffer, K4, BOTH, 0), Errno.ENODEV);
        core.addDriver(entry);
        assertThat(read64(iova)).isEqualTo(11);
        assertThat(dma.mapSingle(buffer, K4, BOTH, 0)).isNotEqualTo(iova);
        dma.unmapSingle(iova, K4, BOTH, 0);
        assertThat(reads(iova)).isFalse();
    }

    // ---- strict and lazy

    @Test
    void lazilyAnIovaIsUsedAgainOnlyWhenTheHardwareHasForgottenIt() {
        boot(DomainType.DMA_FQ);
        long old = machine.allocate(K4);
        long next = machine.allocate(K4);
        long iova = dma.mapSingle(old, K4, BOTH, 0);
        assertThat(reads(iova)).isTrue();
        dma.unmapSingle(iova, K4, BOTH, 0);
        int mappedMeanwhile = 0;
        long again;
        do { // as long as the device gets through by what the unit remembers, the IOVA is nobody else's
            boolean remembered = reads(iova);
            again = dma.mapSingle(next, K4, BOTH, 0);
            if (again == iova) {
                break;
            }
            mappedMeanwhile++;
            assertThat(again).isNotEqualTo(iova);
            assertThat(mappedMeanwhile).as("the timer, or 256 unmaps, end the wait").isLessThan(100_000);
            dma.unmapSingle(again, K4, BOTH, 0);
            assertThat(remembered || mappedMeanwhile > 1).as("it is remembered at first").isTrue();
        } while (true);
        memory.set64(next, 5);
        assertThat(read64(iova)).as("the new buffer, not the old one").isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource(value = DomainType.class, names = {"DMA", "DMA_FQ"})
    void noDeviceEverFindsAnOldBufferBehindANewIova(DomainType type) throws Exception {
        boot(type);
        var pool = Executors.newFixedThreadPool(3);
        try {
            var work = new ArrayList<Callable<Integer>>();
            for (int thread = 0; thread < 3; thread++) {
                int seed = thread;
                work.add(() -> mapAtRandom(seed));
            }
            for (var done : pool.invokeAll(work)) {
                assertThat(done.get()).isPositive();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(device.domain().orElseThrow().mappings()).as("nothing is left").isEmpty();
    }

    /** Each buffer holds its own address; whatever a new IOVA leads to must be what it was just mapped to. */
    private int mapAtRandom(int seed) {
        var random = new Random(seed);
        var live = new ArrayDeque<long[]>();
        long buffers = machine.allocate(64 * K4);
        for (int i = 0; i < 64; i++) {
            memory.set64(buffers + i * K4, buffers + i * K4);
        }
        int reused = 0;
        var seen = new HashSet<Long>();
        for (int i = 0; i < 2_000; i++) {
            int first = random.nextInt(56);
            long size = (1 + random.nextInt(8)) * K4;
            long buffer = buffers + first * K4;
            long iova = dma.mapSingle(buffer, size, BOTH, 0);
            reused += seen.add(iova) ? 0 : 1;
            for (long at = 0; at < size; at += K4) {
                assertThat(read64(iova + at)).as("behind %x", iova + at).isEqualTo(buffer + at);
            }
            live.addLast(new long[] {iova, size});
            while (live.size() > random.nextInt(20)) {
                unmapFirst(live);
            }
        }
        while (!live.isEmpty()) {
            unmapFirst(live);
        }
        return reused;
    }

    private void unmapFirst(Deque<long[]> live) {
        var range = live.removeFirst();
        dma.unmapSingle(range[0], range[1], BOTH, 0);
    }

    @Test
    void aGroupBecomesLazyWhileItsDriverMaps() {
        boot();
        device.bind(DeviceDriver.named("e1000e"));
        long buffer = machine.allocate(K4);
        long iova = dma.mapSingle(buffer, K4, BOTH, 0);
        device.group().orElseThrow().setDefaultType(Optional.of(DomainType.DMA_FQ));
        assertThat(reads(iova)).isTrue();
        dma.unmapSingle(iova, K4, BOTH, 0);
        assertThat(reads(iova)).as("remembered").isTrue();
        assertThat(dma.mapSingle(buffer, K4, BOTH, 0)).isNotEqualTo(iova);
    }

    // ---- scatter lists

    @Test
    void aScatterListIsOneRangeForTheDevice() {
        boot();
        var list = new ScatterList(2);
        var pages = new ArrayList<Long>();
        for (int i = 0; i < 8; i++) {
            long page = machine.allocate(K4);
            pages.add(page);
            memory.set64(page, i);
            machine.allocate(K4); // so that pages do not follow each other
            list.add(page, K4);
        }
        assertThat(dma.mapScatterList(list, BOTH, 0)).isEqualTo(1);
        assertThat(list.mappedLength(0)).isEqualTo(8 * K4);
        for (int i = 0; i < 8; i++) {
            assertThat(read64(list.iova(0) + i * K4)).isEqualTo(i);
        }
        failing(() -> dma.mapScatterList(list, BOTH, 0), Errno.EBUSY);
        long iova = list.iova(0);
        dma.unmapScatterList(list, BOTH, 0);
        for (int i = 0; i < 8; i++) {
            assertThat(reads(iova + i * K4)).isFalse();
        }
        failing(() -> dma.unmapScatterList(list, BOTH, 0), Errno.EINVAL);
    }

    @Test
    void piecesThatDoNotFillTheirPagesStayApart() {
        boot();
        long a = machine.allocate(2 * K4);
        long b = machine.allocate(K4);
        var list = new ScatterList(4).add(a + 0x800, 0x800).add(b, 0x400).add(a + K4, K4);
        assertThat(dma.mapScatterList(list, BOTH, 0)).isEqualTo(2);
        assertThat(list.iova(0) & 0xfff).isEqualTo(0x800);
        assertThat(list.mappedLength(0)).as("to the end of a page, and on from the start of one").isEqualTo(0xc00);
        assertThat(list.mappedLength(1)).isEqualTo(K4);
    }

    @Test
    void segmentsHonourLengthAndBoundary() {
        boot();
        long buffer = machine.allocate(64 * K4);
        dma.setMaxSegmentSize(4 * K4);
        var list = new ScatterList(64);
        for (int i = 0; i < 10; i++) {
            list.add(buffer + i * K4, K4);
        }
        assertThat(dma.mapScatterList(list, BOTH, 0)).isEqualTo(3);
        assertThat(List.of(list.mappedLength(0), list.mappedLength(1), list.mappedLength(2))).containsExactly(4 * K4, 4 * K4, 2 * K4);
        dma.unmapScatterList(list, BOTH, 0);
        list.clear();

        dma.setMaxSegmentSize(1 << 20);
        dma.setSegmentBoundary(8 * K4 - 1);
        var random = new Random(3);
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 10; i++) {
                int page = random.nextInt(60);
                list.add(buffer + page * K4 + random.nextInt(2) * 0x200, (1 + random.nextInt(4)) * K4 - 0x200 * random.nextInt(3));
            }
            int count = dma.mapScatterList(list, BOTH, 0);
            long sum = 0;
            for (int i = 0; i < count; i++) {
                long last = list.iova(i) + list.mappedLength(i) - 1;
                assertThat(last / (8 * K4)).as("range %x to %x", list.iova(i), last).isEqualTo(list.iova(i) / (8 * K4));
                sum += list.mappedLength(i);
            }
            long length = 0;
            for (int i = 0; i < list.size(); i++) {
                length += list.length(i);
            }
            assertThat(sum).isEqualTo(length);
            dma.unmapScatterList(list, BOTH, 0);
            list.clear();
            assertThat(device.domain().orElseThrow().mappings()).isEmpty();
        }
    }

    @Test
    void aScatterListThatCanNotBeMappedLeavesNothing() {
        boot();
        long buffer = machine.allocate(K4);
        var list = new ScatterList(2).add(buffer, K4).add(1L << 60, K4);
        failing(() -> dma.mapScatterList(list, BOTH, 0), Errno.EINVAL);
        assertThat(list.mapped()).isZero();
        assertThat(device.domain().orElseThrow().mappings()).isEmpty();
        failing(() -> dma.mapScatterList(new ScatterList(1), BOTH, 0), Errno.EINVAL);
        dma.setMask(DmaMapper.bits(16));
        var huge = new ScatterList(2).add(buffer, K4).add(4L << 30, 1 << 20);
        failing(() -> dma.mapScatterList(huge, BOTH, 0), Errno.ENOMEM);
    }

    // ---- devices that are not trusted, and those without translation

    @Test
    void whatLiesBesideABufferIsKeptFromADeviceThatIsNotTrusted() {
        bootWith("external-facing = 00:04.0", BEHIND_THE_PORT);
        assertThat(device.domain().map(Domain::type)).as("strict").contains(DomainType.DMA);
        long page = machine.allocate(K4);
        memory.write(page, new byte[] {1, 2, 3, 4}, 0, 4);
        long iova = dma.mapSingle(page + 1, 2, BOTH, 0);
        var seen = new byte[4];
        assertThat(readBy(device, iova, seen)).isEqualTo(DmaStatus.OK);
        assertThat(seen).as("the buffer, and zeros beside it").containsExactly(2, 3, 0, 0);
        writes(iova, 8, 9, 9, 9);
        assertThat(bytes(page, 4)).as("not before it is handed over").containsExactly(1, 2, 3, 4);
        dma.syncForCpu(iova, 2, BOTH);
        assertThat(bytes(page, 4)).containsExactly(1, 8, 9, 4);
        memory.write(page + 1, new byte[] {5}, 0, 1);
        dma.syncForDevice(iova, 2, BOTH);
        readBy(device, iova, seen);
        assertThat(seen[0]).isEqualTo((byte) 5);
        writes(iova + 1, 6);
        dma.unmapSingle(iova, 2, BOTH, 0);
        assertThat(bytes(page, 4)).containsExactly(1, 5, 6, 4);
        assertThat(reads(iova)).isFalse();
        failing(() -> dma.mapResource(0xfebf_0010L, 4, BOTH, 0), Errno.EINVAL);
        failing(() -> dma.mapSingle(page + 1, 2, BOTH, DmaAttributes.REQUIRE_COHERENT), Errno.EINVAL);
        failing(() -> dma.mapSingle(page + 1, dma.maxMappingSize() + 1, BOTH, 0), Errno.EINVAL);
        long whole = dma.mapSingle(page, K4, BOTH, 0);
        assertThat(device.domain().orElseThrow().iovaToPhys(whole)).as("whole pages are mapped").hasValue(page);
    }

    @Test
    void bounceBuffersRunOutAndComeBack() {
        bootWith("external-facing = 00:04.0", BEHIND_THE_PORT);
        long page = machine.allocate(K4);
        var iovas = new ArrayList<Long>();
        for (int round = 0; round < 3; round++) {
            failing(() -> {
                while (iovas.size() < 10_000) {
                    iovas.add(dma.mapSingle(page, 100, BOTH, 0));
                }
            }, Errno.ENOMEM);
            assertThat(iovas).hasSize((4 << 20) / 4096);
            iovas.forEach(iova -> dma.unmapSingle(iova, 100, BOTH, 0));
            iovas.clear();
        }
        var list = new ScatterList(3).add(page, 10).add(page + 20, 10);
        assertThat(dma.mapScatterList(list, DmaDirection.FROM_DEVICE, 0)).isEqualTo(2);
        writes(list.iova(1), 77);
        dma.unmapScatterList(list, DmaDirection.FROM_DEVICE, 0);
        assertThat(bytes(page + 20, 1)).containsExactly(77);
    }

    @Test
    void withoutTranslationAddressesArePhysicalOrBounced() {
        boot(DomainType.IDENTITY);
        long low = machine.allocate(K4);
        long high = 5L << 30;
        assertThat(dma.mapSingle(low + 4, 8, BOTH, 0)).isEqualTo(low + 4);
        dma.unmapSingle(low + 4, 8, BOTH, 0);
        memory.set64(high, 21);
        long iova = dma.mapSingle(high, 8, BOTH, 0);
        assertThat(iova).as("where 32 bits reach").isLessThan(1L << 32);
        assertThat(read64(iova)).isEqualTo(21);
        writes(iova, 22);
        dma.unmapSingle(iova, 8, BOTH, 0);
        assertThat(memory.get64(high)).isEqualTo(22);
        failing(() -> dma.mapResource(high, 8, BOTH, 0), Errno.EOVERFLOW);
        dma.setMask(DmaMapper.bits(64));
        assertThat(dma.mapSingle(high, 8, BOTH, 0)).isEqualTo(high);
        assertThat(dma.mapMsiDoorbell(0xfee0_0000L)).isEqualTo(0xfee0_0000L);
        var ring = dma.allocateCoherent(K4);
        assertThat(ring.iova()).isEqualTo(ring.address());
        dma.freeCoherent(ring);
    }

    @Test
    void whatABusDoesNotLetThroughIsNeverUsedWhateverTheDeviceCanName() {
        bootWith("dma-bits = 31", DEVICE);
        dma.setMask(DmaMapper.bits(64));
        long iova = dma.mapSingle(5L << 30, K4, BOTH, 0);
        assertThat(iova).isBetween(0x7000_0000L, 0x7fff_ffffL);
        assertThat(reads(iova)).isTrue();
        failing(() -> dma.mapSingle(0, 3L << 30, BOTH, 0), Errno.ENOSPC);
        var without = core.dmaMapper(core.devices().stream().filter(other -> other.state() == Device.State.NO_IOMMU).findFirst().orElseThrow());
        without.setMask(DmaMapper.bits(64));
        memory.set64(5L << 30, 23);
        long bounced = without.mapSingle(5L << 30, 8, BOTH, 0);
        assertThat(bounced).isLessThan(1L << 31);
        assertThat(memory.get64(bounced)).isEqualTo(23);
        failing(() -> without.mapResource(5L << 30, 8, BOTH, 0), Errno.EOVERFLOW);
    }

    @Test
    void aDeviceFromOutsideTranslatesNothingItself() {
        bootWith("external-facing = 00:04.0, 00:07.0", BEHIND_THE_PORT);
        assertThat(device.busDevice().untrusted()).isTrue();
        for (var function : machine.pci().devices()) {
            boolean outside = function.upstreamBridge().filter(bridge -> bridge.untrusted() || Set.of("0000:00:04.0", "0000:00:07.0")
                    .contains(bridge.name())).isPresent();
            assertThat(function.untrusted()).as(function.name()).isEqualTo(outside);
            if (outside) {
                assertThat(machine.pci().dmaConfigure(function).map(said -> said.atsSupported())).as("ATS of %s", function.name()).isNotEqualTo(Optional.of(true));
            }
        }
        assertThat(core.device("0000:00:04.0").busDevice()).isInstanceOfSatisfying(PciFunction.class,
                port -> assertThat(port.acsControl() & AcsCapability.TB.mask()).as("translation blocking").isEqualTo(port.acsCapabilities() & AcsCapability.TB.mask()));
        assertThat(core.device(DEVICE).busDevice().untrusted()).isFalse();
    }

    @Test
    void aDeviceWithoutIommuMapsByTheSameContract() {
        boot();
        var without = core.devices().stream().filter(other -> other.state() == Device.State.NO_IOMMU).findFirst().orElseThrow();
        long buffer = machine.allocate(K4);
        var its = core.dmaMapper(without);
        assertThat(its.mapSingle(buffer, K4, BOTH, 0)).isEqualTo(buffer);
        its.unmapSingle(buffer, K4, BOTH, 0);
        assertThat(its.mapSingle(5L << 30, K4, BOTH, 0)).isLessThan(1L << 32);
    }

    // ---- debug mode

    @Test
    void whatADriverForgotIsReportedWithThePlaceWhereItWasMapped() {
        boot();
        core.setDmaDebug(true);
        device.bind(DeviceDriver.named("e1000e"));
        long buffer = machine.allocate(2 * K4);
        long kept = dma.mapSingle(buffer, K4, BOTH, 0);
        long freed = dma.mapSingle(buffer, K4, BOTH, 0);
        dma.unmapSingle(freed, K4, BOTH, 0);
        device.unbind();
        assertThat(core.dmaReports()).singleElement().satisfies(report -> {
            assertThat(report.kind()).isEqualTo(Kind.LEAK);
            assertThat(report.device()).isEqualTo(DEVICE);
            assertThat(report.message()).contains(Long.toHexString(kept));
            assertThat(report.madeAt().get(0).getMethodName()).isEqualTo("whatADriverForgotIsReportedWithThePlaceWhereItWasMapped");
        });
    }

    @Test
    void misuseIsReported() {
        boot();
        core.setDmaDebug(true);
        long buffer = machine.allocate(2 * K4);
        long iova = dma.mapSingle(buffer, K4, DmaDirection.TO_DEVICE, 0);
        dma.syncForCpu(iova, 2 * K4, DmaDirection.TO_DEVICE);
        dma.syncForCpu(iova, 8, DmaDirection.FROM_DEVICE);
        dma.unmapSingle(iova, K4, DmaDirection.FROM_DEVICE, 0);
        failing(() -> dma.unmapSingle(iova, K4, DmaDirection.TO_DEVICE, 0), Errno.EINVAL);
        long registers = dma.mapResource(0xfebf_0000L, K4, BOTH, 0);
        dma.unmapSingle(registers, K4, BOTH, 0);
        assertThat(core.dmaReports()).extracting(Report::kind).containsExactly(Kind.WRONG_SIZE, Kind.WRONG_DIRECTION, Kind.WRONG_DIRECTION,
                Kind.NOT_MAPPED, Kind.WRONG_FUNCTION);
        long whole = dma.mapSingle(buffer, 2 * K4, BOTH, 0);
        failing(() -> dma.unmapSingle(whole, K4, BOTH, 0), Errno.EINVAL);
        assertThat(reads(whole)).as("nothing was unmapped by halves").isTrue();
    }
}
