package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Fault;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;

/** What is there: as tables for people, as JSON for scripts, as values for Gogo. */
class ListCommandsTest {
    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void devicesAreATableForAPerson() throws Exception {
        assertThat(shell.shown("iommu:devices")).isEqualTo("""
                DEVICE        STATE     UNIT   DRIVER  GROUP  DOMAIN  TYPE
                0000:00:05.0  ready     dmar0  vtd     0      dom0    DMA
                0000:00:10.0  no-iommu  -      -       -      -       -
                0000:00:1f.0  ready     dmar0  vtd     1      dom1    DMA
                0000:00:1f.2  ready     dmar0  vtd     1      dom1    DMA""");
    }

    @Test
    void devicesAreAnArrayOfObjectsForAScript() throws Exception {
        assertThat(shell.shown("iommu:devices --json")).startsWith("""
                [{"device":"0000:00:05.0","state":"ready","unit":"dmar0","driver":"vtd","group":0,"domain":"dom0","type":"DMA"},
                 {"device":"0000:00:10.0","state":"no-iommu","unit":null,"driver":null,"group":null,"domain":null,"type":null},
                """).endsWith("\"type\":\"DMA\"}]");
    }

    @Test
    void theOtherListsHaveTheKeysThatScriptsRelyOn() throws Exception {
        assertThat(shell.shown("iommu:units --json")).isEqualTo("""
                [{"unit":"dmar0","compatible":"intel,vtd","driver":"vtd","bundle":"sluicegate.hw.vtd","state":"bound"}]""");
        assertThat(shell.shown("iommu:groups --json")).isEqualTo("""
                [{"group":0,"type":"DMA","domain":"dom0","owner":null,"users":0,"devices":["0000:00:05.0"],\
                "reserved":["0x00000000fee00000 0x00000000feefffff msi"]},
                 {"group":1,"type":"DMA","domain":"dom1","owner":null,"users":0,\
                "devices":["0000:00:1f.0","0000:00:1f.2"],"reserved":[]}]""");
        assertThat(shell.shown("iommu:drivers --json")).isEqualTo("""
                [{"driver":"vtd","bundle":"sluicegate.hw.vtd","version":"0.1.0","ranking":10,"compatible":["intel,vtd"],\
                "units":["dmar0"]}]""");
        assertThat(shell.shown("iommu:domains --json")).startsWith("""
                [{"domain":"dom0","type":"DMA","devices":["0000:00:05.0"],"mappings":0},""");
        assertThat(shell.shown("iommu:machines --json")).isEqualTo("""
                [{"machine":"q35-vtd","kind":"embedded","state":"running","description":"a machine for tests"},
                 {"machine":"q35-vtd-rich","kind":"embedded","state":"off",\
                "description":"bridges, switches, multifunction devices"}]""");
        assertThat(shell.shown("iommu:regs dmar0 --json")).isEqualTo("""
                [{"register":"GSTS_REG","offset":"0x1c","value":"0xc0000000","fields":[\
                {"name":"TES","value":"0x1","meaning":"translation is on"},{"name":"FLS","value":"0x0","meaning":""}]}]""");
    }

    @Test
    void registersAreShownWithTheFieldsThatSaySomething() throws Exception {
        assertThat(shell.shown("iommu:regs dmar0")).isEqualTo("""
                OFFSET  REGISTER  VALUE       MEANING
                0x1c    GSTS_REG  0xc0000000
                          TES     0x1         translation is on""");
    }

    @Test
    void whereThereIsNothingASentenceSaysSoAndJsonStaysAnArray() throws Exception {
        shell.execute("iommu:poweroff q35-vtd");
        assertThat(shell.shown("iommu:devices")).startsWith("No devices; iommu:boot");
        assertThat(shell.shown("iommu:devices --json")).isEqualTo("[]");
        assertThat(shell.shown("iommu:faults --json")).isEqualTo("[]");
    }

    @Test
    void aListCanBeGoneThroughInAScript() throws Exception {
        assertThat(shell.execute("devices = (iommu:devices) ; $devices size")).isEqualTo(4);
        assertThat(shell.execute("($devices get 0) get group")).isEqualTo(0);
        assertThat(shell.shown("iommu:info ($devices get 0)")).startsWith("device ").contains("0000:00:05.0");
    }

    @Test
    void whatIsPrintedGoesThroughAPipe() throws Exception {
        assertThat(shell.execute("iommu:devices | test:lines")).isEqualTo(5L);
        assertThat(shell.execute("iommu:tour | test:lines")).asInstanceOf(InstanceOfAssertFactories.LONG).isGreaterThan(50);
    }

    @Test
    void faultsAreListedOldestFirst() throws Exception {
        shell.iommu.faults.add(new Fault("dmar0", Optional.of("0000:00:05.0"), 0x28, Pasid.NONE, 0x1000, Access.READ, 6,
                "READ_NOT_PERMITTED", "no read", Instant.EPOCH));
        shell.iommu.faults.add(new Fault("dmar0", Optional.empty(), 0x1234, 5, 0x2000, Access.WRITE, 5,
                "WRITE_NOT_PERMITTED", "no write", Instant.EPOCH));
        assertThat(shell.shown("iommu:faults --json")).isEqualTo("""
                [{"unit":"dmar0","device":"0000:00:05.0","pasid":null,"iova":"0x1000","access":"read",\
                "fault":"READ_NOT_PERMITTED","reason":"no read","time":"1970-01-01T00:00:00Z"},
                 {"unit":"dmar0","device":"0x1234","pasid":5,"iova":"0x2000","access":"write",\
                "fault":"WRITE_NOT_PERMITTED","reason":"no write","time":"1970-01-01T00:00:00Z"}]""");
        assertThat(shell.shown("iommu:faults --count 1")).contains("0x1234").doesNotContain("0x1000");
    }

    @Test
    void infoTellsWhatItIsAskedAbout() throws Exception {
        assertThat(shell.shown("iommu:info 00:05.0")).contains("pci-id").contains("8086:10d3").contains("cache-coherency")
                .contains("0xfee00000 0xfeefffff msi");
        assertThat(shell.shown("iommu:info group 1")).contains("0000:00:1f.0\n").contains("dom1");
        assertThat(shell.shown("iommu:info 1 --json")).startsWith("{\"group\":1,\"kind\":\"group\",\"type\":\"DMA\"");
        assertThat(shell.shown("iommu:info dmar0")).contains("0xfed90000");
        assertThat(shell.shown("iommu:info dom0")).containsPattern("page-sizes +4K").containsPattern("aperture +\\[0x0, 0xffffffffffff]");
        assertThat(shell.shown("iommu:info q35-vtd")).containsPattern("memory +16M");
    }

    @Test
    void driversThatCouldBeInstalledAreListedAndInstalled() throws Exception {
        var repository = new FakeRepository();
        shell.platform.repository = repository;
        assertThat(shell.shown("iommu:drivers --available")).isEqualTo("""
                DRIVER  BUNDLE          VERSION  INSTALLED  COMPATIBLE  DESCRIPTION
                vtd2    vendor.vtd      2.0.0    1.0.0      intel,vtd   another way
                -       vendor.unknown  0.1.0    -          -\
                """);
        assertThat(shell.shown("iommu:drivers --available --json")).startsWith("""
                [{"driver":"vtd2","bundle":"vendor.vtd","version":"2.0.0","installed":"1.0.0","compatible":["intel,vtd"],\
                "ranking":-10,"description":"another way"}""");
        assertThat(shell.help._candidates(1, List.of("iommu:driver-install"))).containsExactly("vendor.vtd", "vendor.unknown");
        assertThat(shell.shown("iommu:driver-install vtd2")).isEqualTo("vendor.vtd is updated from 1.0.0 to 2.0.0");
        assertThat(shell.shown("iommu:driver-install vendor.unknown")).isEqualTo("vendor.unknown 0.1.0 is installed and started");
        assertThat(shell.shown("iommu:drivers --available")).startsWith("All drivers that repositories have are installed");
        assertThatThrownBy(() -> shell.execute("iommu:driver-install nothing")).hasMessageContaining("ENOENT");
    }

    @Test
    void withoutARepositoryItIsSaidWhatIsMissing() {
        assertThatThrownBy(() -> shell.execute("iommu:drivers --available")).hasMessageContaining("sluicegate.repository is not active");
    }

    @Test
    void aUnitIsGivenToAnotherDriver() throws Exception {
        assertThat(shell.shown("iommu:swap dmar0 vtd --keep")).matches("dmar0 went from vtd to vtd of sluicegate.hw.vtd in [0-9,]+ us; "
                + "DMA went on meanwhile");
        assertThat(shell.shown("iommu:swap dmar0 vtd")).endsWith("DMA was blocked meanwhile");
        assertThat(shell.iommu.swaps).containsExactly("dmar0 vtd KEEP", "dmar0 vtd BLOCK");
    }
}
