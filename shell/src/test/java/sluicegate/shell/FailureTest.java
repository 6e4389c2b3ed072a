package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever goes wrong ends in one line that says what, and what would be right. */
class FailureTest {
    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() {
        shell.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "iommu:translate 0000:00:06.0 0x1000 | ENODEV: There is no device '0000:00:06.0'; did you mean 0000:00:05.0",
        "iommu:regs dmr0 | ENODEV: There is no unit 'dmr0'; did you mean dmar0?",
        "iommu:mappings dom9 | ENOENT: There is no domain 'dom9'; did you mean dom0, dom1?",
        "iommu:poweroff q35 | ENOENT: No machine q35 runs; did you mean q35-vtd?",
        "iommu:boot q35-vtd-rch | ENOENT: There is no machine 'q35-vtd-rch' and no such folder; did you mean q35-vtd-rich",
        "iommu:info elephant | ENOENT: There is no device, group, unit, domain or running machine 'elephant'",
        "iommu:info dmar1 | ; did you mean dmar0?",
        "iommu:info uint dmar0 | EINVAL: 'uint' is none of device, group, unit, domain, machine; did you mean unit?",
        "iommu:info | EINVAL: iommu:info needs the name",
        "iommu:info group 7 | ENOENT: There is no group 7",
        "iommu:dma 00:05.0 raed 0 4 | EINVAL: 'raed' is none of read, write; did you mean read?",
        "iommu:dma 00:05.0 read 0 2M | EINVAL: A length of 2M is out of range: one command moves 1 byte to 1M",
        "iommu:dma 00:05.0 read 0 0 | EINVAL: A length of 0 is out of range",
        "iommu:dma 00:05.0 write 0 abc | EINVAL: 'abc' is not a string of bytes",
        "iommu:map dom0 zero 0 4K rw | EINVAL: 'zero' is not a number",
        "iommu:map dom0 0x1000 0 4K rq | EINVAL: 'rq' is not a protection",
        "iommu:map dom0 0x1001 0 4K rw | EINVAL: Something is misaligned",
        "iommu:unmap dom0 0x1000 4K | EINVAL: Nothing was unmapped from dom0 at 0x1000",
        "iommu:swap dmar0 vtt | ENOENT: There is no driver 'vtt'; iommu:drivers lists them; did you mean vtd?",
        "iommu:detach 00:05.0 | EINVAL: 0000:00:05.0 is in its default domain dom0 already",
        "iommu:detach 00:10.0 | ENODEV: 0000:00:10.0 is in no domain",
        "iommu:domain-alloc 00:10.0 | ENODEV: No IOMMU with a driver is in front of 0000:00:10.0",
        "iommu:domain-alloc 00:05.0 --type DMA | EOPNOTSUPP: A domain of type 'DMA' cannot be allocated by hand",
        "iommu:domain-alloc 00:05.0 --for everything | EINVAL: A domain can't be allocated for 'everything'; there are nest-parent, ",
        "iommu:domain-alloc 00:05.0 --parent dom0 | EINVAL: Only a nested domain has a parent",
        "iommu:domain-alloc 00:05.0 --type nested --parent dom0 | EINVAL: A nested domain is made of --parent and --tables",
        "iommu:domain-alloc 00:05.0 --type nested --parent dom9 --tables 0 | ENOENT: There is no domain 'dom9'",
        "iommu:domain-alloc 00:05.0 --type nested --parent dom0 --tables 0,x | EINVAL: 'x' is not a number",
        "iommu:domain-free dom0 | EBUSY: dom0 has devices attached",
        "iommu:mem q35-vtd read 0x7fffffff 4 | EFAULT: 0x7fffffff is not memory",
        "iommu:mem q35-vtd alloc 0 | EINVAL: A size of 0 is no size",
        "iommu:mem q35-vtd write 0x1000 | EINVAL: iommu:mem q35-vtd write takes 2 words and not 1: iommu:mem MACHINE write PA HEX",
    })
    void whatIsWrongIsNamed(String command, String message) {
        assertThatThrownBy(() -> shell.execute(command)).isInstanceOf(CommandFailure.class).hasMessageContaining(message);
    }

    @Test
    void aLineThatDoesNotFitIsAnsweredWithTheUsage() {
        var usage = "; usage: iommu:map DOMAIN IOVA PA SIZE PROT [--json]";
        assertThatThrownBy(() -> shell.execute("iommu:map dom0 0x1000 0 4K"))
                .hasMessage("iommu:map: PROT is missing" + usage);
        assertThatThrownBy(() -> shell.execute("iommu:map dom0 0x1000 0 4K rw now"))
                .hasMessage("iommu:map: 'now' is one word too many" + usage);
        assertThatThrownBy(() -> shell.execute("iommu:map dom0 --force 0x1000 0 4K rw"))
                .hasMessage("iommu:map: there is no option --force" + usage);
        assertThatThrownBy(() -> shell.execute("iommu:walk 00:05.0 0 --pasid"))
                .hasMessageStartingWith("iommu:walk: --pasid needs a value; usage: iommu:walk DEVICE IOVA [--pasid PASID]");
    }

    @Test
    void aMissingServiceIsNamed() {
        shell.platform.iommu = null;
        shell.platform.machines = null;
        assertThatThrownBy(() -> shell.execute("iommu:devices")).isInstanceOf(CommandFailure.class)
                .hasMessageContaining("no service sluicegate.api.Iommu").hasMessageContaining("sluicegate.core.impl");
        assertThatThrownBy(() -> shell.execute("iommu:machines")).hasMessageContaining("no service sluicegate.api.Machines");
        assertThatThrownBy(() -> shell.execute("iommu:info 00:05.0")).isInstanceOf(CommandFailure.class);
    }
}
