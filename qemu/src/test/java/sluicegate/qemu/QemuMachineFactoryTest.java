package sluicegate.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;

import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import sluicegate.api.platform.MachineFactory.Description;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.qemu.process.Programs;

class QemuMachineFactoryTest {
    private final BundleContext context = mock(BundleContext.class);

    @Test
    void machinesHaveNamesAndDescriptions() {
        var factory = new QemuMachineFactory(context, new Programs(""));
        assertThat(factory.descriptions()).extracting(Description::name).containsExactly("qemu:q35-amdvi", "qemu:q35-vtd",
                "qemu:q35-vtd-rich", "qemu:q35-vtd-scalable", "qemu:virt-smmuv3", "qemu:virt-smmuv3-rich");
        assertThat(factory.descriptions()).extracting(Description::kind).containsOnly("qemu");
        assertThat(factory.accepts("qemu:q35-vtd")).isTrue();
        assertThat(factory.accepts("q35-vtd")).isFalse();
    }

    @Test
    void withoutQemuTheMessageNamesThePackage() {
        var factory = new QemuMachineFactory(context, new Programs("/nonexistent:"));
        assertThatThrownBy(() -> factory.boot("qemu:q35-vtd", 0)).isInstanceOfSatisfying(IommuException.class, e -> {
            assertThat(e.errno()).isEqualTo(Errno.ENOENT);
            assertThat(e).hasMessageContaining("qemu-system-x86_64").hasMessageContaining("apt-get install qemu-system-x86");
        });
        assertThatThrownBy(() -> factory.boot("qemu:q35-vtd", 0)).as("the name is free again").hasMessageContaining("PATH");
        verifyNoInteractions(context);
    }

    @Test
    void anUnknownNameIsRefused() {
        var factory = new QemuMachineFactory(context, new Programs(""));
        assertThatThrownBy(() -> factory.boot("qemu:pdp11", 0)).hasMessageContaining("qemu:q35-vtd, qemu:q35-vtd-rich, qemu:q35-vtd-scalable, qemu:virt-smmuv3");
    }
}
