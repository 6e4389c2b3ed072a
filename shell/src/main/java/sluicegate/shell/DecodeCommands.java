package sluicegate.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.inspect.DecodedFault;
import sluicegate.inspect.FaultDecoder;
import sluicegate.inspect.FaultLog;
import sluicegate.inspect.Vendor;

/** Explains what kernels log about faults. */
@GogoCommand(scope = Command.SCOPE, function = "decode")
@Component(service = CommandFamily.class)
public final class DecodeCommands extends CommandFamily {
    private static final List<String> COLUMNS =
            List.of("line", "vendor", "device", "pasid", "address", "access", "fault", "meaning");
    private static final String ANY_VENDOR = "any";

    private final Platform platform;
    private final FaultDecoder decoder;

    @Activate
    public DecodeCommands(@Reference Platform platform, @Reference FaultDecoder decoder) {
        super(platform);
        this.platform = platform;
        this.decoder = decoder;
    }

    @Descriptor("Explains faults of IOMMUs of any vendor: a kernel's log line, an event record in hex, a file, or standard input. A"
            + " log is grouped and counted.")
    Listing decode(CommandSession session,
            @Descriptor("the vendor of a record that could be of several: intel, amd or arm")
            @Words({"intel", "amd", "arm"}) @Parameter(names = "--vendor", absentValue = ANY_VENDOR) String vendor,
            @Descriptor("a log line (quoted), a record in hex, or a file; - or nothing for standard input") String... what) {
        var text = String.join(" ", what).strip();
        var names = platform.deviceNames();
        if (decoder.isRecord(text)) {
            var faults = decoder.decodeRecord(text, vendor(vendor), names);
            return listing(faults).shownAs(FaultPictures.each(faults));
        }
        try {
            if (text.isEmpty() || text.equals(StandardInput.NAME)) {
                try (var reader = new InputStreamReader(StandardInput.of(session), StandardCharsets.UTF_8)) {
                    return log(decoder.decodeLog(reader, names));
                }
            }
            var file = file(session, text);
            if (file.isPresent()) {
                try (var reader = new BufferedReader(new InputStreamReader(Files.newInputStream(file.get()), StandardCharsets.UTF_8))) {
                    return log(decoder.decodeLog(reader, names));
                }
            }
            var log = decoder.decodeLog(new StringReader(text), names);
            return log.faults().isEmpty() ? log(log) : listing(log.faults()).shownAs(FaultPictures.each(log.faults()));
        } catch (IOException e) {
            throw new CommandFailure(new IommuException(Errno.EIO, text + " cannot be read: " + e.getMessage(), e));
        }
    }

    private static Optional<Vendor> vendor(String word) {
        return switch (word) {
            case ANY_VENDOR -> Optional.empty();
            case "intel" -> Optional.of(Vendor.INTEL);
            case "amd" -> Optional.of(Vendor.AMD);
            case "arm" -> Optional.of(Vendor.ARM);
            default -> throw new CommandFailure("'" + word + "' is no vendor: write intel, amd or arm");
        };
    }

    private static Optional<Path> file(CommandSession session, String text) {
        try {
            return Optional.of(session.currentDir().resolve(text)).filter(Files::isRegularFile);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Listing log(FaultLog log) {
        return listing(log.faults()).shownAs(FaultPictures.log(log));
    }

    private static Listing listing(List<DecodedFault> faults) {
        return Listing.of(COLUMNS, faults.stream().map(DecodeCommands::item).toList(),
                "There is no fault of an IOMMU in this: no line in a form that Linux or Xen ever had for one.");
    }

    /** The line itself stands for itself; its number comes last. */
    private static Item item(DecodedFault fault) {
        return Item.of("line", fault.line(), "vendor", fault.vendor().word(), "device", fault.device().orElse(null), "pasid",
                fault.pasid().isPresent() ? fault.pasid().getAsInt() : null, "address",
                fault.address().isPresent() ? Hex.of(fault.address().getAsLong()) : null, "access", fault.access().orElse(null),
                "fault", fault.fault(), "meaning", fault.meaning(), "unit", fault.unit().orElse(null), "causes", fault.causes(), "next",
                fault.next(), "number", fault.number());
    }
}
