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
import sluicegate.judge.inject.AmdviSabotage;
import sluicegate.judge.inject.VtdSabotage;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.run.Subject;
import sluicegate.judge.run.Twin;
import sluicegate.judge.verdict.Judge;
import sluicegate.judge.verdict.KnownFault;
import sluicegate.judge.verdict.KnownQemuAmdFaults;
import sluicegate.judge.verdict.KnownQemuFaults;
import sluicegate.judge.verdict.KnownQemuSmmuFaults;
import sluicegate.qemu.QemuMachine;
import sluicegate.qemu.process.Programs;
import sluicegate.sim.EmbeddedMachine;

/** The machines that the judge's tests put programs on. */
public final class Subjects {
    /** What the DMAR table says that QEMU makes for {@code aw-bits=48}, which the shipped descriptions have too; and IDR5.OAS. */
    private static final int VTD_PHYSICAL_BITS = 48;
    private static final int SMMUV3_PHYSICAL_BITS = 44;
    private static final String SETTINGS = "machine.properties";
    private static final Path DESCRIPTIONS = Path.of("..", "sim", "machines");
    /** Two devices, each in a group of its own. */
    static final String PLAIN = "q35-vtd";
    /** Devices on the root bus, one beside another's group, two behind a bridge that gives both one requester id. */
    static final String RICH = "q35-vtd-rich";
    /** Scalable mode: embedded with both stages, device TLBs and PASIDs, on QEMU with the second stage alone. */
    static final String SCALABLE = "q35-vtd-scalable";
    /** Scalable mode with the first stage alone: on QEMU, since version 10. */
    static final String FIRST_STAGE = "q35-vtd-first-stage";
    /** Property that names a folder with a newer QEMU: its programs, or packages unpacked there. */
    private static final String NEWER_QEMU = "judge.qemu";
    /** Settings of {@link #SCALABLE} without a first stage, as QEMU has it. */
    static final String SECOND_STAGE = "vtd.first-stage = no\nvtd.first-stage-five-levels = no";
    /** The first on Arm: two devices behind an SMMU. */
    static final String ARM = "virt-smmuv3";
    /** The second, with all that an SMMU can do. */
    static final String ARM_RICH = "virt-smmuv3-rich";
    /** Two devices behind an AMD IOMMU that has host tables only. */
    static final String AMD = "q35-amdvi";
    /** With all that such a unit can do, and bridges. */
    static final String AMD_RICH = "q35-amdvi-rich";
    /** Accelerators with PASIDs behind an AMD IOMMU. */
    static final String AMD_ACCEL = "q35-amdvi-accel";
    private static final Map<String, List<Subject.Engine>> DEVICES = Map.of(
            ARM, engines("00:05.0", "00:02.0"),
            ARM_RICH, engines("00:05.0", "00:02.0", "00:03.0"),
            AMD, engines("00:05.0", "00:02.0"),
            AMD_RICH, engines("00:05.0", "03:03.0", "03:04.0", "00:03.0", "07:00.0"),
            PLAIN, engines("00:05.0", "00:02.0"),
            SCALABLE, engines("00:05.0", "03:03.0", "03:04.0", "00:03.0", "07:00.0"),
            RICH, engines("00:05.0", "03:03.0", "03:04.0", "00:03.0", "07:00.0"));

    /** What the SD host controller writes to the interrupt address range would reach QEMU's parked processor, and could wake it. */
    private static final Map<String, List<Subject.Engine>> QEMU_DEVICES = Map.of(
            ARM, List.of(new Subject.Engine("00:05.0"), new Subject.Engine("00:06.0", 32, false)),
            // QEMU's edu finds out by reading how large a page of AMD's is, see EduDma.
            AMD, List.of(new Subject.Engine("00:05.0", Long.SIZE, true, false)),
            PLAIN, List.of(new Subject.Engine("00:05.0"), new Subject.Engine("00:06.0", 32, false)),
            SCALABLE, List.of(new Subject.Engine("00:05.0"), new Subject.Engine("00:06.0", 32, false)),
            FIRST_STAGE, List.of(new Subject.Engine("00:05.0"), new Subject.Engine("00:06.0", 32, false)),
            RICH, engines("00:05.0", "03:03.0", "03:04.0", "01:00.0"));

    private Subjects() {}

    private static List<Subject.Engine> engines(String... names) {
        return Stream.of(names).map(Subject.Engine::new).toList();
    }

    /** A machine of that shipped description. */
    static EmbeddedMachine embeddedMachine(String description) {
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
        return new Subject(embeddedMachine(description), physicalBits(description), DEVICES.get(description), view);
    }

    /** A QEMU machine. The test is skipped where there is no QEMU that has it, and fails if {@code -Djudge.qemu=DIR} promised one. */
    public static Machine qemu(String name) {
        var machine = "qemu:" + name;
        var host = Programs.ofHost();
        var missing = QemuMachine.missing(machine, host);
        var newer = System.getProperty(NEWER_QEMU, "");
        Assumptions.assumeTrue(missing.isEmpty() || !newer.isEmpty(), () -> "QEMU judges nothing: " + missing.orElseThrow());
        return QemuMachine.boot(machine, 0, missing.isEmpty()
                ? host : new Programs(newer + ":" + newer + "/usr/bin:" + host.searchPath()));
    }

    /** QEMU alone. */
    static Judge.Bench qemu(String name, DriverView view) {
        return new Judge.Bench(new Subject(qemu(name), physicalBits(name), QEMU_DEVICES.get(name), view), known(name));
    }

    /** What a driver has to be given so that QEMU does as hardware: where it has faults that no program could live with. */
    public static DriverView viewOfQemu(String name) {
        return switch (name) {
            case SCALABLE, FIRST_STAGE -> VtdSabotage.pasidCacheAsContextCache();
            case AMD -> AmdviSabotage.entriesAsEverything();
            default -> DriverView.CLEAR;
        };
    }

    /** QEMU and its twin, each with core and driver, in lockstep. */
    static Judge lockstep(String name) {
        var machine = qemu(name);
        var engines = QEMU_DEVICES.get(name);
        var twin = name.equals(ARM) || name.equals(AMD) ? Twin.of(machine, description(name, "")) : Twin.of(machine);
        return new Judge(List.of(
                new Judge.Bench(new Subject(twin, physicalBits(name), engines, DriverView.CLEAR), List.of()),
                new Judge.Bench(new Subject(machine, physicalBits(name), engines, viewOfQemu(name)), known(name))));
    }

    /** With other settings of the machine. */
    static Subject embedded(String description, String settings) {
        return new Subject(embeddedMachine(description, settings), physicalBits(description), DEVICES.get(description),
                DriverView.CLEAR);
    }

    private static int physicalBits(String name) {
        return switch (name) {
            case ARM -> SMMUV3_PHYSICAL_BITS;
            default -> VTD_PHYSICAL_BITS;
        };
    }

    private static List<KnownFault> known(String name) {
        return List.of(switch (name) {
            case ARM -> KnownQemuSmmuFaults.values();
            case AMD -> KnownQemuAmdFaults.values();
            default -> KnownQemuFaults.values();
        });
    }
}
