package sluicegate.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import sluicegate.api.Device;
import sluicegate.api.Iommu;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;

/**
 * Answers lines of {@code device pasid|- iova}, one JSON object for each. The first word is a requester id as it stands on
 * the bus behind all bridges, whether it belongs to a device or not; a device that is no PCI function goes by its name. Used
 * by one thread, once.
 */
final class TranslationBatch {
    /** Longer than any line that can be meant. */
    private static final int LINE_LIMIT = 4096;
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Pattern ADDRESS = Pattern.compile("([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\\.[0-7]");
    private static final Pattern SEGMENT = Pattern.compile("[0-9a-fA-F]{4,8}:.*");

    private final Iommu iommu;
    private final String name;
    private final boolean write;
    private final Map<String, Source> sources = new HashMap<>();
    private int number;
    private long asked;
    private long failed;

    /** Whose requests are asked about. */
    @FunctionalInterface
    private interface Source {
        Translation translate(int pasid, long iova, boolean write);
    }

    /**
     * @param name of the file, for messages
     * @param write whether to ask for writes only; otherwise for reads, and for writes where a page allows nothing else
     */
    TranslationBatch(Iommu iommu, String name, boolean write) {
        this.iommu = iommu;
        this.name = name;
        this.write = write;
    }

    /** Answers all lines as they come; what has been answered is visible before the next line is waited for. */
    void run(BufferedReader in, PrintWriter out) throws IOException {
        var lines = new ShortLines(in, LINE_LIMIT);
        while (lines.next() && !Thread.currentThread().isInterrupted()) {
            number++;
            var text = lines.line();
            int comment = text.indexOf('#');
            text = (comment < 0 ? text : text.substring(0, comment)).strip();
            if (!text.isEmpty()) {
                out.println(Json.of(answer(text, lines.cut() && comment < 0)));
                if (!in.ready()) {
                    out.flush();
                }
            }
        }
        out.flush();
    }

    /** How many lines asked for something. */
    long asked() {
        return asked;
    }

    /** How many of them got an error instead of an answer. */
    long failed() {
        return failed;
    }

    private Item answer(String text, boolean cut) {
        asked++;
        try {
            if (cut) {
                throw IommuException.of(Errno.EINVAL, "the line has more than %d characters", LINE_LIMIT);
            }
            return answer(BLANKS.split(text));
        } catch (IommuException e) {
            failed++;
            return Item.of("line", number, "error", String.format("%s, line %d: %s: %s", name, number, e.errno(),
                    e.getMessage()));
        }
    }

    private Item answer(String[] words) {
        if (words.length != 3) {
            throw IommuException.of(Errno.EINVAL, "%d words where three are needed: device, PASID or -, IOVA", words.length);
        }
        int pasid = Pasids.parse(words[1]);
        long iova = Hex.parse(words[2]);
        var translation = translate(source(words[0]), pasid, iova);
        if (translation instanceof Translation.Fault fault) {
            return Item.of("device", words[0], "pasid", Pasids.orNull(pasid), "iova", Hex.of(iova), "fault", fault.name(),
                    "reason", fault.reason());
        }
        var mapped = (Translation.Mapped) translation;
        return Item.of("device", words[0], "pasid", Pasids.orNull(pasid), "iova", Hex.of(iova), "address",
                Hex.of(mapped.address()), "perms", Prot.toString(mapped.prot()));
    }

    private Translation translate(Source source, int pasid, long iova) {
        var translation = source.translate(pasid, iova, write);
        if (!write && translation instanceof Translation.Fault
                && source.translate(pasid, iova, true) instanceof Translation.Mapped writeOnly
                && (writeOnly.prot() & Prot.READ) == 0) {
            return writeOnly;
        }
        return translation;
    }

    /** What the unit makes of a device's own requester id, which is the first that firmware names: an SMMU sees a stream id. */
    private static Optional<Integer> ownId(Device device) {
        return device.busDevice().bus().dmaConfigure(device.busDevice()).stream()
                .flatMap(description -> description.specifiers().stream().limit(1))
                .flatMap(specifier -> specifier.stream().limit(1)).findFirst();
    }

    /** Looked up once for each word that is known. */
    private Source source(String word) {
        var known = sources.get(word);
        if (known == null) {
            known = lookUp(word);
            sources.put(word, known);
        }
        return known;
    }

    private Source lookUp(String word) {
        if (!ADDRESS.matcher(word).matches()) {
            return iommu.device(word)::translate;
        }
        var device = Lookup.find(() -> iommu.device(word));
        var requester = PciAddress.parse(SEGMENT.matcher(word).matches() ? word : device.map(Device::name).orElse(word));
        var unit = iommu.unitInFrontOf(requester);
        int id = device.flatMap(TranslationBatch::ownId).orElse(requester.requesterId());
        return (pasid, iova, asWrite) -> unit.translate(id, pasid, iova, asWrite);
    }
}
