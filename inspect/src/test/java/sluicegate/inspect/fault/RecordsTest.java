package sluicegate.inspect.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.IommuException;
import sluicegate.inspect.DecodedFault;
import sluicegate.inspect.DeviceNames;
import sluicegate.inspect.Vendor;

/** Event records as units write them. */
class RecordsTest {

    private static DecodedFault one(String hex) {
        var faults = new FaultDecoderComponent().decodeRecord(hex, Optional.empty(), DeviceNames.NONE);
        assertThat(faults).hasSize(1);
        return faults.get(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x00000000ffcd1000 0x80000005000000a0", "0x80000005000000a0 0x00000000ffcd1000",
        "0010cdff00000000a000000005000080", "0x0010cdff00000000a000000005000080", "0xffcd1000 0x0 0x000000a0 0x80000005",
        "00 10 cd ff 00 00 00 00 a0 00 00 00 05 00 00 80"})
    void aFaultRecordingRegister(String hex) {
        var fault = new FaultDecoderComponent().decodeRecord(hex, Optional.empty(), DeviceNames.NONE).get(0);
        assertThat(fault.vendor()).isEqualTo(Vendor.INTEL);
        assertThat(fault.device()).contains("00:14.0");
        assertThat(fault.address()).hasValue(0xffcd1000L);
        assertThat(fault.access()).contains("write");
        assertThat(fault.fault()).isEqualTo("WRITE_NOT_PERMITTED");
    }

    @Test
    void anAmdEvent() {
        var fault = one("0x2020004200005100 0x00000000e1f520c0");
        assertThat(fault.vendor()).isEqualTo(Vendor.AMD);
        assertThat(fault.device()).contains("51:00.0");
        assertThat(fault.address()).hasValue(0xe1f520c0L);
        assertThat(fault.meaning()).contains("nothing is mapped", "domain 0x42");
    }

    @Test
    void anSmmuEvent() {
        var fault = one("0x0000031200000010 0x000012000000005b 0x00000000ffe31040 0x00000000ffe31000");
        assertThat(fault.vendor()).isEqualTo(Vendor.ARM);
        assertThat(fault.device()).contains("sid 0x312");
        assertThat(fault.address()).hasValue(0xffe31040L);
        assertThat(one("10000000120300005b000000001200004010e3ff000000000010e3ff00000000")).extracting(DecodedFault::address)
                .isEqualTo(fault.address());
        assertThat(one("0x0000031200000010 0x000012000000005b").access()).contains("write");
        assertThat(one("0x0000010000000003 0x0 0x0 0x0000000812345678").address()).as("fetch address").hasValue(0x812345678L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x1", "0xff 0x2", "zz", "", "00112233445566778899aabbccddeef", "0x0 0x0 0x0 0x0 0x0"})
    void whatIsNoRecordIsRefused(String hex) {
        assertThatThrownBy(() -> one(hex)).isInstanceOf(IommuException.class);
    }

    @Test
    void theVendorMayBeSaid() {
        assertThatThrownBy(() -> new FaultDecoderComponent().decodeRecord("0x2020004200005100 0x00000000e1f520c0",
                Optional.of(Vendor.INTEL), DeviceNames.NONE)).isInstanceOf(IommuException.class);
        assertThat(List.of("0x2020004200005100", "DMAR: fault")).extracting(new FaultDecoderComponent()::isRecord)
                .containsExactly(true, false);
    }
}
