package sluicegate.shell;

import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Fault;
import sluicegate.api.types.Hex;

/** Faults that units reported. */
@GogoCommand(scope = Command.SCOPE, function = "faults")
@Component(service = CommandFamily.class)
public final class FaultCommands extends CommandFamily {
    private static final List<String> COLUMNS =
            List.of("time", "unit", "device", "pasid", "iova", "access", "fault", "reason");

    private final Platform platform;
    private final FaultWatch faults;

    @Activate
    public FaultCommands(@Reference Platform platform, @Reference FaultWatch faults) {
        super(platform);
        this.platform = platform;
        this.faults = faults;
    }

    @Descriptor("Lists the latest faults, oldest first, or prints each as it comes.")
    Listing faults(CommandSession session,
            @Descriptor("print each fault as it comes, until Ctrl-C or --count")
            @Parameter(names = "--follow", presentValue = "true", absentValue = "false") boolean follow,
            @Descriptor("only the latest so many; with --follow stop after so many")
            @Parameter(names = "--count", absentValue = "0") long count,
            @Descriptor("print JSON") @Parameter(names = Command.JSON, presentValue = "true", absentValue = "false")
            boolean json) {
        if (follow) {
            follow(out(session), count, json);
            return null;
        }
        var recent = platform.iommu().recentFaults();
        long skipped = count == 0 ? 0 : Math.max(0, recent.size() - count);
        return Listing.of(COLUMNS, recent.stream().skip(skipped).map(FaultCommands::item).toList(), "No faults.");
    }

    /** Prints faults line by line; an interrupt, which is what Ctrl-C becomes, is the ordinary end. */
    private void follow(PrintStream out, long count, boolean json) {
        try (var watch = faults.open(fault -> true)) {
            for (long seen = 0; count == 0 || seen < count; seen++) {
                var item = item(watch.take());
                out.println(json ? item.asJson().text() : line(item));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(Item item) {
        var cells = new ArrayList<String>();
        COLUMNS.forEach(column -> cells.add(Table.cell(item.get(column))));
        return String.join("  ", cells);
    }

    /** A source that is no device of the machine is named by its id. */
    private static Item item(Fault fault) {
        return Item.of("unit", fault.unit(), "device", fault.device().orElseGet(() -> Hex.of(fault.sourceId())),
                "pasid", Pasids.orNull(fault.pasid()), "iova", Hex.of(fault.iova()), "access", fault.access().word(),
                "fault", fault.name(), "reason", fault.reason(), "time",
                fault.time().truncatedTo(ChronoUnit.MICROS).toString());
    }
}
