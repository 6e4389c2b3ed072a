package sluicegate.api.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.IommuException;

class PciAddressTest {

    @Test
    void theShortFormIsInSegmentZero() {
        assertThat(PciAddress.parse("00:1f.2")).hasToString("0000:00:1f.2").isEqualTo(new PciAddress(0, 0, 31, 2));
        assertThat(PciAddress.parse("10000:e1:00.0").segment()).isEqualTo(0x10000);
    }

    @Test
    void theRequesterIdIsWhatRequestsCarry() {
        var address = PciAddress.parse("0001:03:02.5");
        assertThat(address.requesterId()).isEqualTo(0x0315);
        assertThat(address.devfn()).isEqualTo(0x15);
        assertThat(PciAddress.of(1, 0x0315)).isEqualTo(address);
    }

    @Test
    void addressesSortBySegmentThenBus() {
        assertThat(PciAddress.parse("0000:ff:00.0")).isLessThan(PciAddress.parse("0001:00:00.0"));
        assertThat(PciAddress.parse("0000:01:00.0")).isGreaterThan(PciAddress.parse("0000:00:1f.7"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0:1f.2", "00:20.0", "00:00.8", "000:00:00.0", "00:00", "ffffffff:00:00.0"})
    void anythingElseIsRefusedByName(String text) {
        assertThatThrownBy(() -> PciAddress.parse(text)).isInstanceOf(IommuException.class);
    }
}
