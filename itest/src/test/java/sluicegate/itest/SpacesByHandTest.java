package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.test.common.annotation.InjectService;
import sluicegate.api.AddressSpaces;
import sluicegate.api.Device;
import sluicegate.api.ProcessSpace;
import sluicegate.api.SvaBinding;

/** Devices share an address space at the prompt, and ask for its pages: on a machine of each kind that has accelerators. */
class SpacesByHandTest extends ShellTest {
    private static final String FIRST = "00:10.0";

    @InjectService(timeout = 10_000)
    AddressSpaces spaces;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private FrameworkMachine rig;
    private CommandSession shell;

    private void begin(String machine) {
        rig = boot(machine, FIRST);
        shell = session(printed);
    }

    @AfterEach
    void powerOff() {
        shell.close();
        iommu.bindings().forEach(SvaBinding::unbind);
        spaces.spaces().forEach(ProcessSpace::close);
        rig.close();
    }

    private String say(String command, Object... arguments) throws Exception {
        return say(shell, String.format(command, arguments));
    }

    /** What an answer stands for at the prompt. */
    private String word(String command, Object... arguments) throws Exception {
        return shell.execute(String.format(command, arguments)).toString();
    }

    private static void awaitAnswers(Device device) {
        FrameworkMachine.await("answers to all that " + device.name() + " has asked", () -> device.pageRequests().outstanding() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"q35-vtd-accel", "virt-smmuv3-accel", "q35-amdvi-accel"})
    void aDeviceGetsThePagesOfAProcessWhenItAsksForThem(String machine) throws Exception {
        begin(machine);
        var space = word("space-alloc %s", FIRST);
        var address = word("space-map %s 64K rw", space);
        var pasid = word("sva-bind %s %s", FIRST, space);
        assertThat(spaces.space(space).pages()).isZero();
        assertThat(say("dma %s write %s 4869 --pasid %s", FIRST, address, pasid)).contains("wrote 2 bytes");
        assertThat(spaces.space(space).pages()).as("what the device has asked for").isEqualTo(1);
        assertThat(say("space-read %s %s 2", space, address)).contains("48 69");
        say("space-write %s %s 6f6b", space, address);
        assertThat(say("dma %s read %s 2 --pasid %s", FIRST, address, pasid)).contains("6f 6b");
        awaitAnswers(rig.device);
        assertThat(rig.device.pageRequests().succeeded()).isPositive();
        assertThat(say("requests")).contains(rig.device.name());
        assertThat(say("spaces")).contains(space).contains(rig.device.name());
        assertThatThrownBy(() -> say("dma %s read 0x1000 4 --pasid %s", FIRST, pasid)).as("no region").hasMessageContaining("failed");
        say("sva-unbind %s %s", FIRST, space);
        assertThatThrownBy(() -> say("dma %s read %s 2 --pasid %s", FIRST, address, pasid)).hasMessageContaining(FIRST);
        say("space-free %s", space);
        assertThat(spaces.spaces()).isEmpty();
        assertThat(iommu.bindings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"q35-vtd-accel", "virt-smmuv3-accel", "q35-amdvi-accel"})
    void aStormOfPageRequestsEndsWithItsDeviceStoppedAndItsNeighbourGoesOn(String machine) throws Exception {
        begin(machine);
        var neighbour = FIRST.replace("10.0", "11.0");
        var space = word("space-alloc %s", FIRST);
        long address = Long.decode(word("space-map %s 1M rw", space));
        var pasid = word("sva-bind %s %s", FIRST, space);
        say("sva-bind %s %s", neighbour, space);
        say("request-storm %s start --pasid %s", FIRST, pasid);
        for (int page = 0; page < 256; page++) {
            assertThat(say("dma %s write %#x 4869 --pasid %s", neighbour, address + page * 4096L, pasid)).contains("wrote 2 bytes");
        }
        FrameworkMachine.await(FIRST + " is stopped", () -> rig.device.pageRequests().stopped());
        assertThat(say("faults")).contains("PAGE_REQUEST_FLOOD").contains("until it is reset");
        assertThat(say("request-storm %s stop", FIRST)).contains("has asked for");
        assertThat(say("requests")).containsPattern(FIRST + " .* true").containsPattern(neighbour + " .* false");
        say("reset %s", FIRST);
        assertThat(rig.device.pageRequests().stopped()).isFalse();
        var more = word("space-map %s 64K rw", space);
        assertThat(say("dma %s write %s 4869 --pasid %s", FIRST, more, pasid)).contains("wrote 2 bytes");
        say("sva-unbind %s %s", FIRST, space);
        say("sva-unbind %s %s", neighbour, space);
        say("space-free %s", space);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lab", "q35-vtd-accel", "virt-smmuv3-accel", "q35-amdvi-accel"})
    void theTourShowsADemandPagedDmaAndLeavesNothingBehind(String machine) throws Exception {
        begin(machine);
        var domains = iommu.domains();
        shell.execute("tour");
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("iommu:sva-bind").contains("wrote 15 bytes")
                .contains("Hello, process!").contains("iommu:sva-unbind").contains("iommu:space-free");
        assertThat(spaces.spaces()).isEmpty();
        assertThat(iommu.bindings()).isEmpty();
        assertThat(iommu.domains()).isEqualTo(domains);
        assertThat(iommu.devices()).allSatisfy(device -> assertThat(device.pageRequests().outstanding()).as(device.name()).isZero());
    }
}
