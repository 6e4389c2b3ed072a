package sluicegate.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.Group;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.GroupingRules.AcsOverride;
import sluicegate.api.grouping.GroupingRules.Generation;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.inspect.MachineExplainer;
import sluicegate.inspect.MachineExplainer.Change;
import sluicegate.inspect.MachineExplainer.Move;

/** Why devices share groups, and what would change that. */
@GogoCommand(scope = Command.SCOPE, function = {"explain", "whatif"})
@Component(service = CommandFamily.class)
public final class ExplainCommands extends CommandFamily {
    private static final String KERNEL = "kernel";
    private static final String NONE = "none";

    private final Platform platform;
    private final MachineExplainer explainer;

    @Activate
    public ExplainCommands(@Reference Platform platform, @Reference MachineExplainer explainer) {
        super(platform);
        this.platform = platform;
        this.explainer = explainer;
    }

    @Descriptor("Explains groups: which bridges, ACS bits, aliases and quirks decided, which memory is reserved by whom, whether a guest may"
            + " have the devices, and what would change it. Of a device that runs, or of a machine that need not: a folder with"
            + " lspci.txt and ACPI tables, a text of lspci -nnvvv, or a sysfs tree.")
    Listing explain(CommandSession session,
            @Descriptor("write a page for a browser, with a picture, to this file") @Parameter(names = "--html", absentValue = NONE) String html,
            @Descriptor("kernel, or rework for the rules posted in 2025") @Words({"kernel", "rework"})
            @Parameter(names = "--rules", absentValue = KERNEL) String rules,
            @Descriptor("a device that runs; or a folder or file, and a device in it if only that is asked for") String... what) {
        if (what.length == 0 || what.length > 2) {
            throw new CommandFailure("iommu:explain: name a device, or a folder or file with or without a device in it");
        }
        var source = path(session, what[0]);
        if (what.length == 1 && source.isEmpty() && !platform.iommu().devices().isEmpty()) {
            return ExplainPictures.device(running(lookup().device(what[0]), rules(rules, AcsOverride.NONE)));
        }
        var path = source.orElseThrow(() -> new CommandFailure(new IommuException(Errno.ENOENT, "There is no file or folder " + what[0])));
        if (what.length == 2) {
            return ExplainPictures.device(explainer.explain(path, what[1], rules(rules, AcsOverride.NONE)));
        }
        var report = explainer.explain(path, rules(rules, AcsOverride.NONE));
        if (!html.equals(NONE)) {
            write(session, html, explainer.html(report));
        }
        return ExplainPictures.machine(report, html.equals(NONE) ? Optional.empty() : Optional.of(html));
    }

    private MachineExplainer.DeviceReport running(Device device, GroupingRules rules) {
        if (!(device.busDevice() instanceof PciFunction function)) {
            throw new CommandFailure(device.name() + " is no PCI function: it shares its group with nobody, unless its unit has one group for all");
        }
        var mates = platform.iommu().devices().stream().filter(other -> other.unit().isPresent()
                && other.busDevice() instanceof PciFunction && other.busDevice().bus() == function.bus())
                .map(other -> (PciFunction) other.busDevice()).toList();
        return explainer.explain(function, mates, device.reservedRegions(), device.group().map(Group::id).orElse(-1), rules);
    }

    @Descriptor("Shows which groups would change if ACS were overridden, a card moved, vendors' words ignored, or the rules were others.")
    Listing whatif(CommandSession session,
            @Descriptor("count functions as isolating: downstream, multifunction, id:VVVV:DDDD, separated by commas")
            @Words({"downstream", "multifunction", "downstream,multifunction"}) @Parameter(names = "--override", absentValue = NONE) String override,
            @Descriptor("put a card below another port: DEVICE=PORT, separated by commas") @Parameter(names = "--move", absentValue = NONE) String move,
            @Descriptor("ignore what vendors say of their devices")
            @Parameter(names = "--no-quirks", presentValue = "true", absentValue = "false") boolean noQuirks,
            @Descriptor("kernel, or rework for the rules posted in 2025") @Words({"kernel", "rework"})
            @Parameter(names = "--rules", absentValue = KERNEL) String rules,
            @Descriptor("a folder with lspci.txt and ACPI tables, a text of lspci -nnvvv, or a sysfs tree") String machine) {
        var path = path(session, machine).orElseThrow(() -> new CommandFailure(new IommuException(Errno.ENOENT, "There is no file or folder " + machine)));
        var after = new GroupingRules(rules(rules, AcsOverride.NONE).generation(), !noQuirks, override(override));
        return ExplainPictures.whatIf(explainer.whatIf(path, GroupingRules.KERNEL, new Change(after, moves(move))));
    }

    private static GroupingRules rules(String word, AcsOverride override) {
        return switch (word) {
            case KERNEL -> new GroupingRules(Generation.PATHS, true, override);
            case "rework" -> new GroupingRules(Generation.BUSES, true, override);
            default -> throw new CommandFailure("'" + word + "' are no rules: write kernel or rework");
        };
    }

    private static AcsOverride override(String text) {
        if (text.equals(NONE)) {
            return AcsOverride.NONE;
        }
        boolean downstream = false;
        boolean multifunction = false;
        var ids = new HashSet<Integer>();
        for (var word : text.split(",")) {
            if (word.equals("downstream")) {
                downstream = true;
            } else if (word.equals("multifunction")) {
                multifunction = true;
            } else if (word.matches("id:[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")) {
                ids.add((int) Long.parseLong(word.substring(3).replace(":", ""), 16));
            } else {
                throw new CommandFailure("'" + word + "' overrides nothing: write downstream, multifunction or id:VVVV:DDDD");
            }
        }
        return new AcsOverride(downstream, multifunction, ids);
    }

    private static List<Move> moves(String text) {
        var moves = new ArrayList<Move>();
        if (!text.equals(NONE)) {
            for (var word : text.split(",")) {
                var ends = word.split("=", 2);
                if (ends.length != 2) {
                    throw new CommandFailure("'" + word + "' is no move: write DEVICE=PORT");
                }
                moves.add(new Move(ends[0], ends[1]));
            }
        }
        return moves;
    }

    private static Optional<Path> path(CommandSession session, String text) {
        try {
            return Optional.of(session.currentDir().resolve(text)).filter(Files::exists);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static void write(CommandSession session, String file, String text) {
        try {
            Files.writeString(session.currentDir().resolve(file), text, StandardCharsets.UTF_8);
        } catch (IOException | InvalidPathException e) {
            throw new CommandFailure(new IommuException(Errno.EIO, file + " cannot be written: " + e.getMessage(), e));
        }
    }
}
