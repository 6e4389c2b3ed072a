package sluicegate.judge;

import java.nio.file.Path;
import java.util.List;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.run.Subject;
import sluicegate.sim.EmbeddedMachine;

/** The machines that the judge's tests put programs on. */
final class Subjects {
    private static final Path DESCRIPTIONS = Path.of("..", "sim", "machines");
    private static final List<String> DEVICES = List.of("00:05.0", "00:02.0");

    private Subjects() {}

    /** The embedded machine of that shipped description. */
    static Subject embedded(String name, DriverView view) {
        var folder = FirmwareFolder.of(DESCRIPTIONS.resolve("q35-vtd"));
        return new Subject(EmbeddedMachine.boot(MachineDescription.read(folder), name, 0), DEVICES, view);
    }
}
