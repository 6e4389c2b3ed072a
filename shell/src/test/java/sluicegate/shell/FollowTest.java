package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Fault;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;

class FollowTest {
    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() {
        shell.close();
    }

    /** Reports until somebody listens: there is no telling from outside when the command has begun to. */
    private void reportWhile(Thread reader) {
        while (reader.isAlive()) {
            shell.iommu.report(new Fault("dmar0", Optional.of("0000:00:05.0"), 0x28, Pasid.NONE, 0x1000, Access.READ, 6,
                    "READ_NOT_PERMITTED", "no read", Instant.EPOCH));
            Thread.onSpinWait();
        }
    }

    @Test
    void faultsArePrintedAsTheyComeUntilThereWereEnough() throws Exception {
        var failure = new CompletableFuture<Exception>();
        var reader = new Thread(() -> {
            try {
                shell.execute("iommu:faults --follow --count 2 --json");
                failure.complete(null);
            } catch (Exception e) {
                failure.complete(e);
            }
        });
        reader.start();
        reportWhile(reader);
        assertThat(failure.get()).isNull();
        assertThat(shell.printed().lines()).hasSize(2)
                .allMatch(line -> line.startsWith("{\"unit\":\"dmar0\"") && line.endsWith("}"));
    }

    @Test
    void anInterruptEndsIt() throws Exception {
        var family = new FaultCommands(shell.platform, shell.faults);
        var reader = new Thread(() -> family._main(shell.session, new String[] {"faults", "--follow"}));
        reader.start();
        reader.interrupt();
        reader.join(10_000);
        assertThat(reader.isAlive()).isFalse();
        assertThat(shell.printed()).isEmpty();
    }
}
