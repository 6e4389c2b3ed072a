package sluicegate.examples.edu;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** The driver for people to try. */
@GogoCommand(scope = "edu", function = {"bind", "copy", "devices", "factorial", "run", "unbind"})
@Component(service = EduCommands.class)
public final class EduCommands {
    private static final int[] FACTORIALS = {0, 5, 12};
    private static final int[] LENGTHS = {1, 100, EduRegisters.BUFFER_BYTES};

    private final EduDriver driver;

    @Activate
    public EduCommands(@Reference EduDriver driver) {
        this.driver = driver;
    }

    @Descriptor("Lists the edu devices of all machines.")
    public String devices() {
        return driver.devices().stream().map(device -> device.name() + (driver.isBound(device) ? "  bound" : "  free"))
                .collect(Collectors.joining("\n"));
    }

    @Descriptor("Binds a device to the driver.")
    public String bind(@Descriptor("a device that edu:devices lists") String device) {
        return describe(driver.bind(device));
    }

    @Descriptor("Unbinds a device; it reaches no memory from then on.")
    public String unbind(@Descriptor("a device that is bound") String device) {
        driver.unbind(device);
        return device + ": unbound";
    }

    @Descriptor("Lets a device compute a factorial, in 32 bits.")
    public String factorial(@Descriptor("a device that is bound") String device, @Descriptor("of what") int of) {
        return Integer.toUnsignedString(driver.get(device).factorial(of));
    }

    @Descriptor("Sends a text to a device by DMA, and lets the device write it to another place in memory.")
    public String copy(@Descriptor("a device that is bound") String device, @Descriptor("the text") String text) {
        var copied = copy(driver.get(device), text.getBytes(StandardCharsets.UTF_8));
        return String.format("read from IOVA %s, written to IOVA %s: %s", Hex.of(copied.from()), Hex.of(copied.to()),
                new String(copied.bytes(), StandardCharsets.UTF_8));
    }

    @Descriptor("Binds a device, computes, moves data both ways, unbinds it, and does it all again; fails if anything is not as it should be.")
    public String run(@Descriptor("a device that edu:devices lists") String device) {
        var told = new ArrayList<String>();
        for (int round = 1; round <= 2; round++) {
            var edu = driver.bind(device);
            try {
                told.add(describe(edu));
                factorials(edu, told);
                transfers(edu, told);
            } finally {
                driver.unbind(device);
            }
            told.add(round == 1 ? "unbound, and once more" : "unbound");
        }
        return String.join("\n", told);
    }

    private static String describe(EduDevice edu) {
        return String.format("%s: edu %s, bound; its addresses have %d bits", edu.device().name(), edu.version(), EduRegisters.ADDRESS_BITS);
    }

    private static void factorials(EduDevice edu, List<String> told) {
        for (int of : FACTORIALS) {
            int expected = 1;
            for (int factor = 2; factor <= of; factor++) {
                expected *= factor;
            }
            int computed = edu.factorial(of);
            require(computed == expected, edu, "says that " + of + "! is " + computed);
            told.add(String.format("  %d! = %d, by interrupt", of, computed));
        }
    }

    private static void transfers(EduDevice edu, List<String> told) {
        for (int length : LENGTHS) {
            var sent = new byte[length];
            new Random(length).nextBytes(sent);
            var copied = copy(edu, sent);
            require(Arrays.equals(copied.bytes(), sent), edu, "did not write the " + length + " bytes that it read");
            told.add(String.format("  %d bytes read by DMA from IOVA %s and written to IOVA %s: the same", length, Hex.of(copied.from()),
                    Hex.of(copied.to())));
        }
    }

    private static void require(boolean condition, EduDevice edu, String otherwise) {
        if (!condition) {
            throw IommuException.of(Errno.EIO, "%s %s", edu.device().name(), otherwise);
        }
    }

    /** What the device wrote, and which IOVAs it was told. */
    private record Copied(byte[] bytes, long from, long to) {}

    /** Two buffers, so that what is found in the second can have come from the device alone. */
    private static Copied copy(EduDevice edu, byte[] bytes) {
        Machine machine = edu.device().busDevice().bus().machine();
        long source = machine.allocate(bytes.length);
        try {
            long target = machine.allocate(bytes.length);
            try {
                machine.memory().write(source, bytes, 0, bytes.length);
                long from = edu.toDevice(source, bytes.length);
                long to = edu.toMemory(target, bytes.length);
                var written = new byte[bytes.length];
                machine.memory().read(target, written, 0, written.length);
                return new Copied(written, from, to);
            } finally {
                machine.free(target);
            }
        } finally {
            machine.free(source);
        }
    }
}
