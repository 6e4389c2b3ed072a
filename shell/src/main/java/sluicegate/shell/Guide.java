package sluicegate.shell;

import java.io.PrintStream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;

/** Tells a story in which commands are typed: prints what it says, each command, and what that really answered. */
final class Guide {
    private final CommandSession session;
    private final PrintStream out;

    Guide(CommandSession session, PrintStream out) {
        this.session = session;
        this.out = out;
    }

    void say(String sentence) {
        out.println();
        out.println("# " + sentence);
    }

    /**
     * Runs a command that has to succeed.
     *
     * @throws CommandFailure if it fails, naming the command
     */
    Answer run(String command) {
        try {
            return execute(command);
        } catch (Exception e) {
            if (e instanceof InterruptedException || Thread.currentThread().isInterrupted()) {
                throw new CommandFailure("The tour was interrupted; everything is put back");
            }
            throw new CommandFailure("The tour stopped at '" + command + "': " + e.getMessage());
        }
    }

    /**
     * Runs a command that has to fail, and prints how it did.
     *
     * @throws CommandFailure if it succeeds
     */
    void fail(String command) {
        try {
            execute(command);
        } catch (CommandFailure e) {
            out.println("! " + e.getMessage());
            return;
        } catch (Exception e) {
            throw new CommandFailure("The tour stopped at '" + command + "': " + e.getMessage());
        }
        throw new CommandFailure("The tour stopped at '" + command + "': it was to fail and did not");
    }

    private Answer execute(String command) throws Exception {
        out.println("iommu> " + command);
        out.flush();
        var answer = (Answer) session.execute(command);
        out.println(session.format(answer, Converter.INSPECT));
        return answer;
    }
}
