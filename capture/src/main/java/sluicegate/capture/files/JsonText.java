package sluicegate.capture.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.FirmwareFile;

/**
 * A JSON text read from its beginning to its end, token by token. Every method reads the value at which the reader stands and
 * leaves it behind that; each complaint names the line. Used by one thread, once.
 */
final class JsonText implements AutoCloseable {
    private static final JsonFactory FACTORY =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final FirmwareFile file;
    private final JsonParser parser;

    JsonText(FirmwareFile file) {
        this.file = file;
        this.parser = reading(() -> FACTORY.createParser(file.bytes()));
        reading(parser::nextToken);
    }

    /** Something that a JSON parser does. */
    private interface Step<T> {
        T run() throws IOException;
    }

    private <T> T reading(Step<T> step) {
        try {
            return step.run();
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
            throw Malformed.line(file, line, "this is no JSON: %s", e.getOriginalMessage());
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, file.path() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The line in which the reader stands. */
    int line() {
        return Math.max(1, parser.currentTokenLocation().getLineNr());
    }

    IommuException malformed(String format, Object... args) {
        return Malformed.line(file, line(), format, args);
    }

    /** Reads an object; {@code field} reads the value of each key or {@link #skip}s it. */
    void object(Consumer<String> field) {
        expect(JsonToken.START_OBJECT, "an object");
        while (reading(parser::nextToken) == JsonToken.FIELD_NAME) {
            var name = reading(parser::currentName);
            reading(parser::nextToken);
            field.accept(name);
        }
    }

    /** Reads an array; {@code null} counts as an empty one. */
    <T> List<T> list(Supplier<T> element) {
        var elements = new ArrayList<T>();
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return elements;
        }
        expect(JsonToken.START_ARRAY, "an array");
        while (reading(parser::nextToken) != JsonToken.END_ARRAY) {
            elements.add(element.get());
        }
        return elements;
    }

    String text() {
        expect(JsonToken.VALUE_STRING, "a string");
        return reading(parser::getText);
    }

    /** A number, or the text of one: {@code 11}, {@code "11"}, {@code "0xfed90000"}. */
    long number() {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return reading(parser::getLongValue);
        }
        expect(JsonToken.VALUE_STRING, "a number or a string that holds one");
        try {
            return Hex.parse(reading(parser::getText));
        } catch (IommuException e) {
            throw malformed("%s", e.getMessage());
        }
    }

    /** A number from 0 to {@code max}. */
    int number(int max) {
        long value = number();
        if (value < 0 || value > max) {
            throw malformed("%s is out of range: 0 to %d are possible", Long.toUnsignedString(value), max);
        }
        return (int) value;
    }

    /** Whether it is an empty string or {@code null}, which captures write for what is not there. */
    boolean isNothing() {
        return parser.currentToken() == JsonToken.VALUE_NULL
                || parser.currentToken() == JsonToken.VALUE_STRING && reading(parser::getTextLength) == 0;
    }

    void skip() {
        reading(parser::skipChildren);
    }

    /** There must be nothing more. */
    void end() {
        if (reading(parser::nextToken) != null) {
            throw malformed("the file goes on after its object");
        }
    }

    private void expect(JsonToken token, String what) {
        if (parser.currentToken() != token) {
            throw parser.currentToken() == null
                    ? Malformed.line(file, Math.max(1, parser.currentLocation().getLineNr()), "the file ends where %s belongs", what)
                    : malformed("%s stands where %s belongs", parser.currentToken().isScalarValue()
                            ? "'" + reading(parser::getText) + "'" : "an object or array", what);
        }
    }

    @Override
    public void close() {
        reading(() -> {
            parser.close();
            return null;
        });
    }
}
