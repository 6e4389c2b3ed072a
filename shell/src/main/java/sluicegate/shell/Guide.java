package sluicegate.shell;

import java.io.PrintStream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

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
            throw stopped(command, e);
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

    /**
     * Runs a command that may be refused, and prints how it was.
     *
     * @return whether it succeeded
     * @throws CommandFailure if it fails in another way
     */
    boolean attempt(String command, Errno refusal) {
        try {
            execute(command);
            return true;
        } catch (CommandFailure e) {
            if (e.getCause() instanceof IommuException known && known.errno() == refusal) {
                out.println("! " + e.getMessage());
                return false;
            }
            throw stopped(command, e);
        } catch (Exception e) {
            throw stopped(command, e);
        }
    }

    private static CommandFailure stopped(String command, Exception e) {
        if (e instanceof InterruptedException || Thread.currentThread().isInterrupted()) {
            return new CommandFailure("The tour was interrupted; everything is put back");
        }
        return new CommandFailure("The tour stopped at '" + command + "': " + e.getMessage());
    }

    private Answer execute(String command) throws Exception {
        out.println("iommu> " + command);
        out.flush();
        var answer = (Answer) session.execute(command);
        out.println(session.format(answer, Converter.INSPECT));
        return answer;
    }
}
