package sluicegate.shell;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Machines: what can be booted, booting, switching off. */
@GogoCommand(scope = Command.SCOPE, function = {"boot", "machines", "poweroff"})
@Component(service = CommandFamily.class)
public final class MachineCommands extends CommandFamily {
    private static final List<String> COLUMNS = List.of("machine", "kind", "state", "description");

    private final Platform platform;

    @Activate
    public MachineCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Lists machines: those that run, and those that can be booted by name.")
    Listing machines() {
        var running = platform.machines().running();
        var items = running.stream().map(MachineCommands::item).collect(Collectors.toCollection(ArrayList::new));
        var names = running.stream().map(Machine::name).collect(Collectors.toSet());
        for (var description : platform.machines().available()) {
            if (!names.contains(description.name())) {
                items.add(Item.of("machine", description.name(), "kind", description.kind(), "state", "off", "description",
                        description.text()));
            }
        }
        return Listing.of(COLUMNS, items, "No machine runs and none can be booted by name; iommu:boot takes a folder too.");
    }

    @Descriptor("Boots a machine; its devices appear on a PCI segment of their own.")
    Item boot(CommandSession session,
            @Descriptor("one that iommu:machines lists, or a folder with a machine description")
            Bootable machine) {
        var booted = platform.machines().boot(nameOrFolder(session, machine.nameOrFolder()));
        var lines = new ArrayList<String>();
        lines.add(String.format("%s runs: %s", booted.name(), booted.description()));
        booted.warnings().forEach(warning -> lines.add("warning: " + warning));
        var item = item(booted);
        return Item.of("machine", item.get("machine"), "kind", item.get("kind"), "state", item.get("state"), "description",
                item.get("description"), "warnings", booted.warnings()).shownAs(lines.toArray(String[]::new));
    }

    @Descriptor("Switches a machine off; its devices, units and domains go with it.")
    Item poweroff(@Descriptor("a machine that runs") Machine machine) {
        platform.machines().powerOff(machine.name());
        return Item.of("machine", machine.name(), "state", "off").shownAs(machine.name() + " is off");
    }

    private static Item item(Machine machine) {
        return Item.of("machine", machine.name(), "kind", machine.kind(), "state",
                machine.failure().isPresent() ? "failed" : "running", "description", machine.failure().orElseGet(machine::description));
    }

    /** A folder that the session sees, unless a machine has that name; folders reach the platform by their full path. */
    private String nameOrFolder(CommandSession session, String text) {
        var names = lookup().bootable();
        if (names.contains(text)) {
            return text;
        }
        Path folder;
        try {
            folder = session.currentDir().resolve(text).normalize();
        } catch (InvalidPathException e) {
            throw new IommuException(Errno.EINVAL, "'" + text + "' is neither a machine nor a possible folder", e);
        }
        if (Files.isDirectory(folder)) {
            return folder.toString();
        }
        throw new IommuException(Errno.ENOENT, "There is no machine '" + text + "' and no such folder"
                + NearMatches.question(text, names));
    }
}
