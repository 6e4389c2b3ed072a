package sluicegate.inspect.fault;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import sluicegate.api.platform.PciAddress;
import sluicegate.inspect.DecodedFault;
import sluicegate.inspect.DeviceNames;
import sluicegate.inspect.Vendor;

/** A fault that is being read: what the lines so far have told. Used by one thread. */
final class Draft {
    static final String READ = "read";
    static final String WRITE = "write";
    static final String EXECUTE = "execute";
    static final String INTERRUPT = "interrupt";
    static final String TRANSLATION_REQUEST = "translation request";
    static final String PAGE_REQUEST = "page request";

    private final int number;
    private final String line;
    private final Vendor vendor;
    private Optional<String> unit = Optional.empty();
    private Optional<String> device = Optional.empty();
    private OptionalInt segment = OptionalInt.empty();
    private OptionalLong id = OptionalLong.empty();
    private OptionalInt pasid = OptionalInt.empty();
    private OptionalLong address = OptionalLong.empty();
    private Optional<String> access = Optional.empty();
    private String fault = "";
    private String meaning = "";
    private Trouble trouble = Trouble.UNKNOWN;
    /** Words of a record that its lines gave so far. */
    private final long[] words = new long[4];
    private int wordCount;
    private boolean open = true;

    Draft(int number, String line, Vendor vendor) {
        this.number = number;
        this.line = line;
        this.vendor = vendor;
    }

    Vendor vendor() {
        return vendor;
    }

    Draft unit(String name) {
        unit = Optional.of(name);
        return this;
    }

    Optional<String> unit() {
        return unit;
    }

    /** A PCI function, by the numbers that the log gives in hex; the segment only if the log has it. */
    Draft pci(String segmentText, String bus, String slot, String function) {
        int rid = (int) (hex(bus) & 0xff) << 8 | (int) (hex(slot) & 0x1f) << 3 | (int) (hex(function) & 7);
        id = OptionalLong.of(rid);
        var address = PciAddress.of(0, rid).toString().substring(5);
        if (segmentText == null) {
            device = Optional.of(address);
        } else {
            int number = (int) (hex(segmentText) & 0x7fff_ffff);
            segment = OptionalInt.of(number);
            device = Optional.of(PciAddress.of(number, rid).toString());
        }
        return this;
    }

    Draft requester(int rid) {
        return pci(null, Integer.toHexString(rid >>> 8 & 0xff), Integer.toHexString(rid >>> 3 & 0x1f), Integer.toHexString(rid & 7));
    }

    /** A stream id, which says nothing about the device by itself. */
    Draft stream(long streamId) {
        id = OptionalLong.of(streamId);
        if (device.isEmpty()) {
            device = Optional.of("sid 0x" + Long.toHexString(streamId));
        }
        return this;
    }

    Draft device(String name) {
        device = Optional.of(name);
        return this;
    }

    boolean hasDevice() {
        return device.isPresent();
    }

    Draft pasid(long value) {
        pasid = OptionalInt.of((int) value);
        return this;
    }

    Draft address(long value) {
        address = OptionalLong.of(value);
        return this;
    }

    boolean hasAddress() {
        return address.isPresent();
    }

    Draft access(String word) {
        access = Optional.of(word);
        return this;
    }

    Optional<String> access() {
        return access;
    }

    Draft is(String name, String sentence, Trouble kind) {
        fault = name;
        meaning = sentence;
        trouble = kind;
        return this;
    }

    Draft detail(String sentence) {
        meaning = meaning.isEmpty() ? sentence : meaning + "; " + sentence;
        return this;
    }

    String fault() {
        return fault;
    }

    void addWord(long word) {
        words[wordCount++] = word;
    }

    int wordCount() {
        return wordCount;
    }

    /** The words so far. */
    long[] words() {
        return java.util.Arrays.copyOf(words, wordCount);
    }

    /** Nothing that comes after belongs to it. */
    Draft close() {
        open = false;
        return this;
    }

    boolean isOpen() {
        return open;
    }

    DecodedFault finish(DeviceNames names) {
        var known = id.isPresent() ? names.of(segment, id.getAsLong()) : Optional.<String>empty();
        var advice = trouble.about(address, known.or(() -> device));
        return new DecodedFault(number, line, vendor, unit, known.or(() -> device), pasid, address, access, fault, meaning,
                advice.causes(), advice.next());
    }

    /** The value of hex digits; what does not fit in 64 bits loses its highest ones. */
    static long hex(String digits) {
        var text = digits.length() > 16 ? digits.substring(digits.length() - 16) : digits;
        return Long.parseUnsignedLong(text, 16);
    }
}
