package sluicegate.qemu.qtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.qemu.process.Programs;
import sluicegate.qemu.process.QemuProcess;

/** A conversation with a program that answers as QEMU would, or does not. */
class QtestChannelTest {
    @TempDir
    Path folder;

    private final List<String> witnessed = new ArrayList<>();
    private QemuProcess process;
    private QtestChannel channel;

    /** Talks to a shell script. */
    private void talkTo(String script, Duration patience) {
        Assumptions.assumeTrue(Programs.ofHost().find("setpriv").isPresent(), "setpriv is not on the PATH");
        var said = folder.resolve("said");
        process = new QemuProcess("test", Programs.ofHost(), List.of("/bin/sh", "-c", script), said);
        channel = new QtestChannel("test", process, said, line -> line.startsWith("event") && witnessed.add(line.toString()),
                patience);
    }

    @AfterEach
    void close() {
        if (channel != null) {
            channel.close();
            process.close();
            assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().contains("-test-keeper"));
        }
    }

    private int read32() {
        channel.begin();
        try {
            int request = channel.read32(0x1000);
            channel.run();
            return (int) channel.value(request);
        } finally {
            channel.end();
        }
    }

    private IommuException failure() {
        try {
            read32();
        } catch (IommuException e) {
            return e;
        }
        throw new AssertionError("no failure");
    }

    @Test
    void aGroupIsSentAtOnceAndAnsweredInOrder() {
        // It answers only when it has got all three.
        talkTo("read a; read b; read c; echo OK; echo 'OK 0x00000000000000ff'; echo \"OK 0x$((1+1))\"; cat", Duration.ofSeconds(20));
        channel.begin();
        channel.write32(0x10, -1);
        int first = channel.read32(0x14);
        int second = channel.read64(0x18);
        channel.run();
        assertThat(channel.value(first)).isEqualTo(0xff);
        assertThat(channel.value(second)).isEqualTo(2);
        channel.end();
    }

    @Test
    void requestsAreSpelledAsQemuReadsThem() {
        talkTo("while read line; do echo \"event $line\" >&2; echo OK; done", Duration.ofSeconds(20));
        channel.begin();
        channel.write32(0xfed9_0018L, 0x8000_0000);
        channel.write64(0, -1);
        channel.write16(2, 0x1_2345);
        channel.out32(0xcf8, 0);
        channel.read8(0x7fL << 40);
        channel.run();
        channel.end();
        assertThat(witnessed).containsExactly("event writel 0xfed90018 0x80000000", "event writeq 0x0 0xffffffffffffffff",
                "event writew 0x2 0x2345", "event outl 0xcf8 0x0", "event readb 0x7f0000000000");
    }

    @Test
    void whatIsSaidBesideIsWitnessedBeforeTheCallReturns() {
        talkTo("while read line; do echo event one >&2; echo 'IRQ raise 3'; echo OK 0x7; done", Duration.ofSeconds(20));
        assertThat(read32()).isEqualTo(7);
        assertThat(witnessed).containsExactly("event one");
        assertThat(read32()).isEqualTo(7);
        assertThat(witnessed).hasSize(2);
    }

    @Test
    void muchThatIsSaidTakesNoRoomForEver() {
        talkTo("while read line; do yes 'event of a rather long name that fills the file' | head -40000 >&2; echo OK 0x7; done",
                Duration.ofSeconds(20));
        for (int i = 1; i <= 4; i++) {
            read32();
            assertThat(witnessed).hasSize(40_000 * i).allMatch(line -> line.endsWith("the file"));
        }
        assertThat(folder.resolve("said").toFile().length()).isLessThan(8L << 20);
    }

    @Test
    void aRefusalIsAnErrorOfThatRequest() {
        talkTo("read a; echo FAIL Unknown command; read b; echo OK 0x5; cat", Duration.ofSeconds(20));
        assertThat(failure()).hasMessageContaining("FAIL Unknown command").extracting(IommuException::errno).isEqualTo(Errno.EIO);
        assertThat(read32()).isEqualTo(5);
    }

    @Test
    void aDeathIsToldWithItsStatusAndLastWords() {
        talkTo("read a; echo 'qemu-system: it is over' >&2; exit 3", Duration.ofSeconds(20));
        assertThat(failure()).hasMessageContaining("test: QEMU ended with status 3; it said: qemu-system: it is over")
                .extracting(IommuException::errno).isEqualTo(Errno.EIO);
        assertThat(channel.death()).hasValueSatisfying(death -> assertThat(death).contains("status 3"));
        assertThat(failure()).as("from now on").hasMessageContaining("status 3");
    }

    @Test
    void aDeathIsNoticedThoughNobodyAsks() {
        talkTo("exit 4", Duration.ofSeconds(20));
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (channel.death().isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
        assertThat(channel.death()).hasValue("QEMU ended with status 4");
    }

    @Test
    void soIsOneThatCameBeforeAnybodyWatched() {
        Assumptions.assumeTrue(Programs.ofHost().find("setpriv").isPresent(), "setpriv is not on the PATH");
        var said = folder.resolve("said");
        process = new QemuProcess("test", Programs.ofHost(), List.of("/bin/sh", "-c", "exit 4"), said);
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().contains("-test-keeper"))) {
            assertThat(System.nanoTime()).isLessThan(end);
        }
        channel = new QtestChannel("test", process, said, line -> false, Duration.ofSeconds(20));
        assertThat(channel.death()).hasValue("QEMU ended with status 4");
    }

    @Test
    void silenceEndsInAnErrorAndInTheEndOfTheProcess() {
        talkTo("read a; exec sleep 1000", Duration.ofMillis(300));
        assertThat(failure()).hasMessageContaining("did not answer within 300 ms");
        assertThat(process.status()).isPresent();
    }

    @Test
    void nonsenseEndsInAnError() {
        talkTo("read a; echo OKAY; read b; yes | tr -d '\\n'", Duration.ofSeconds(20));
        assertThat(read32()).isZero();
        assertThat(failure()).extracting(IommuException::errno).isEqualTo(Errno.EIO);
    }

    @Test
    void anInterruptedThreadDoesNotBreakTheConversation() {
        talkTo("while read line; do echo OK 0x7; done", Duration.ofSeconds(20));
        Thread.currentThread().interrupt();
        assertThat(read32()).isEqualTo(7);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(read32()).isEqualTo(7);
    }

    @Test
    void afterTheEndTheMachineIsOff() {
        talkTo("while read line; do echo OK 0x7; done", Duration.ofSeconds(20));
        channel.close();
        assertThatThrownBy(this::read32)
                .isInstanceOfSatisfying(IommuException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
    }
}
