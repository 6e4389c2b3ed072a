package sluicegate.inspect.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.inspect.DecodedFault;
import sluicegate.inspect.DeviceNames;
import sluicegate.inspect.Vendor;

/** How Linux and Xen have written faults over the years. */
class LogLinesTest {

    private static List<DecodedFault> faults(String log) {
        return faults(log, DeviceNames.NONE);
    }

    private static List<DecodedFault> faults(String log, DeviceNames names) {
        try {
            return new FaultDecoderComponent().decodeLog(new StringReader(log), names).faults();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DecodedFault one(String log) {
        var faults = faults(log);
        assertThat(faults).hasSize(1);
        return faults.get(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DMAR:[DMA Write] Request device [00:02.0] fault addr 3f8f000 \\nDMAR:[fault reason 05] PTE Write access is not set
            dmar: DMAR:[DMA Write] Request device [00:02.0] fault addr 3f8f000 \\ndmar: DMAR:[fault reason 05] PTE Write access is not set
            DMAR: [DMA Write] Request device [00:02.0] fault addr 3f8f000 [fault reason 05] PTE Write access is not set
            DMAR: [DMA Write] Request device [00:02.0] PASID ffffffff fault addr 3f8f000 [fault reason 05] PTE Write access is not set
            DMAR: [DMA Write NO_PASID] Request device [0x00:0x02.0] fault addr 0x3f8f000 [fault reason 0x05] PTE Write access is not set
            DMAR: [DMA Write NO_PASID] Request device [00:02.0] fault addr 0x3f8f000 [fault reason 0x05] PTE Write access is not set
            > [  5.1] DMAR: [DMA Write NO_PASID] Request device [00:02.0] fault addr 0x3f8f000 [fault\\n> reason 0x05] PTE Write access is not set
            """)
    void vtdInAllItsSpellings(String lines) {
        var fault = one(lines.replace("\\n", "\n"));
        assertThat(fault.vendor()).isEqualTo(Vendor.INTEL);
        assertThat(fault.device()).contains("00:02.0");
        assertThat(fault.pasid()).isEmpty();
        assertThat(fault.address()).hasValue(0x3f8f000);
        assertThat(fault.access()).contains("write");
        assertThat(fault.fault()).isEqualTo("WRITE_NOT_PERMITTED");
        assertThat(fault.meaning()).startsWith("05h");
        assertThat(fault.causes()).isNotEmpty();
        assertThat(fault.next()).isNotEmpty();
    }

    @Test
    void reasonsWereDecimalBeforeTheyWereHexadecimal() {
        var old = one("DMAR: [INTR-REMAP] Request device [f0:1f.7] fault index 0 [fault reason 37] Blocked a compatibility format");
        var now = one("DMAR: [INTR-REMAP] Request device [f0:1f.7] fault index 0x0 [fault reason 0x25] Blocked a compatibility format");
        assertThat(old.fault()).isEqualTo(now.fault()).isEqualTo("INTERRUPT_COMPATIBILITY_BLOCKED");
        assertThat(old.access()).contains("interrupt");
        assertThat(old.address()).isEmpty();
        assertThat(old.meaning()).contains("interrupt index 0x0");
        assertThat(one("INTR-REMAP: Request device [[f0:1f.7] fault index 5\nINTR-REMAP:[fault reason 37] Blocked").fault())
                .isEqualTo("INTERRUPT_COMPATIBILITY_BLOCKED");
    }

    @Test
    void vtdWithPasid() {
        var fault = one("DMAR: [DMA Read PASID 0x3] Request device [6a:01.0] fault addr 0x7fe4a000 [fault reason 0x71] SM: Present bit"
                + " in first-level paging entry is clear");
        assertThat(fault.pasid()).hasValue(3);
        assertThat(fault.fault()).isEqualTo("FIRST_STAGE_ENTRY_NOT_PRESENT");
        assertThat(one("DMAR: [DMA Read] Request device [41:00.0] PASID 1 fault addr 7ecdcd000").pasid()).hasValue(1);
    }

    @Test
    void xenHasTheReasonOnALineOfItsOwnAndHexadecimal() {
        var fault = one("(XEN) [   37.201160] [VT-D]DMAR:[DMA Write] Request device [0000:00:1e.6] fault addr 0\n"
                + "(XEN) [   37.201164] [VT-D]DMAR: reason 02 - Present bit in context entry is clear");
        assertThat(fault.device()).contains("0000:00:1e.6");
        assertThat(fault.fault()).isEqualTo("CONTEXT_ENTRY_NOT_PRESENT");
        assertThat(one("(XEN) [VT-D]INTR-REMAP: Request device [0000:00:1f.0] fault index 0\n"
                + "(XEN) [VT-D]INTR-REMAP: reason 25 - Blocked a compatibility format interrupt request").fault())
                .isEqualTo("INTERRUPT_COMPATIBILITY_BLOCKED");
        var amd = one("(XEN) AMD-Vi: IO_PAGE_FAULT: 0000:01:00.0 d0 addr 00000000bdf83000 flags 0x20 RW");
        assertThat(amd.device()).contains("0000:01:00.0");
        assertThat(amd.address()).hasValue(0xbdf83000L);
        assertThat(amd.access()).contains("write");
        assertThat(one("(XEN) AMD-Vi: IO_PAGE_FAULT: domain = 0, device id = 0x0100, fault address = 0xbdf83000, flags = 0x000")
                .device()).contains("01:00.0");
    }

    @Test
    void theStatusRegisterTellsWhatWasLost() {
        var fault = one("[ 40.530547] DMAR: DRHD: handling fault status reg 503");
        assertThat(fault.fault()).isEqualTo("FAULT_STATUS");
        assertThat(fault.meaning()).contains("PPF", "record 5", "PFO");
        assertThat(one("DMAR: VT-d detected Invalidation Time-out Error: SID 100").device()).contains("01:00.0");
        assertThat(one("DMAR: VT-d detected Invalidation Queue Error: Reason 3").meaning()).contains("type of a descriptor");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            AMD IOMMU: Event logged [IO_PAGE_FAULT device=17:00.0 domain=0x0007 address=0x00000000fdeac080 flags=0x0020]
            AMD-Vi: Event logged [IO_PAGE_FAULT device=17:00.0 domain=0x0007 address=0x00000000fdeac080 flags=0x0020]
            AMD-Vi: Event logged [\\nIO_PAGE_FAULT device=17:00.0 domain=0x0007 address=0x00000000fdeac080 flags=0x0020]
            xhci_hcd 0000:17:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0007 address=0xfdeac080 flags=0x0020]
            > AMD-Vi: Event logged [IO_PAGE_FAULT device=17:00.0\\n> domain=0x0007 address=0xfdeac080 flags=0x0020]
            """)
    void amdInAllItsSpellings(String lines) {
        var fault = one(lines.replace("\\n", "\n"));
        assertThat(fault.vendor()).isEqualTo(Vendor.AMD);
        assertThat(fault.device().orElseThrow()).endsWith("17:00.0");
        assertThat(fault.address()).hasValue(0xfdeac080L);
        assertThat(fault.access()).contains("write");
        assertThat(fault.fault()).isEqualTo("IO_PAGE_FAULT");
        assertThat(fault.meaning()).contains("nothing is mapped", "domain 0x7");
    }

    @Test
    void amdsFlagsSayWhatWasWrong() {
        assertThat(amd("0x0050").meaning()).contains("does not permit a read");
        assertThat(amd("0x0070").meaning()).contains("does not permit a write");
        assertThat(amd("0x0090").meaning()).contains("reserved bit");
        assertThat(amd("0x0008").access()).contains("interrupt");
        assertThat(amd("0x0100").access()).contains("translation request");
        var guest = amd("0x0001");
        assertThat(guest.pasid()).hasValue(0x42);
        assertThat(guest.meaning()).doesNotContain("domain");
    }

    private static DecodedFault amd(String flags) {
        return one("ahci 0000:51:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0042 address=0x1000 flags=" + flags + "]");
    }

    @Test
    void amdsOtherEvents() {
        var illegal = one("iommu ivhd3: AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=0000:43:00.0 pasid=0x00000 address=0x3737b01000"
                + " flags=0x0020]\n  AMD-Vi: DTE[0]: 6000000000000003");
        assertThat(illegal.unit()).contains("ivhd3");
        assertThat(illegal.device()).contains("0000:43:00.0");
        assertThat(illegal.access()).contains("write");
        var invalid = one("AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:00:14.0 pasid=0x00000 address=0xfffffffdf8000000 flags=0x0a00]");
        assertThat(invalid.meaning()).contains("interrupt");
        assertThat(one("AMD-Vi: Event logged [INVALID_PPR_REQUEST device=c5:00.0 pasid=0x00012 address=0x7f00 flags=0x0100 tag=0x003]").pasid())
                .hasValue(0x12);
        assertThat(one("nvidia 0000:c1:00.0: AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0000, gpa=0x1b8000, flags_rmp=0x0004, flags=0x0020]")
                .address()).hasValue(0x1b8000);
        assertThat(one("AMD-Vi: Completion-Wait loop timed out").fault()).isEqualTo("COMPLETION_WAIT_TIMEOUT");
        var raw = one("AMD-Vi: Event logged [UNKNOWN event[0]=0x00005100 event[1]=0x20200042 event[2]=0xe1f520c0 event[3]=0x00000000");
        assertThat(raw.fault()).isEqualTo("IO_PAGE_FAULT");
        assertThat(raw.device()).contains("51:00.0");
    }

    private static final String SMMU = """
            [70.36] arm-smmu-v3 arm-smmu-v3.5.auto: event 0x10 received:
            [70.36] arm-smmu-v3 arm-smmu-v3.5.auto: \t0x0002060000000010
            [70.36] arm-smmu-v3 arm-smmu-v3.5.auto: \t0x0000020000000000
            [70.37] arm-smmu-v3 arm-smmu-v3.5.auto: \t0x00000000ff9bc000
            [70.38] arm-smmu-v3 arm-smmu-v3.5.auto: \t0x0000000000000000
            """;
    private static final String IN_WORDS = """
            [70.38] arm-smmu-v3 arm-smmu-v3.5.auto: event: F_TRANSLATION client: 0001:06:00.0 sid: 0x20600 ssid: 0x0 iova: 0xff9bc000 ipa: 0x0
            [70.39] arm-smmu-v3 arm-smmu-v3.5.auto: unpriv data write s1 "Input address caused fault" stag: 0x0
            """;

    @Test
    void smmuRecordsOverSeveralLinesAreOneFault() {
        var fault = one(SMMU);
        assertThat(fault.unit()).contains("arm-smmu-v3.5.auto");
        assertThat(fault.device()).contains("sid 0x20600");
        assertThat(fault.fault()).isEqualTo("F_TRANSLATION");
        assertThat(fault.access()).contains("write");
        assertThat(fault.address()).hasValue(0xff9bc000L);
        assertThat(fault.pasid()).isEmpty();
        assertThat(faults(SMMU + SMMU)).hasSize(2);
        assertThat(faults(SMMU.replace("\n", "\nusb 1-1: new device\n"))).as("lines of others in between").hasSize(1);
    }

    @Test
    void smmuInWordsNamesTheDevice() {
        var both = one(SMMU + IN_WORDS);
        assertThat(both.device()).contains("0001:06:00.0");
        assertThat(both.address()).hasValue(0xff9bc000L);
        var alone = one(IN_WORDS);
        assertThat(alone.device()).contains("0001:06:00.0");
        assertThat(alone.access()).contains("write");
        assertThat(alone.meaning()).contains("unprivileged data");
        assertThat(faults(SMMU + IN_WORDS + SMMU + IN_WORDS)).hasSize(2);
        assertThat(one("arm-smmu-v3 x.auto: event: C_BAD_STREAMID client: (unassigned sid) sid: 0x77 ssid: 0x0").device()).contains("sid 0x77");
    }

    @Test
    void aRecordWithoutItsFirstLineIsReadAsFarAsItGoes() {
        var fault = one("""
                arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:
                arm-smmu-v3 arm-smmu-v3.0.auto: 0x0000020000000000
                arm-smmu-v3 arm-smmu-v3.0.auto: 0x00000000fffd3040
                arm-smmu-v3 arm-smmu-v3.0.auto: 0x00000000fffd3000
                """);
        assertThat(fault.address()).hasValue(0xfffd3040L);
        assertThat(fault.device()).isEmpty();
        assertThat(fault.meaning()).contains("missing");
    }

    @Test
    void smmusOtherTroubles() {
        assertThat(one("arm-smmu-v3 a.auto: unexpected PRI request received:\narm-smmu-v3 a.auto: \tsid 0x00000100.0x00007: [3 last]"
                + " unprivileged read-write access at iova 0x0000000000007000").pasid()).hasValue(7);
        assertThat(one("arm-smmu-v3 a.auto: CMDQ error (cons 0x03000012): ATC invalidate timeout").fault()).isEqualTo("COMMAND_ERROR");
        assertThat(one("arm-smmu-v3 a.auto: CMD_SYNC timeout at 0x00000c3b [hwprod 0x00000c3b, hwcons 0x00000c3a]").fault())
                .isEqualTo("CMD_SYNC_TIMEOUT");
        assertThat(one("arm-smmu-v3 a.auto: unexpected global error reported (0x00000201), this could be serious").meaning())
                .contains("0x00000201").contains("CMDQP_ERR: enhanced command queue error").contains("CMDQ_ERR: command error")
                .doesNotContain("SFM_ERR");
        var two = one("arm-smmu 15000000.iommu: Unhandled context fault: fsr=0x402, iova=0xfc401000, fsynr=0x60013, cbfrsynra=0x121, cb=38");
        assertThat(two.fault()).isEqualTo("TF");
        assertThat(two.access()).contains("write");
        assertThat(two.device()).contains("sid 0x121");
    }

    @Test
    void aMachineGivesTheDeviceItsName() {
        DeviceNames names = (segment, id) -> segment.equals(OptionalInt.empty()) && id == 0xa0
                ? java.util.Optional.of("0000:00:14.0 (USB controller)") : java.util.Optional.empty();
        assertThat(faults("DMAR: [DMA Write] Request device [00:14.0] fault addr 0 [fault reason 05]", names).get(0).device())
                .contains("0000:00:14.0 (USB controller)");
    }

    @Test
    void addressesGiveThemselvesAway() {
        assertThat(clue("0xdeadbeeffffd4000")).contains("poison");
        assertThat(clue("0x0")).contains("page 0");
        assertThat(clue("0xfee00000")).contains("interrupts");
        assertThat(clue("0xffff8881a0001000")).contains("virtual");
        assertThat(clue("0xffffc000")).contains("4 GiB");
        assertThat(clue("0x7ecdcd000")).contains("unmapped a buffer");
    }

    private static String clue(String address) {
        return one("AMD-Vi: Event logged [IO_PAGE_FAULT device=17:00.0 domain=0x0007 address=" + address + " flags=0x0020]").causes().get(0);
    }

    @Test
    void faultsOfOneKindAreCounted() throws IOException {
        var log = new FaultDecoderComponent().decodeLog(new StringReader("""
                boring
                AMD-Vi: Event logged [IO_PAGE_FAULT device=17:00.0 domain=0x0007 address=0xfffffffffffff000 flags=0x0020]
                AMD-Vi: Event logged [IO_PAGE_FAULT device=17:00.0 domain=0x0007 address=0x1000 flags=0x0020]
                AMD-Vi: Event logged [IO_PAGE_FAULT device=17:00.0 domain=0x0007 address=0x2000 flags=0x0000]
                """), DeviceNames.NONE);
        assertThat(log.lines()).isEqualTo(4);
        var first = log.tallies().get(0);
        assertThat(log.tallies()).hasSize(2);
        assertThat(first.count()).isEqualTo(2);
        assertThat(first.lowest()).isEqualTo(OptionalLong.of(0x1000));
        assertThat(first.highest()).isEqualTo(OptionalLong.of(0xfffffffffffff000L));
        assertThat(first.example().number()).isEqualTo(2);
        assertThat(first.lastLine()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            usb 1-1: new high-speed USB device number 2 using xhci_hcd
            DMAR: DRHD base: 0x000000fed90000 flags: 0x0
            DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 19e2ff0505e
            AMD-Vi: Interrupt remapping enabled
            AMD-Vi: DTE[0]: 6000000000000003
            arm-smmu-v3 arm-smmu-v3.0.auto: ias 44-bit, oas 44-bit (features 0x00001fef)
            EXT4-fs error: reason 5
            """)
    void whatIsNoFaultIsPassedOver(String line) {
        assertThat(faults(line)).isEmpty();
    }
}
