package sluicegate.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
                "qemu:q35-vtd-first-stage", "qemu:q35-vtd-rich", "qemu:q35-vtd-scalable", "qemu:virt-smmuv3", "qemu:virt-smmuv3-nested",
                "qemu:virt-smmuv3-rich");
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
    void aQemuThatIsTooOldIsRefusedBeforeItStarts(@TempDir Path folder) throws IOException {
        var old = Files.writeString(folder.resolve("qemu-system-x86_64"), "#!/bin/sh\necho QEMU emulator version 7.2.22\n");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwx------"));
        var programs = new Programs(folder.toString());
        assertThatThrownBy(() -> new QemuMachineFactory(context, programs).boot("qemu:q35-vtd-first-stage", 0))
                .isInstanceOfSatisfying(IommuException.class, e -> {
                    assertThat(e.errno()).isEqualTo(Errno.ENOENT);
                    assertThat(e).hasMessageContaining("needs QEMU 10 or later, and " + old + " is of version 7; put a newer one before it");
                });
        assertThat(QemuMachine.missing("qemu:q35-vtd-first-stage", programs)).hasValueSatisfying(why ->
                assertThat(why).contains("is of version 7"));
        assertThat(QemuMachine.missing("qemu:q35-vtd", programs)).as("of whatever version").isEmpty();
        assertThat(QemuMachine.missing("qemu:q35-vtd", new Programs(""))).hasValueSatisfying(why ->
                assertThat(why).contains("apt-get install qemu-system-x86"));
    }

    @Test
    void anUnknownNameIsRefused() {
        var factory = new QemuMachineFactory(context, new Programs(""));
        assertThatThrownBy(() -> factory.boot("qemu:pdp11", 0)).hasMessageContaining(
                "qemu:q35-vtd, qemu:q35-vtd-first-stage, qemu:q35-vtd-rich, qemu:q35-vtd-scalable, qemu:virt-smmuv3");
    }
}
