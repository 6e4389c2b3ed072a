package sluicegate.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.api.types.WalkStep;

/** What the hardware would answer to a request, and how it would get there. */
@GogoCommand(scope = Command.SCOPE, function = {"translate", "walk"})
@Component(service = CommandFamily.class)
public final class TranslationCommands extends CommandFamily {

    private final Platform platform;

    @Activate
    public TranslationCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Says where the hardware would take a request of a device. Fails with the fault that it would report. With"
            + " --batch it answers lines of 'device pasid|- iova' with one JSON object each, where a device may be any requester"
            + " id as it stands on the bus, such as a bridge's alias; a fault is an answer, and only lines that got an error"
            + " instead of an answer make it fail.")
    Item translate(CommandSession session,
            @Descriptor("a device that iommu:devices lists") @Unless("--batch") Device device,
            @Descriptor("the address that the device asks for") @Unless("--batch") long iova,
            @Descriptor("as a request with this PASID") @Parameter(names = "--pasid", absentValue = Pasids.NONE) String pasid,
            @Descriptor("as a write; a read otherwise")
            @Parameter(names = "--write", presentValue = "true", absentValue = "false") boolean write,
            @Descriptor("answer the lines of this file, or of standard input if it is -; # begins a comment")
            @Parameter(names = "--batch", absentValue = "") String file) {
        if (!file.isEmpty()) {
            if (device != null || !pasid.equals(Pasids.NONE)) {
                throw new CommandFailure("iommu:translate: --batch takes devices, PASIDs and addresses from its file, give no"
                        + " others");
            }
            translateBatch(session, file, write);
            return null;
        }
        var translation = device.translate(Pasids.parse(pasid), iova, write);
        if (translation instanceof Translation.Fault fault) {
            throw new CommandFailure(
                    String.format("%s: %s at %s would fault: %s: %s", device.name(), write ? "a write" : "a read",
                            Hex.of(iova), fault.name(), fault.reason()),
                    Item.of("iova", Hex.of(iova), "fault", fault.name(), "reason", fault.reason()));
        }
        var mapped = (Translation.Mapped) translation;
        return Item.of("iova", Hex.of(iova), "address", Hex.of(mapped.address()), "perms", Prot.toString(mapped.prot()))
                .standingFor("address")
                .shownAs(String.format("%s -> %s %s (%s)", Hex.of(iova), Hex.of(mapped.address()),
                        Prot.toString(mapped.prot()), mapped.size() == 0 ? "no page" : new Size(mapped.size()) + " page"));
    }

    private void translateBatch(CommandSession session, String file, boolean write) {
        var name = file.equals(StandardInput.NAME) ? "standard input" : file;
        var batch = new TranslationBatch(platform.iommu(), name, write);
        var out = new PrintWriter(new OutputStreamWriter(out(session), StandardCharsets.UTF_8));
        try (var in = reader(session, file)) {
            batch.run(in, out);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(new IommuException(Errno.ENOENT, "There is no file " + file, e));
        } catch (IOException | InvalidPathException e) {
            throw new CommandFailure(new IommuException(Errno.EIO, name + " cannot be read: " + e.getMessage(), e));
        } finally {
            out.flush();
        }
        if (batch.failed() != 0) {
            throw new CommandFailure(String.format("%s: %d of %d lines got no answer; their objects say why", name,
                    batch.failed(), batch.asked()));
        }
    }

    /** Bytes that are no UTF-8 become odd characters, which the line's error shows. */
    private static BufferedReader reader(CommandSession session, String file) throws IOException {
        var in = file.equals(StandardInput.NAME) ? StandardInput.of(session) : Files.newInputStream(session.currentDir().resolve(file));
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Descriptor("Shows each entry that the hardware reads for a request, decoded, from the first table to the last. "
            + "Fields that are 0 are left out; --json has them all.")
    Listing walk(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("the address that the device asks for") long iova,
            @Descriptor("as a request with this PASID") @Parameter(names = "--pasid", absentValue = Pasids.NONE)
            String pasid) {
        var steps = device.walk(Pasids.parse(pasid), iova);
        var items = steps.stream()
                .map(step -> Item.of("entry", step.entry(), "address", Hex.of(step.address()),
                        "words", step.words().stream().map(Hex::of).toList(), "fields", Fields.items(step.fields()),
                        "outcome", step.outcome()))
                .toList();
        return Listing.of(List.of("entry", "address", "words", "fields", "outcome"), items,
                        "The hardware reads no entry for this request.")
                .shownAs(steps.stream().map(TranslationCommands::picture).collect(Collectors.joining("\n")));
    }

    /** What it is and where it lies, its words, its fields that are set, and what it decides. */
    private static String picture(WalkStep step) {
        var lines = new ArrayList<List<String>>();
        for (var field : Fields.set(step.fields())) {
            lines.add(List.of("    " + field.name(), Hex.of(field.value()), field.meaning()));
        }
        var words = step.words().stream().map(word -> String.format("%016x", word)).collect(Collectors.joining(" "));
        return step.entry() + " at " + Hex.of(step.address()) + ": " + words + "\n"
                + (lines.isEmpty() ? "" : Table.align(lines) + "\n") + "    => " + step.outcome();
    }
}
