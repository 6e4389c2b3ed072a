package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;

/** DMA at the same time as invalidation: after a wait descriptor completes, no DMA uses what was removed. */
class DrainTest {
    private static final long IOVA = 0x1000;
    private static final int ROUNDS = 3_000;
    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aWaitDescriptorWaitsForADmaThatWasTranslatedBefore() throws Exception {
        rig.start();
        int ticket = rig.unit.inFlight().enter();
        var completed = CompletableFuture.runAsync(() -> {
            rig.put(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0), 0);
            rig.submitWait(1);
        });
        rig.awaitHead(16);
        // A later DMA passes while the drain is still waiting for the earlier one.
        for (int i = 0; i < 1_000; i++) {
            rig.unit.inFlight().exit(rig.unit.inFlight().enter());
        }
        assertThat(rig.memory.get32(Rig.STATUS)).isZero();
        assertThat(completed).isNotDone();
        rig.unit.inFlight().exit(ticket);
        completed.get(10, TimeUnit.SECONDS);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(1);
    }

    @Test
    void aFaultCanBeRecordedWhileADrainWaitsForIt() throws Exception {
        rig.start();
        int ticket = rig.unit.inFlight().enter();
        var completed = CompletableFuture.runAsync(() -> {
            rig.put(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0), 0);
            rig.submitWait(1);
        });
        rig.awaitHead(16);
        assertThat(rig.request(0x7000, RequestAccess.READ)).isEqualTo(-6);
        rig.unit.inFlight().exit(ticket);
        completed.get(10, TimeUnit.SECONDS);
    }

    /**
     * One thread maps a page, unmaps it, invalidates and counts up; two others do DMA to it. A DMA that began after the count
     * went up must not find the page of before.
     */
    @Test
    void noStaleTranslationSurvivesAnInvalidation() throws Exception {
        rig.start();
        var oldest = new AtomicLong(1);
        var stop = new AtomicBoolean();
        var stale = new AtomicLong();
        long entry = rig.entry(Rig.DID, IOVA, 1, 0x1000 | Rig.RW);
        var devices = new CompletableFuture<?>[2];
        for (int i = 0; i < devices.length; i++) {
            devices[i] = CompletableFuture.runAsync(() -> {
                while (!stop.get()) {
                    int ticket = rig.unit.inFlight().enter();
                    long floor = oldest.get();
                    long page = rig.request(IOVA, RequestAccess.WRITE) >>> 12;
                    if (page < floor) {
                        stale.incrementAndGet();
                    }
                    rig.unit.inFlight().exit(ticket);
                }
            });
        }
        for (int page = 2; page < ROUNDS; page++) {
            rig.memory.set64Release(entry, (long) page << 12 | Rig.RW);
            rig.put(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), IOVA);
            rig.submitWait(page);
            assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(page);
            oldest.set(page);
        }
        stop.set(true);
        CompletableFuture.allOf(devices).get(10, TimeUnit.SECONDS);
        assertThat(stale).hasValue(0);
    }
}
