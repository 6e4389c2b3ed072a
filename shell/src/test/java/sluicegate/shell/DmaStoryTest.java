package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.types.Hex;

/** Allocate, attach, map, DMA, fault, clean up: what scripts do all day. */
class DmaStoryTest {
    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() {
        shell.close();
    }

    private void mapOnePage(String prot) throws Exception {
        shell.execute("d = 0000:00:05.0 ; dom = (iommu:domain-alloc $d) ; mem = (iommu:mem q35-vtd alloc 4K)");
        shell.execute("iommu:attach $dom $d ; iommu:map $dom 0x10000 $mem 4K " + prot);
    }

    @Test
    void answersStandForNamesAndAddressesInLaterCommands() throws Exception {
        mapOnePage("rw");
        shell.execute("iommu:mem q35-vtd write $mem 0011223344556677");
        assertThat(shell.shown("iommu:dma $d read 0x10000 8 --json")).isEqualTo(
                "{\"iova\":\"0x10000\",\"length\":8,\"status\":\"ok\",\"data\":\"0011223344556677\"}");
        assertThat(shell.shown("iommu:dma $d write 0x10ff8 deadbeef --json")).isEqualTo(
                "{\"iova\":\"0x10ff8\",\"length\":4,\"status\":\"ok\"}");
        assertThat(Hex.bytes(shell.machine().memory().at(FakeMachine.FIRST + 0xff8, 4))).isEqualTo("deadbeef");
        assertThat(shell.execute("($mem get address)")).isEqualTo("0x100000");
        assertThat(shell.execute("\"$dom\"")).hasToString("dom2");
    }

    @Test
    void bytesThatLookLikeANumberStayBytes() throws Exception {
        mapOnePage("rw");
        shell.execute("iommu:dma $d write 0x10000 0012");
        shell.execute("iommu:dma $d write 0x10002 1e10");
        assertThat(Hex.bytes(shell.machine().memory().at(FakeMachine.FIRST, 4))).isEqualTo("00121e10");
    }

    @Test
    void everyStepSaysWhatItDidInJson() throws Exception {
        assertThat(shell.shown("iommu:domain-alloc 0000:00:05.0 --json")).isEqualTo(
                "{\"domain\":\"dom2\",\"type\":\"unmanaged\"}");
        assertThat(shell.shown("iommu:attach dom2 00:05.0 --json")).isEqualTo(
                "{\"device\":\"0000:00:05.0\",\"domain\":\"dom2\",\"pasid\":null}");
        assertThat(shell.shown("iommu:mem q35-vtd alloc 5000 --json")).isEqualTo(
                "{\"address\":\"0x100000\",\"size\":8192}");
        assertThat(shell.shown("iommu:map dom2 64K 0x100000 0x2000 rw --json")).isEqualTo(
                "{\"domain\":\"dom2\",\"iova\":\"0x10000\",\"address\":\"0x100000\",\"size\":8192,\"perms\":\"rw\"}");
        assertThat(shell.shown("iommu:mappings dom2 --json")).isEqualTo(
                "[{\"iova\":\"0x10000\",\"address\":\"0x100000\",\"size\":8192,\"perms\":\"rw\"}]");
        assertThat(shell.shown("iommu:translate 00:05.0 0x10004 --json")).isEqualTo(
                "{\"iova\":\"0x10004\",\"address\":\"0x100004\",\"perms\":\"rw\"}");
        assertThat(shell.shown("iommu:unmap dom2 0x10000 8K --json")).isEqualTo(
                "{\"domain\":\"dom2\",\"iova\":\"0x10000\",\"unmapped\":8192}");
        assertThat(shell.shown("iommu:detach 00:05.0 --json")).isEqualTo(
                "{\"device\":\"0000:00:05.0\",\"domain\":\"dom0\",\"pasid\":null}");
        assertThat(shell.shown("iommu:domain-free dom2 --json")).isEqualTo("{\"domain\":\"dom2\",\"state\":\"freed\"}");
        assertThat(shell.shown("iommu:mem q35-vtd free 0x100000 --json")).isEqualTo(
                "{\"address\":\"0x100000\",\"state\":\"freed\"}");
    }

    @Test
    void aDomainIsAllocatedForAPurposeAndANestedOneOnItsParent() throws Exception {
        assertThat(shell.shown("iommu:domain-alloc 00:05.0 --for nest-parent,dirty-tracking")).isEqualTo(
                "dom2: unmanaged domain for 0000:00:05.0");
        assertThat(shell.iommu.allocatedFor).containsExactlyInAnyOrder(AllocFlag.NEST_PARENT, AllocFlag.DIRTY_TRACKING);
        assertThat(shell.shown("iommu:domain-alloc 00:05.0 --type nested --parent dom2 --tables 0,0x1000,48")).isEqualTo(
                "dom3: nested domain for 0000:00:05.0, on dom2");
        assertThat(shell.iommu.nestedOn).isEqualTo("dom2 [0, 4096, 48]");
    }

    @Test
    void whatAGuestSaysThatItHasChangedReachesItsDomain() throws Exception {
        shell.execute("iommu:domain-alloc 00:05.0 --for nest-parent");
        shell.execute("iommu:domain-alloc 00:05.0 --type nested --parent dom2 --tables 0,0x1000,48");
        assertThat(shell.shown("iommu:domain-invalidate dom3 0x4000")).isEqualTo("dom3: 1 invalidation of the guest done");
        assertThat(shell.shown("iommu:domain-invalidate dom3 0x4000,0xffffffffffffffff --devices 8=00:05.0 --json")).isEqualTo(
                "{\"domain\":\"dom3\",\"done\":2}");
        assertThat(((FakeDomain) shell.iommu.domain("dom3")).lastOfGuest).isEqualTo("[16384, -1] [8]");
        assertThatThrownBy(() -> shell.execute("iommu:domain-invalidate dom3 1,2,0,3"))
                .hasMessage("EIO: Command 2 is refused (2 before it done)");
        assertThatThrownBy(() -> shell.execute("iommu:domain-invalidate dom2 1")).hasMessage("EINVAL: dom2 is no nested domain");
        for (var wrong : List.of("00:05.0", "0x100000008=00:05.0")) {
            assertThatThrownBy(() -> shell.execute("iommu:domain-invalidate dom3 1 --devices " + wrong))
                    .hasMessageStartingWith("EINVAL: '" + wrong + "' is no device of a guest");
        }
        assertThatThrownBy(() -> shell.execute("iommu:domain-invalidate dom3 1 --devices 8=00:1f.7")).hasMessageStartingWith("ENODEV");
    }

    @Test
    void everyStepSaysWhatItDidInWords() throws Exception {
        assertThat(shell.shown("iommu:domain-alloc 0000:00:05.0")).isEqualTo("dom2: unmanaged domain for 0000:00:05.0");
        assertThat(shell.shown("iommu:attach dom2 00:05.0")).isEqualTo("0000:00:05.0 is attached to dom2");
        assertThat(shell.shown("iommu:map dom2 0x10000 0x100000 2M r")).isEqualTo(
                "dom2: [0x10000, 0x20ffff] -> 0x100000 r");
        assertThat(shell.shown("iommu:mappings dom2")).isEqualTo("""
                IOVA     ADDRESS   SIZE  PERMS
                0x10000  0x100000  2M    r""");
        assertThat(shell.shown("iommu:translate 00:05.0 0x10004")).isEqualTo("0x10004 -> 0x100004 r (4K page)");
        shell.execute("iommu:mem q35-vtd write 0x100000 48656c6c6f00");
        assertThat(shell.shown("iommu:dma 00:05.0 read 0x10000 6")).isEqualTo("""
                0000:00:05.0 read 6 bytes from 0x10000
                0x10000  48 65 6c 6c 6f 00                                Hello.""");
    }

    @Test
    void aRefusedDmaFailsWithWhatTheUnitReported() throws Exception {
        mapOnePage("r");
        assertThatThrownBy(() -> shell.execute("iommu:dma $d write 0x10010 00 --json"))
                .hasMessage("0000:00:05.0: DMA write of 1 byte at 0x10010 failed: WRITE_NOT_PERMITTED: the page does not"
                        + " allow a write (05h, section 7.1.3)");
        assertThat(shell.printed()).isEqualTo("{\"iova\":\"0x10010\",\"length\":1,\"status\":\"fault\","
                + "\"fault\":\"WRITE_NOT_PERMITTED\",\"reason\":\"the page does not allow a write (05h, section 7.1.3)\"}"
                + System.lineSeparator());
        assertThatThrownBy(() -> shell.execute("iommu:dma $d read 0x20000 4")).hasMessageContaining("READ_NOT_PERMITTED");
        assertThat(shell.printed()).isEmpty();
    }

    @Test
    void aRefusalThatNobodyReportsIsSaidToBeUnreported() {
        shell.device().faultsAreReported = false;
        assertThatThrownBy(() -> shell.execute("iommu:dma 00:05.0 read 0x20000 4 --json")).hasMessageContaining("unreported");
        assertThat(shell.printed()).contains("\"status\":\"fault\",\"fault\":\"unreported\"");
    }

    @Test
    void aRequestThatNeverLeftTheDeviceIsNoFault() {
        shell.device().busMaster = false;
        assertThatThrownBy(() -> shell.execute("iommu:dma 00:05.0 read 0x20000 4 --json"))
                .hasMessageContaining("bus-master-off");
        assertThat(shell.printed()).contains("\"status\":\"bus-master-off\",\"fault\":null");
    }

    @Test
    void aTranslationThatFailsIsAFailureWithAnAnswer() throws Exception {
        mapOnePage("r");
        assertThatThrownBy(() -> shell.execute("iommu:translate $d 0x10000 --write --json"))
                .hasMessageContaining("WRITE_NOT_PERMITTED");
        assertThat(shell.printed()).isEqualTo("{\"iova\":\"0x10000\",\"fault\":\"WRITE_NOT_PERMITTED\","
                + "\"reason\":\"the page does not allow a write (05h, section 7.1.3)\"}" + System.lineSeparator());
    }

    @Test
    void aWalkShowsEachEntryDecoded() throws Exception {
        assertThat(shell.shown("iommu:walk 00:05.0 0x1000")).isEqualTo("""
                root entry at 0x2000: 0000000000003001 0000000000000000
                    CTP  0x3  table at 0x3000
                    P    0x1  present
                    => context table at 0x3000
                context entry at 0x3000: 0000000000000000 0000000000000000
                    => not present""");
        assertThat(shell.shown("iommu:walk 00:05.0 0x1000 --json")).startsWith("""
                [{"entry":"root entry","address":"0x2000","words":["0x3001","0x0"],"fields":[{"name":"CTP",""");
    }

    @Test
    void aGroupGoesAsAWhole() throws Exception {
        shell.execute("iommu:domain-alloc 00:1f.2");
        assertThatThrownBy(() -> shell.execute("iommu:attach dom2 00:1f.2")).hasMessageStartingWith("EINVAL");
        assertThatThrownBy(() -> shell.execute("iommu:attach dom2 00:1f.2 --group --pasid 3"))
                .hasMessageContaining("either --pasid or --group");
        shell.execute("iommu:attach dom2 00:1f.2 --group");
        assertThat(shell.iommu.domain("dom2").attached()).hasSize(2);
        shell.execute("iommu:detach 00:1f.0 --group");
        assertThat(shell.iommu.domain("dom1").attached()).hasSize(2);
    }

    @Test
    void aPasidHasADomainOfItsOwn() throws Exception {
        shell.execute("iommu:domain-alloc 00:05.0 ; iommu:map dom2 0x1000 0x100000 4K rw");
        assertThat(shell.shown("iommu:attach dom2 00:05.0 --pasid 5 --json")).contains("\"pasid\":5");
        assertThat(shell.shown("iommu:translate 00:05.0 0x1000 --pasid=5")).startsWith("0x1000 -> 0x100000");
        shell.execute("iommu:detach 00:05.0 --pasid 5");
        assertThatThrownBy(() -> shell.execute("iommu:detach 00:05.0 --pasid 5")).hasMessageContaining("attached to no domain");
        assertThatThrownBy(() -> shell.execute("iommu:detach 00:05.0 --pasid 1M")).hasMessageContaining("20 bits");
        assertThat(shell.shown("iommu:pasid-attach dom2 00:05.0 6 --json")).contains("\"pasid\":6");
        assertThat(shell.shown("iommu:translate 00:05.0 0x1000 --pasid=6")).startsWith("0x1000 -> 0x100000");
        assertThat(shell.shown("iommu:pasid-detach 00:05.0 6")).contains("PASID 6").contains("detached");
        assertThatThrownBy(() -> shell.execute("iommu:pasid-detach 00:05.0 -")).hasMessageContaining("Which PASID");
    }
}
