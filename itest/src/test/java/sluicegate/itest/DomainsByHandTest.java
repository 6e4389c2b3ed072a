package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device is moved between domains of all stages at one prompt, while {@code iommu:dma} runs at another. */
class DomainsByHandTest extends ShellTest {
    private static final int ROUNDS = 5;

    private FrameworkMachine rig;
    private CommandSession shell;

    @BeforeEach
    void powerOn() {
        rig = boot("q35-vtd-scalable", FrameworkMachine.DEVICE);
        shell = session(OutputStream.nullOutputStream());
    }

    @AfterEach
    void powerOff() {
        shell.close();
        rig.close();
    }

    /** The IOVA is a physical address, so that the device means the same page when it passes through. */
    @Test
    void everyKindIsReachedFromEveryOtherAndNoDmaIsRefused() throws Exception {
        long page = allocate(1);
        var iova = "0x" + Long.toHexString(page);
        long tables = allocate(4);
        say(shell, "type 00:05.0 identity");
        var domains = new ConcurrentHashMap<>(Map.of("first", allocated("domain-alloc 00:05.0"),
                "second", allocated("domain-alloc 00:05.0 --for dirty-tracking"),
                "parent", allocated("domain-alloc 00:05.0 --for nest-parent")));
        for (var name : domains.values()) {
            say(shell, String.format("map %s %s %s 4K rw", name, iova, iova));
        }
        say(shell, String.format("map %s 0x%x 0x%x 16K rw", domains.get("parent"), tables, tables));
        for (int level = 0; level < 4; level++) {
            long table = tables + 4096L * level;
            long next = level == 3 ? page : table + 4096;
            rig.machine.memory().set64(table + (page >>> 39 - 9 * level & 0x1ff) * 8, next | 7);
        }
        domains.put("nested", allocated(String.format("domain-alloc 00:05.0 --type nested --parent %s --tables 0,0x%x,48",
                domains.get("parent"), tables)));
        var refused = new ConcurrentLinkedQueue<String>();
        var over = new AtomicBoolean();
        var transfers = new AtomicInteger();
        var dma = Executors.newSingleThreadExecutor();
        try {
            dma.execute(() -> transferUntil(over, iova, transfers, refused));
            for (int i = 0; i < ROUNDS; i++) {
                for (var kind : new String[] {"first", "second", "nested", "parent"}) {
                    assertThat(say(shell, "attach " + domains.get(kind) + " 00:05.0")).contains("is attached to " + domains.get(kind));
                    say(shell, "dma 00:05.0 write " + iova + " " + String.format("%02x", 0x10 + i));
                    assertThat(rig.memory(page, 1)[0]).isEqualTo((byte) (0x10 + i));
                    assertThat(say(shell, "detach 00:05.0")).contains("identity");
                }
            }
        } finally {
            over.set(true);
            dma.shutdown();
            assertThat(dma.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(refused).isEmpty();
        assertThat(transfers.get()).as("transfers meanwhile").isPositive();
    }

    private void transferUntil(AtomicBoolean over, String iova, AtomicInteger transfers, Queue<String> refused) {
        try (var other = session(OutputStream.nullOutputStream())) {
            while (!over.get()) {
                try {
                    say(other, "dma 00:05.0 read " + iova + " 1");
                    transfers.incrementAndGet();
                } catch (Exception e) {
                    refused.add(e.getMessage());
                }
            }
        }
    }

    private String allocated(String command) throws Exception {
        return say(shell, command).split(":")[0];
    }

    private long allocate(int pages) throws Exception {
        var answer = say(shell, "mem q35-vtd-scalable alloc " + 4 * pages + "K");
        return Long.decode(answer.substring(answer.lastIndexOf("0x")).strip());
    }
}
