package sluicegate.inspect.fault;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.inspect.Vendor;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;

/** Reads event records from hex digits. What vendor's a record of 16 bytes is shows from fields that only one can have. */
final class RecordReader {
    private static final Pattern GAPS = Pattern.compile("[\\s,]+");
    private static final Pattern DIGITS = Pattern.compile("(?:0[xX])?[0-9a-fA-F]{1,128}");
    private static final int SHORT_WORDS = 2;
    private static final int LONG_WORDS = 4;

    private RecordReader() {}

    /** Digits, and so many of them that nothing else can be meant. */
    static boolean isRecord(String text) {
        var words = GAPS.split(text.strip());
        return Arrays.stream(words).allMatch(word -> DIGITS.matcher(word).matches())
                && Arrays.stream(words).mapToInt(word -> digits(word).length()).sum() >= 16;
    }

    static List<Draft> read(String text, Optional<Vendor> vendor) {
        var words = words(text);
        var found = new ArrayList<Draft>();
        if (words.length > SHORT_WORDS) {
            if (vendor.filter(v -> v != Vendor.ARM).isPresent()) {
                throw bad("%d bytes are too many: a record of VT-d or AMD-Vi has 16", words.length * Long.BYTES);
            }
            return List.of(SmmuV3Events.read(text, words));
        }
        if (vendor.filter(Vendor.ARM::equals).isPresent()) {
            return List.of(SmmuV3Events.read(text, words));
        }
        if (words.length < SHORT_WORDS) {
            throw bad("%d bytes are too few: a record of VT-d or AMD-Vi has 16, one of SMMUv3 has 32", words.length * Long.BYTES);
        }
        long low = words[0];
        long high = words[1];
        if (vendor.filter(v -> v != Vendor.INTEL).isEmpty()) {
            VtdFaults.record(text, low, high).or(() -> VtdFaults.record(text, high, low)).ifPresent(found::add);
        }
        if (vendor.filter(v -> v != Vendor.AMD).isEmpty()) {
            // Nearly every first word can be an event of AMD's, so the other order counts only if nothing else fits.
            AmdEvents.record(text, low, high).or(() -> found.isEmpty() ? AmdEvents.record(text, high, low) : Optional.empty())
                    .ifPresent(found::add);
        }
        if (found.isEmpty() && vendor.isEmpty() && EventType.of(EventRecord.ID.get(low)).isPresent()) {
            return List.of(SmmuV3Events.read(text, words)); // the first half of one
        }
        if (found.isEmpty()) {
            throw bad("this is no record: one of VT-d has F (bit 127) set and a fault reason of the manual in bits 103:96, one of"
                    + " AMD-Vi an event code in bits 63:60; words %s", Arrays.stream(words).mapToObj(Hex::of).toList());
        }
        return found;
    }

    /** Its 64-bit words, lowest first. */
    private static long[] words(String text) {
        var tokens = GAPS.split(text.strip());
        for (var token : tokens) {
            if (!DIGITS.matcher(token).matches()) {
                throw bad("'%s' is not made of hex digits", token.length() > 40 ? token.substring(0, 40) + "..." : token);
            }
        }
        if (tokens.length == 1) {
            if (digits(tokens[0]).length() % 2 != 0) {
                throw bad("%d hex digits are no whole number of bytes", digits(tokens[0]).length());
            }
            return ofBytes(Hex.parseBytes(digits(tokens[0])));
        }
        int longest = Arrays.stream(tokens).mapToInt(token -> digits(token).length()).max().orElse(0);
        if (longest == 2) {
            return ofBytes(Hex.parseBytes(String.join("", Arrays.stream(tokens).map(RecordReader::digits).toList())));
        }
        boolean narrow = longest <= 8 && (tokens.length == 4 || tokens.length == 8);
        if (longest > 16 || tokens.length > (narrow ? 8 : LONG_WORDS)) {
            throw bad("give the bytes without gaps, or two to four 64-bit words, or four or eight 32-bit words");
        }
        var values = Arrays.stream(tokens).mapToLong(token -> Draft.hex(digits(token))).toArray();
        if (!narrow) {
            return values;
        }
        var words = new long[values.length / 2];
        for (int i = 0; i < words.length; i++) {
            words[i] = values[2 * i + 1] << 32 | values[2 * i];
        }
        return words;
    }

    private static long[] ofBytes(byte[] bytes) {
        if (bytes.length % Long.BYTES != 0 || bytes.length > LONG_WORDS * Long.BYTES) {
            throw bad("%d bytes are no record: one of VT-d or AMD-Vi has 16, one of SMMUv3 has 32", bytes.length);
        }
        var words = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
        return words;
    }

    private static String digits(String token) {
        return token.startsWith("0x") || token.startsWith("0X") ? token.substring(2) : token;
    }

    private static IommuException bad(String format, Object... args) {
        return IommuException.of(Errno.EINVAL, format, args);
    }
}
