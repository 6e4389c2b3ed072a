package sluicegate.itest;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.osgi.test.common.annotation.InjectService;

/** A test at the prompt. */
abstract class ShellTest extends PlatformTest {
    @InjectService(timeout = 10_000)
    CommandProcessor gogo;

    /** A session as a user has it, in which commands need no scope. Whoever asks for it closes it. */
    final CommandSession session(OutputStream printed) {
        var print = new PrintStream(printed, true, StandardCharsets.UTF_8);
        var session = gogo.createSession(new ByteArrayInputStream(new byte[0]), print, print);
        session.put("SCOPE", "iommu:gogo:*");
        return session;
    }

    /** What a command's result looks like at the prompt. */
    static String say(CommandSession session, String command) throws Exception {
        return String.valueOf(session.format(session.execute(command), Converter.INSPECT));
    }
}
