package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.CfgiSteCommand;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.SyncCommand;

/** DMA at the same time as invalidation: after a CMD_SYNC completes, no DMA uses what was removed. */
class DrainTest {
    private static final long IOVA = 0x1000;
    private static final long MESSAGE = 0x60_0000;
    private static final int ROUNDS = 1_000;
    private final Rig rig = new Rig();
    private final Rig.Space[] spaces = {rig.stage1Space(), rig.stage1Space()};

    @AfterEach
    void close() {
        rig.close();
    }

    private void sync(int data) {
        long low = SyncCommand.CS.set(CommandOpcode.SYNC, SyncCommand.CS_IRQ);
        rig.command(SyncCommand.MSIDATA.set(low, data), MESSAGE);
    }

    private CompletableFuture<Void> invalidating() {
        return CompletableFuture.runAsync(() -> {
            rig.command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
            sync(1);
        });
    }

    private static void await(String otherwise, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(otherwise).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    @Test
    void aSyncWaitsForADmaThatWasTranslatedBefore() throws Exception {
        rig.stage1(rig.stage1Space()).start();
        int ticket = rig.unit.inFlight().enter();
        var completed = invalidating();
        await("the queue does not move", () -> rig.read(CmdqConsRegister.OFFSET) == 1);
        // A later DMA passes while the drain is still waiting for the earlier one, and may fault.
        rig.unit.inFlight().exit(rig.unit.inFlight().enter());
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-EventType.F_TRANSLATION.code());
        assertThat(rig.memory.get32(MESSAGE)).isZero();
        assertThat(completed).isNotDone();
        rig.unit.inFlight().exit(ticket);
        completed.get(10, TimeUnit.SECONDS);
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
    }

    /**
     * One thread changes a page, invalidates and counts up; two others do DMA to it. A DMA that began after the count went up
     * must not find the page of before.
     */
    @ParameterizedTest
    @ValueSource(strings = {"stage 1", "stage 2 of two", "entry"})
    void nothingStaleSurvivesAnInvalidation(String changed) throws Exception {
        rig.start();
        var stage1 = rig.stage1Space();
        long entry = setUp(changed, stage1);
        var oldest = new AtomicLong(0);
        var stop = new AtomicBoolean();
        var stale = new AtomicLong();
        var done = new AtomicLong();
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
                    done.incrementAndGet();
                }
            });
        }
        await("devices do not start", () -> done.get() > 100);
        for (int page = 0x100; page < 0x100 + ROUNDS; page++) {
            change(changed, entry, page);
            sync(page);
            assertThat(rig.memory.get32(MESSAGE)).isEqualTo(page);
            oldest.set(page);
        }
        stop.set(true);
        CompletableFuture.allOf(devices).get(10, TimeUnit.SECONDS);
        assertThat(stale).hasValue(0);
    }

    /** Returns where the word is that changes. */
    private long setUp(String changed, Rig.Space stage1) {
        if (!changed.equals("stage 2 of two")) {
            rig.stage1(stage1);
            return changed.equals("entry") ? Rig.steAddress(Rig.SID) : stage1.page(IOVA, 0x10_0000 | Rig.USER);
        }
        var stage2 = rig.stage2Space();
        stage2.set(0, 1, Rig.S2_BLOCK);
        rig.put(Rig.CONTEXTS, Rig.context(stage1, Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.nestedEntry(Rig.CONTEXTS, stage2, Rig.VMID));
        stage1.page(IOVA, 0x4000_0000L | Rig.USER);
        return stage2.page(0x4000_0000L, 0x10_0000 | Rig.S2_PAGE);
    }

    private void change(String changed, long place, int page) {
        long address = (long) page << 12;
        switch (changed) {
            case "stage 1" -> {
                rig.memory.set64Release(place, address | Rig.USER);
                rig.command(CommandOpcode.TLBI_NH_ALL, 0, 0);
            }
            case "stage 2 of two" -> {
                rig.memory.set64Release(place, address | Rig.S2_PAGE);
                rig.command(CommandOpcode.TLBI_S2_IPA, (long) Rig.VMID << 32, 0x4000_0000L);
                rig.command(CommandOpcode.TLBI_NH_ALL, (long) Rig.VMID << 32, 0);
            }
            default -> {
                // Another descriptor with another ASID: a hit of the one before would tell.
                long context = Rig.CONTEXTS + page % 64 * 64L;
                var space = spaces[page % 2];
                space.page(IOVA, address | Rig.USER);
                rig.put(context, Rig.context(space, page));
                rig.memory.set64Release(place, context | StreamTableEntry.CONFIG.set(1, StreamTableEntry.CONFIG_S1));
                rig.command(CommandOpcode.CFGI_STE, CfgiSteCommand.STREAMID.set(0, Rig.SID), 1);
            }
        }
    }
}
