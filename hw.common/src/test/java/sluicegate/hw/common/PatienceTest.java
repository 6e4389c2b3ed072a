package sluicegate.hw.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Waiting for hardware that may never answer. */
class PatienceTest {
    private final AtomicLong clock = new AtomicLong();
    private final Patience patience = new Patience(2_000_000, clock::get);

    @Test
    void aWaitThatIsNoLongerThanTheLimitGoesOn() {
        long begun = patience.begin();
        patience.pause(begun, "dmar0", "GSTS_REG.TES is not set");
        clock.set(2_000_000);
        patience.pause(begun, "dmar0", "GSTS_REG.TES is not set");
    }

    @Test
    void aLongerOneEndsAndSaysWhichUnitDidNotDoWhat() {
        long begun = patience.begin();
        clock.set(2_000_001);
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> patience.pause(begun, "dmar0", "GSTS_REG.TES is not set"))
                .withMessageContaining("dmar0: GSTS_REG.TES is not set, after waiting for 2 ms")
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
    }

    @Test
    void aWaitBeginsWhenItBegins() {
        clock.set(10_000_000);
        long begun = patience.begin();
        clock.set(12_000_000);
        patience.pause(begun, "dmar0", "GSTS_REG.TES is not set");
    }
}
