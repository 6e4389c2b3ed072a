package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands about page requests and address spaces where a device or a service lacks; with all there, see {@code SpacesByHandTest} of {@code itest}. */
class PageRequestCommandsTest {
    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() throws Exception {
        shell.close();
    }

    @Test
    void aDeviceThatCanNotAskCausesNoStorm() throws Exception {
        assertThatThrownBy(() -> shell.execute("iommu:request-storm 00:05.0 start")).hasMessageContaining("no PRI capability");
        assertThatThrownBy(() -> shell.execute("iommu:request-storm 00:05.0 stop")).hasMessageContaining("No storm");
        assertThat(shell.shown("iommu:requests")).startsWith("No device has asked for a page");
    }

    @Test
    void withoutAServiceForAddressSpacesItSaysWhichBundleIsMissing() throws Exception {
        assertThatThrownBy(() -> shell.execute("iommu:spaces")).hasMessageContaining("sluicegate.space");
        assertThatThrownBy(() -> shell.execute("iommu:space-alloc 00:05.0")).hasMessageContaining("can share no address space");
        assertThatThrownBy(() -> shell.execute("iommu:sva-unbind 00:05.0 space0")).hasMessageContaining("does not share space0");
    }
}
