package sluicegate.hw.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Numbers that tag what hardware caches. */
class IdSpaceTest {
    private final IdSpace ids = new IdSpace("dmar0", "domain ids", 2, 5);

    @Test
    void eachIsGivenToOneUntilItIsFree() {
        assertThat(ids.allocate()).isEqualTo(2);
        assertThat(ids.allocate()).isEqualTo(3);
        ids.free(2);
        assertThat(ids.allocate()).isEqualTo(2);
        assertThat(ids.allocate()).isEqualTo(4);
        assertThatExceptionOfType(IommuException.class).isThrownBy(ids::allocate)
                .withMessageContaining("dmar0 has 3 domain ids and all are taken")
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
    }

    @Test
    void thoseOfTablesThatWereLeftAreGivenToNobodyUntilHardwareHasForgottenThem() {
        var left = BitSet.valueOf(new long[] {0b1_0100});
        ids.reserve(left);
        assertThat(ids.allocate()).isEqualTo(3);
        assertThatExceptionOfType(IommuException.class).isThrownBy(ids::allocate);
        ids.release(left);
        assertThat(ids.allocate()).isEqualTo(2);
        assertThat(ids.allocate()).isEqualTo(4);
    }
}
