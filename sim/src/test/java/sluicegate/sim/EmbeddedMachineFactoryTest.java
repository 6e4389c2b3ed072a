package sluicegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** The factory on a service registry that only notes what comes and goes. */
class EmbeddedMachineFactoryTest {
    private final List<Object> published = new ArrayList<>();
    private final List<Dictionary<String, ?>> properties = new ArrayList<>();
    private Class<?> refused;
    private EmbeddedMachineFactory factory;

    @BeforeEach
    void activate() throws IOException {
        var context = mock(BundleContext.class);
        var bundle = mock(Bundle.class);
        when(context.getBundle()).thenReturn(bundle);
        try (Stream<Path> files = Files.walk(Path.of("machines"))) {
            var urls = files.filter(Files::isRegularFile).map(EmbeddedMachineFactoryTest::url).toList();
            when(bundle.findEntries(anyString(), anyString(), anyBoolean())).thenReturn(Collections.enumeration(urls));
        }
        for (Class<?> type : List.of(Machine.class, IommuUnit.class, Bus.class)) {
            when(context.registerService(eqType(type), org.mockito.ArgumentMatchers.<Object>any(), any())).thenAnswer(call -> {
                if (type == refused) {
                    throw new IllegalStateException("refused by the test");
                }
                Object service = call.getArgument(1);
                published.add(service);
                properties.add(call.getArgument(2));
                var registration = mock(ServiceRegistration.class);
                org.mockito.Mockito.doAnswer(unregister -> published.remove(service)).when(registration).unregister();
                return registration;
            });
        }
        factory = new EmbeddedMachineFactory(context);
    }

    @SuppressWarnings("unchecked")
    private static Class<Object> eqType(Class<?> type) {
        return (Class<Object>) org.mockito.ArgumentMatchers.<Class<?>>eq(type);
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void deactivate() {
        factory.close();
        assertThat(published).as("all machines are off when the component goes").isEmpty();
    }

    @Test
    void theBundlesMachinesAreListed() {
        assertThat(factory.descriptions()).extracting("name").containsExactly("lab", "q35-amdvi", "q35-amdvi-accel", "q35-amdvi-rich",
                "q35-vtd", "q35-vtd-39", "q35-vtd-accel", "q35-vtd-rich", "q35-vtd-scalable", "virt-smmuv3", "virt-smmuv3-accel",
                "virt-smmuv3-rich");
        assertThat(factory.accepts("q35-vtd")).isTrue();
        assertThat(factory.accepts("no-such-machine")).isFalse();
        assertThat(factory.accepts("\0")).isFalse();
    }

    @Test
    void aMachineIsPublishedInAnOrderInWhichEachFindsTheOther() {
        var machine = factory.boot("q35-vtd-rich", 0);
        assertThat(published.get(0)).isSameAs(machine);
        assertThat(published.subList(1, 1 + machine.units().size())).isEqualTo(machine.units());
        assertThat(published.get(published.size() - 1)).isSameAs(machine.buses().get(0));
        assertThat(properties.get(1).get("iommu.compatible")).isEqualTo("intel,vtd");
        assertThat(properties.get(1).get("iommu.unit")).isEqualTo("dmar0");
        assertThat(properties.get(1).get("machine.name")).isEqualTo("q35-vtd-rich");
        machine.powerOff();
        assertThat(published).isEmpty();
        factory.boot("q35-vtd-rich", 1);
    }

    @Test
    void theLabIsThreeMachinesOverOneMemory() {
        var lab = factory.boot("lab", 4);
        assertThat(lab.name()).isEqualTo("lab");
        assertThat(lab.warnings()).isEmpty();
        assertThat(lab.units()).extracting(IommuUnit::compatible).containsExactly("intel,vtd", "arm,smmu-v3", "amd,iommu");
        assertThat(lab.units()).extracting(IommuUnit::segment).containsExactly(4, 5, 6);
        assertThat(lab.buses()).hasSize(3);
        long buffer = lab.allocate(4096);
        for (int i = 0; i < 3; i++) {
            var bus = lab.buses().get(i);
            int segment = 4 + i;
            assertThat(bus.devices()).hasSizeGreaterThan(20).allSatisfy(device -> assertThat(device.name())
                    .startsWith(String.format("%04x:", segment)));
            for (var device : bus.devices()) {
                bus.dmaConfigure(device).ifPresent(said ->
                        assertThat(said.unit()).as("%s", device).isSameAs(lab.units().get(segment - 4)));
            }
            var unit = lab.units().get(i);
            assertThat(bus.unitInFrontOf(new PciAddress(segment, 1, 0, 0))).contains(unit);
            assertThat(lab.buses().stream().filter(any -> any.unitInFrontOf(new PciAddress(segment, 1, 0, 0)).isPresent()))
                    .as("only one bus knows").hasSize(1);
        }
        assertThat(lab.memory().contains(buffer, 4096)).isTrue();
    }

    @Test
    void partsThatMakeNoSenseAreRefused(@TempDir Path folder) throws IOException {
        for (var text : List.of("memory = 1G\n", "parts = q35-vtd\n", "memory = 1G\nparts = q35-vtd, q35-vtd\n",
                "memory = lots\nparts = q35-vtd\n", "memory = 1G\nparts = q35-vtd,\n", "memory = 1G\nparts = q35-vtd\nvtd.levels = 4\n")) {
            Files.writeString(folder.resolve("parts.properties"), text);
            assertErrno(Errno.EINVAL, folder.toString());
        }
        Files.writeString(folder.resolve("parts.properties"), "memory = 1G\nparts = no-such-machine\n");
        assertThatThrownBy(() -> factory.boot(folder.toString(), 0)).hasMessageContaining("'no-such-machine'");
        Files.writeString(folder.resolve("parts.properties"), "memory = 1G\nparts = q35-vtd\n");
        assertThat(factory.boot(folder.toString(), 0).units()).hasSize(1);
    }

    @Test
    void aNameRunsOnceAtATime() {
        factory.boot("q35-vtd", 0);
        assertErrno(Errno.EEXIST, "q35-vtd");
    }

    @Test
    void aFolderBootsUnderItsName() {
        var machine = factory.boot(Path.of("machines", "q35-vtd").toAbsolutePath() + "/.", 2);
        assertThat(machine.name()).isEqualTo("q35-vtd");
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertErrno(Errno.ENOENT, "no-such-machine");
    }

    @Test
    void aBrokenDescriptionLeavesNothingBehind(@TempDir Path folder) throws IOException {
        for (var name : List.of("dmar.bin", "machine.properties", "pci.txt")) {
            Files.copy(Path.of("machines", "q35-vtd", name), folder.resolve(name));
        }
        var table = Files.readAllBytes(folder.resolve("dmar.bin"));
        table[9] ^= 1;
        Files.write(folder.resolve("dmar.bin"), table);
        assertErrno(Errno.EINVAL, folder.toString());
        assertThat(published).isEmpty();
    }

    @Test
    void ifPublishingFailsNothingStaysBehind() {
        refused = Bus.class;
        assertThatThrownBy(() -> factory.boot("q35-vtd", 0)).isInstanceOf(IllegalStateException.class);
        assertThat(published).isEmpty();
        refused = null;
        factory.boot("q35-vtd", 0);
    }

    private void assertErrno(Errno errno, String name) {
        assertThatThrownBy(() -> factory.boot(name, 9)).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(errno)).hasMessageContaining(name);
    }
}
