package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.felix.service.command.Converter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.InvalidSyntaxException;

/** The commands as a script meets them: through Gogo, with {@code --json}. */
class CommandsTest extends ShellTest {

    private FrameworkMachine rig;

    @BeforeEach
    void powerOn() {
        FrameworkMachine.await("the commands", () -> List.of("devices", "mem", "domain-alloc", "map", "translate", "dma").stream()
                .allMatch(this::isThere));
        rig = boot();
    }

    @AfterEach
    void powerOff() {
        rig.close();
    }

    private boolean isThere(String command) {
        try {
            return context.getAllServiceReferences(null, "(osgi.command.function=" + command + ")") != null;
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private String run(String command) throws Exception {
        var out = new ByteArrayOutputStream();
        var shown = "";
        try (var session = session(out)) {
            var result = session.execute(command);
            shown = result == null ? "" : session.format(result, Converter.INSPECT).toString();
        }
        return out.toString(StandardCharsets.UTF_8) + shown;
    }

    /** The value of a key in the first object that has it. */
    private static String value(String json, String key) {
        var found = Pattern.compile("\"" + key + "\"\\s*:\\s*\"([^\"]*)\"").matcher(json);
        assertThat(found.find()).as("%s in %s", key, json).isTrue();
        return found.group(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "devices | device,unit,driver,group,domain,type",
        "units   | unit,compatible,driver,bundle,state",
        "groups  | group,type,devices",
    })
    void listsHaveTheKeysThatScriptsRelyOn(String list, String keys) throws Exception {
        assertThat(run("iommu:" + list + " --json")).startsWith("[")
                .contains(Arrays.stream(keys.split(",")).map(key -> '"' + key + '"').toList());
    }

    @Test
    void memoryDomainMapAndDma() throws Exception {
        var memory = run("iommu:mem " + FrameworkMachine.NAME + " alloc 4096 --json");
        assertThat(memory).contains("\"size\":4096");
        var address = value(memory, "address");
        run("iommu:mem " + FrameworkMachine.NAME + " write " + address + " deadbeef");
        var domain = value(run("iommu:domain-alloc " + FrameworkMachine.DEVICE + " --json"), "domain");
        run("iommu:attach " + domain + " " + FrameworkMachine.DEVICE);
        run("iommu:map " + domain + " 0x40000000 " + address + " 0x1000 rw");

        var translation = run("iommu:translate " + FrameworkMachine.DEVICE + " 0x40000000 --json");
        assertThat(value(translation, "address")).isEqualTo(address);
        assertThat(value(translation, "perms")).isEqualTo("rw");
        var dma = run("iommu:dma " + FrameworkMachine.DEVICE + " read 0x40000000 4 --json");
        assertThat(value(dma, "iova")).isEqualTo("0x40000000");
        assertThat(value(dma, "status")).isEqualTo("ok");
        assertThat(value(dma, "data")).isEqualTo("deadbeef");
    }
}
