package sluicegate.judge.program;

import java.util.ArrayList;
import java.util.regex.Pattern;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/**
 * The text of programs: a step a line, words apart by blanks, {@code #} before what is for people only.
 *
 * <pre>
 * allocate A d0
 * attach A d0
 * map A 0x200000 buffer+0x1000 0x3000 rw   # domain, IOVA, target, size, permissions
 * write d0 0x200ffc 8 17                   # device, IOVA, length, seed of the data
 * read d0 0x200ffc 8
 * unmap A 0x200000 0x1000
 * </pre>
 */
final class ProgramText {
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final String NO_PROT = "-";

    private ProgramText() {}

    static Program parse(String text) {
        var steps = new ArrayList<Step>();
        var lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            int comment = lines[i].indexOf('#');
            var line = (comment < 0 ? lines[i] : lines[i].substring(0, comment)).strip();
            if (!line.isEmpty()) {
                try {
                    steps.add(step(BLANKS.split(line)));
                } catch (IommuException | ArrayIndexOutOfBoundsException | NumberFormatException e) {
                    throw new IommuException(Errno.EINVAL, "Line " + (i + 1) + " of the program, '" + line + "', is no step", e);
                }
            }
        }
        return new Program(steps);
    }

    private static Step step(String[] words) {
        return switch (words[0]) {
            case "allocate" -> new Step.Allocate(words[1], device(words[2]));
            case "free" -> new Step.Free(words[1]);
            case "attach" -> new Step.Attach(words[1], device(words[2]));
            case "detach" -> new Step.Detach(words[1], device(words[2]));
            case "map" -> new Step.Map(words[1], Hex.parse(words[2]), Place.parse(words[3]), Hex.parse(words[4]),
                    prot(words[5]));
            case "unmap" -> new Step.Unmap(words[1], Hex.parse(words[2]), Hex.parse(words[3]));
            case "lookup" -> new Step.LookUp(words[1], Hex.parse(words[2]));
            case "swap" -> new Step.Swap();
            case "read" -> new Step.Read(device(words[1]), Place.parse(words[2]), length(words[3]));
            case "write" -> new Step.Write(device(words[1]), Place.parse(words[2]), length(words[3]),
                    Integer.parseInt(words[4]));
            default -> throw IommuException.of(Errno.EINVAL, "'%s' is no verb of a step", words[0]);
        };
    }

    private static int device(String word) {
        if (!word.startsWith("d")) {
            throw IommuException.of(Errno.EINVAL, "'%s' is no device: write d and its number", word);
        }
        return Integer.parseUnsignedInt(word.substring(1));
    }

    private static int length(String word) {
        return Integer.parseUnsignedInt(word);
    }

    static String prot(int prot) {
        return prot == 0 ? NO_PROT : Prot.toString(prot | Prot.NOEXEC);
    }

    private static int prot(String word) {
        return word.equals(NO_PROT) ? 0 : Prot.parse(word) & ~Prot.NOEXEC;
    }
}
