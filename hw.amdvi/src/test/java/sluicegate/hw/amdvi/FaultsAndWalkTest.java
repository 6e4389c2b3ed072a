package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.hw.amdvi.Rig.RW;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Access;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.api.types.WalkStep;
import sluicegate.firmware.AmdviFlag;
import sluicegate.hw.common.rig.TestDevice;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.PprLogBaseRegister;

class FaultsAndWalkTest {
    private static final int NIC = 0x0118;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFaultReachesTheCoreByInterrupt(boolean full) throws Exception {
        try (var rig = full ? Rig.full() : Rig.minimal()) {
            var unit = rig.startInRealTime();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, Prot.READ);
            assertThat(rig.write(NIC, 0x1000)).isNegative();
            await(() -> rig.sink.faults.size() == 1);
            var fault = rig.sink.faults.get(0);
            assertThat(fault.name()).isEqualTo("IO_PAGE_FAULT");
            assertThat(fault.sourceId()).isEqualTo(NIC);
            assertThat(fault.access()).isEqualTo(Access.WRITE);
            assertThat(fault.iova()).isEqualTo(0x1000);
            assertThat(fault.reason()).contains("the permission is missing");
        }
    }

    /** @param how what the unit has to send interrupts with */
    @ParameterizedTest
    @EnumSource(names = {"MSI_REGISTERS", "X2APIC", "IOTLB"})
    void aUnitWithoutAFunctionInterruptsByItsRegisters(AmdviFlag how) throws Exception {
        try (var rig = Rig.with(AmdviFlag.INVALIDATE_ALL, how).property("pci-function", "0000:00:1f.7")) {
            // As firmware that uses x2APIC may have left it.
            rig.registers().write64(ControlRegister.OFFSET, ControlRegister.INTCAPXTEN.mask());
            var unit = rig.startInRealTime();
            rig.read(NIC, 0x5000);
            if (how == AmdviFlag.IOTLB) {
                // With neither, whoever waits for a device reads the log.
                assertThat(rig.sink.faults).isEmpty();
                unit.leave(LeavePolicy.BLOCK);
            }
            await(() -> rig.sink.faults.size() == 1);
            assertThat(ControlRegister.INTCAPXTEN.isSet(rig.registers().read64(ControlRegister.OFFSET)))
                    .isEqualTo(how == AmdviFlag.X2APIC);
        }
    }

    @Test
    void x2apicRegistersThatFirmwareLeftOnAreOffWhereMessagesAreSent() throws Exception {
        try (var rig = Rig.full()) {
            rig.registers().write64(ControlRegister.OFFSET, ControlRegister.INTCAPXTEN.mask());
            rig.startInRealTime();
            rig.read(NIC, 0x5000);
            await(() -> rig.sink.faults.size() == 1);
        }
    }

    /** Erratum 733: software sees the pointer and the interrupt before the record is in memory. */
    @Test
    void recordsThatReachMemoryAfterTheirInterruptsAreTaken() throws Exception {
        var looks = new ConcurrentHashMap<Long, AtomicInteger>();
        try (var rig = Rig.full()) {
            rig.memory(real -> (PhysicalMemory) Proxy.newProxyInstance(getClass().getClassLoader(),
                    new Class<?>[] {PhysicalMemory.class}, (proxy, method, args) -> {
                        boolean late = method.getName().equals("get64Acquire") && isInLog(rig, (long) args[0])
                                && real.get64((long) args[0]) != 0
                                && looks.computeIfAbsent((long) args[0], place -> new AtomicInteger()).incrementAndGet() <= 3;
                        return late ? 0L : method.invoke(real, args);
                    }));
            var unit = rig.startInRealTime();
            var gpu = Rig.probed(unit, new TestDevice("gpu").withTlb(16), NIC);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            Rig.guest(unit, gpu).setDevPasid(gpu, 7, Optional.empty());
            rig.read(NIC + 1, 0x5000);
            rig.model().requestPage(NIC, 7, 0x6000, RequestAccess.READ, 1, true);
            await(() -> rig.sink.faults.size() == 1 && rig.sink.requests.size() == 1);
            assertThat(rig.sink.faults.get(0).iova()).isEqualTo(0x5000);
            assertThat(rig.sink.requests.get(0).iova()).isEqualTo(0x6000);
            assertThat(looks).hasSize(2);
        }
    }

    private static boolean isInLog(Rig rig, long address) {
        return IntStream.of(EventLogBaseRegister.OFFSET, PprLogBaseRegister.OFFSET)
                .mapToLong(register -> EventLogBaseRegister.EVENTBASE.inPlace(rig.registers().read64(register)))
                .anyMatch(base -> base != 0 && address >= base && address < base + 512 * 16);
    }

    @Test
    void aLogThatRanFullGoesOnAfterwards() throws Exception {
        try (var rig = Rig.full()) {
            var unit = rig.startInRealTime();
            for (int i = 0; i < 3000; i++) {
                rig.read(NIC + i % 7, 0x1000L * i);
            }
            await(() -> rig.sink.faults.size() + rig.sink.overflows.get() > 0);
            unit.takePageRequests();
            await(() -> {
                rig.read(NIC, 0xabc_d000L);
                return List.copyOf(rig.sink.faults).stream().anyMatch(fault -> fault.iova() == 0xabc_d000L);
            });
        }
    }

    /**
     * Devices ask from several threads while the driver gets no further, so that the log runs full and is restarted again and again. A
     * request that nobody answers would be one for which its device waits for ever.
     */
    @Test
    void everyPageRequestIsReportedOrAnsweredHoweverOftenTheLogRunsFull() throws Exception {
        try (var rig = Rig.full()) {
            var unit = rig.startInRealTime();
            var gpu = Rig.probed(unit, new TestDevice("gpu").withTlb(16), NIC);
            unit.identityDomain().orElseThrow().attachDev(gpu, Optional.empty());
            Rig.guest(unit, gpu).setDevPasid(gpu, 7, Optional.empty());
            rig.told.clear();
            int each = 1000;
            for (int round = 1; round <= 3; round++) {
                var threads = IntStream.range(0, 3).mapToObj(thread -> new Thread(() -> {
                    for (int i = 0; i < each; i++) {
                        rig.model().requestPage(NIC, 7, 0x1000L * i, RequestAccess.READ, i & 0x1ff, true);
                        if (i % 100 == 0) {
                            rig.read(NIC + 1, 0x1000L * i);
                        }
                    }
                })).toList();
                // Whoever hands a request on waits here.
                synchronized (rig.sink.requests) {
                    threads.forEach(Thread::start);
                    for (var thread : threads) {
                        thread.join();
                    }
                    assertThat(rig.told.size()).as("answered by hardware").isGreaterThan(round * (3 * each - 2 * 512));
                }
                int asked = round * 3 * each;
                await(() -> {
                    unit.takePageRequests();
                    return rig.sink.requests.size() + rig.told.size() == asked;
                });
            }
            assertThat(rig.told).allMatch(answer -> answer.startsWith("answer 0118 7 ") && answer.endsWith(" 0"));
            assertThat(rig.sink.overflows.get()).isGreaterThanOrEqualTo(3);
            rig.model().requestPage(NIC, 7, 0xabc_d000L, RequestAccess.READ, 1, true);
            await(() -> rig.sink.requests.get(rig.sink.requests.size() - 1).iova() == 0xabc_d000L);
            await(() -> rig.sink.faults.size() == 90);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting in vain").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void aWalkShowsWhatHardwareReads() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            assertThat(last(unit.walk(nic, Pasid.NONE, 0x1000))).contains("nothing is permitted");
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, Prot.READ);
            var steps = unit.walk(nic, Pasid.NONE, 0x1008);
            assertThat(steps).hasSize(5);
            assertThat(last(steps)).isEqualTo("0x200008, permissions rx, in a page of 0x1000");
            assertThat(last(unit.walk(nic, Pasid.NONE, 0x2000))).contains("not present").contains("IO_PAGE_FAULT");
            assertThat(last(unit.walk(nic, Pasid.NONE, 1L << 40))).contains("too large for 3 levels");
            assertThat(last(unit.walk(nic, 5, 0x1000))).contains("no table of PASIDs");
            domain.mapPages(0x1_0000, 0x30_0000, 0x8000, 1, RW);
            assertThat(last(unit.walk(nic, Pasid.NONE, 0x1_5008))).isEqualTo("0x305008, permissions rwx, in a page of 0x8000");
            unit.identityDomain().orElseThrow().attachDev(nic, Optional.empty());
            assertThat(last(unit.walk(nic, Pasid.NONE, 0x1234))).contains("0x1234 is the physical address");
        }
    }

    @Test
    void aWalkGoesThroughTheTableOfPasids() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var gpu = Rig.probed(unit, new TestDevice("gpu").withTlb(16), NIC);
            var domain = Rig.guest(unit, gpu);
            domain.attachDev(gpu, Optional.empty());
            domain.setDevPasid(gpu, 0x1234, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            var steps = unit.walk(gpu, 0x1234, 0x1008);
            assertThat(steps).as("register, entry, two GCR3 levels, five guest levels").hasSize(9);
            assertThat(last(steps)).isEqualTo("0x200008, permissions rwx, in a page of 0x1000");
            assertThat(last(unit.walk(gpu, Pasid.NONE, 0x1000))).startsWith("0x200000");
            assertThat(last(unit.walk(gpu, 0x1235, 0x1000))).contains("not valid");
            assertThat(last(unit.walk(gpu, 0x4_0000, 0x1000))).contains("too large");
            assertThat(last(unit.walk(gpu, 0x1234, 1L << 60))).contains("not canonical");
            assertThat(rig.model().translate(NIC, 0x1234, 0x1008, RequestAccess.READ)).isEqualTo(0x20_0008);
        }
    }

    /** Whichever bit is wrong, of the device table entry, of a table's entry or of the page's. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWalkSaysWhatHardwareDoesWithEveryBitInverted(boolean full) {
        try (var rig = full ? Rig.full() : Rig.minimal()) {
            var unit = rig.start();
            var nic = Rig.device(unit, "nic", NIC);
            var domain = Rig.host(unit, nic);
            domain.attachDev(nic, Optional.empty());
            Rig.map(domain, 0x1000, 0x20_0000, 1, RW);
            var steps = unit.walk(nic, Pasid.NONE, 0x1000);
            for (var step : steps.subList(1, steps.size())) {
                for (int bit = 0; bit < 64 * Math.min(2, step.words().size()); bit++) {
                    long place = step.address() + 8 * (bit / 64);
                    long good = rig.memory().get64(place);
                    rig.memory().set64(place, good ^ 1L << bit);
                    // Nothing is cached: no request has come yet.
                    var foretold = rig.model().probe(NIC, Pasid.NONE, 0x1000, Access.READ);
                    String said = last(unit.walk(nic, Pasid.NONE, 0x1000));
                    String what = "bit " + bit + " of the " + step.entry();
                    if (foretold instanceof Translation.Mapped mapped) {
                        assertThat(said).as(what).contains(Hex.of(mapped.address()));
                    } else if (foretold instanceof Translation.Fault fault) {
                        assertThat(said).as(what).satisfiesAnyOf(text -> assertThat(text).contains(fault.name()),
                                text -> assertThat(text).contains("permissions").doesNotContain("permissions r"));
                    }
                    rig.memory().set64(place, good);
                }
            }
        }
    }

    @Test
    void registersAreShownWithTheirFields() {
        try (var rig = Rig.full()) {
            var unit = rig.start();
            var control = unit.registers().stream().filter(register -> register.offset() == 0x18).findFirst().orElseThrow();
            assertThat(control.fields()).anyMatch(field -> field.name().equals("IOMMUEN") && field.value() == 1);
            assertThat(control.fields()).anyMatch(field -> field.name().equals("INVTIMEOUT") && field.meaning().equals("1 s"));
        }
    }

    private static String last(List<WalkStep> steps) {
        return steps.get(steps.size() - 1).outcome();
    }
}
