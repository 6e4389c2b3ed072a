package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Fault;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;

/** What serves faults and translations gets its answers while all locks are held by a driver that takes its time. */
class LookUpsWithoutLockTest extends CoreFixture {
    private final CountDownLatch inDriver = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private void takeTime() {
        inDriver.countDown();
        try {
            assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private CompletableFuture<Void> elsewhere(Runnable task) {
        return CompletableFuture.runAsync(task, threads);
    }

    private void inTime(Runnable lookUps) throws Exception {
        elsewhere(lookUps).get(10, TimeUnit.SECONDS);
    }

    @Test
    void whileADriverAttaches() throws Exception {
        machine.bus.put(machine.bus.pci("00:02.0").pasids(8), dmar0);
        driver.maxPasids = 256;
        boot();
        var before = device("00:02.0").domain().orElseThrow();
        var withPasid = domainFor("00:02.0");
        withPasid.attach(device("00:02.0"), 5);
        var domain = domainFor("00:02.0");
        driver.onAttach = (context, part) -> takeTime();
        var attaching = elsewhere(() -> domain.attach(device("00:02.0"))); // holds the group's mutex
        inDriver.await();
        var heard = new ArrayList<Fault>();
        core.addListener(heard::add);
        try {
            inTime(() -> {
                var device = (CoreDevice) device("00:02.0");
                assertThat(device.unit()).isPresent();
                assertThat(device.requireBound().binding().ops()).isNotNull();
                assertThat(device.domain()).as("until the hardware has the new one").contains(before);
                assertThat(device.requireGroup().domainOf(5)).containsSame((CoreDomain) withPasid);
                assertThat(device.requireGroup().owner()).isEmpty();
                assertThat(device.reservedRegions()).isEmpty();
                assertThat(before.iovaToPhys(0x1000)).isEmpty();
                driver.faults("dmar0").fault(new FaultRecord(0x10, Pasid.NONE, 0x1000, Access.READ, 6, "NO", "no"));
            });
        } finally {
            goOn.countDown();
        }
        attaching.get(10, TimeUnit.SECONDS);
        assertThat(heard).extracting(fault -> fault.device().orElse("?")).containsExactly("0000:00:02.0");
        assertThat(device("00:02.0").domain()).contains(domain);
        domain.detach(device("00:02.0"));
    }

    @Test
    void whileADriverProbesAndMaps() throws Exception {
        machine.bus.put("00:02.0", dmar0);
        boot();
        var domain = domainFor("00:02.0");
        domain.map(0x10000, 0x50000, K4, 3);
        driver.onCall = operation -> {
            if (operation.equals("iotlbSyncMap")) {
                takeTime();
            }
        };
        var mapping = elsewhere(() -> domain.map(0x20000, 0, K4, 3)); // holds the domain's mutex
        inDriver.await();
        var probing = new CountDownLatch(1);
        driver.onProbeDevice = context -> {
            probing.countDown();
            takeTime();
        };
        var adding = elsewhere(() -> machine.bus.put("00:03.0", dmar0)); // holds the probe lock
        probing.await();
        try {
            inTime(() -> {
                assertThat(domain.iovaToPhys(0x10008)).hasValue(0x50008);
                assertThat(device("00:02.0").domain()).isPresent();
                assertThat(core.group(0).devices()).hasSize(1);
                driver.faults("dmar0").fault(new FaultRecord(0x10, Pasid.NONE, 0x1000, Access.READ, 6, "NO", "no"));
                assertThat(core.recentFaults()).hasSize(1);
            });
        } finally {
            goOn.countDown();
        }
        mapping.get(10, TimeUnit.SECONDS);
        adding.get(10, TimeUnit.SECONDS);
        domain.close();
    }
}
