package sluicegate.judge;

import java.nio.file.Path;
import java.util.List;
import sluicegate.api.platform.Machine;
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

    static Machine embeddedMachine(String name) {
        var folder = FirmwareFolder.of(DESCRIPTIONS.resolve("q35-vtd"));
        return EmbeddedMachine.boot(MachineDescription.read(folder), name, 0);
    }

    /** Core, driver and model. */
    static Subject embedded(String name, DriverView view) {
        return new Subject(embeddedMachine(name), DEVICES, view);
    }
}
