package sluicegate.judge;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import sluicegate.api.platform.Machine;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.run.Subject;
import sluicegate.judge.run.Twin;
import sluicegate.judge.verdict.Judge;
import sluicegate.judge.verdict.KnownQemuFaults;
import sluicegate.qemu.QemuMachine;
import sluicegate.qemu.process.Programs;
import sluicegate.sim.EmbeddedMachine;

/** The machines that the judge's tests put programs on. */
public final class Subjects {
    /** What the DMAR table says that QEMU makes for {@code aw-bits=48}, which the shipped descriptions have too. */
    private static final int PHYSICAL_BITS = 48;
    private static final String SETTINGS = "machine.properties";
    private static final Path DESCRIPTIONS = Path.of("..", "sim", "machines");
    /** Two devices, each in a group of its own. */
    static final String PLAIN = "q35-vtd";
    /** Devices on the root bus, one beside another's group, two behind a bridge that gives both one requester id. */
    static final String RICH = "q35-vtd-rich";
    private static final Map<String, List<Subject.Engine>> DEVICES = Map.of(
            PLAIN, engines("00:05.0", "00:02.0"),
            RICH, engines("00:05.0", "03:03.0", "03:04.0", "00:03.0", "07:00.0"));

    /** What the SD host controller writes to the interrupt address range would reach QEMU's parked processor, and could wake it. */
    private static final Map<String, List<Subject.Engine>> QEMU_DEVICES = Map.of(
            PLAIN, List.of(new Subject.Engine("00:05.0"), new Subject.Engine("00:06.0", 32, false)),
            RICH, engines("00:05.0", "03:03.0", "03:04.0", "01:00.0"));

    private Subjects() {}

    private static List<Subject.Engine> engines(String... names) {
        return Stream.of(names).map(Subject.Engine::new).toList();
    }

    /** A machine of that shipped description. */
    static Machine embeddedMachine(String description) {
        return embeddedMachine(description, "");
    }

    /** @param settings further lines of its {@code machine.properties}, in the place of those with the same keys */
    public static EmbeddedMachine embeddedMachine(String description, String settings) {
        return EmbeddedMachine.boot(description(description, settings), "model", 0);
    }

    /** A shipped description with other settings. */
    public static MachineDescription description(String description, String settings) {
        var folder = FirmwareFolder.of(DESCRIPTIONS.resolve(description));
        var changed = FirmwareFolder.of(description, folder.names(), file -> {
            var bytes = folder.read(file).bytes();
            return file.equals(SETTINGS) ? override(bytes, settings) : bytes;
        });
        return MachineDescription.read(changed);
    }

    /** A key may stand in the file once only. */
    private static byte[] override(byte[] file, String settings) {
        var kept = new String(file, StandardCharsets.UTF_8).lines()
                .filter(line -> settings.lines().noneMatch(other -> key(other).equals(key(line))))
                .collect(Collectors.joining("\n"));
        return (kept + "\n" + settings).getBytes(StandardCharsets.UTF_8);
    }

    private static String key(String line) {
        return line.split("=", 2)[0].strip();
    }

    /** Core, driver and model. */
    static Subject embedded(String description, DriverView view) {
        return new Subject(embeddedMachine(description), PHYSICAL_BITS, DEVICES.get(description), view);
    }

    /** A QEMU machine and the embedded machine that is like it. The test is skipped where there is no QEMU. */
    static Machine qemu(String name) {
        var programs = Programs.ofHost();
        Assumptions.assumeTrue(programs.find("qemu-system-x86_64").isPresent(),
                "qemu-system-x86_64 is not on the PATH, so QEMU judges nothing; install it (Debian: qemu-system-x86)");
        return QemuMachine.boot("qemu:" + name, 0, programs);
    }

    /** QEMU alone. */
    static Judge.Bench qemu(String name, DriverView view) {
        return new Judge.Bench(new Subject(qemu(name), PHYSICAL_BITS, QEMU_DEVICES.get(name), view), List.of(KnownQemuFaults.values()));
    }

    /** QEMU and its twin, each with core and driver, in lockstep. */
    static Judge lockstep(String name) {
        var machine = qemu(name);
        var engines = QEMU_DEVICES.get(name);
        return new Judge(List.of(
                new Judge.Bench(new Subject(Twin.of(machine), PHYSICAL_BITS, engines, DriverView.CLEAR), List.of()),
                new Judge.Bench(new Subject(machine, PHYSICAL_BITS, engines, DriverView.CLEAR), List.of(KnownQemuFaults.values()))));
    }

    /** With other settings of the machine. */
    static Subject embedded(String description, String settings) {
        return new Subject(embeddedMachine(description, settings), PHYSICAL_BITS, DEVICES.get(description), DriverView.CLEAR);
    }
}
