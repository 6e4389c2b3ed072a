package sluicegate.shell;

/**
 * What a command answers: a value that scripts can go on with, and that prints itself as a table or as JSON, whichever was
 * asked for. Immutable.
 */
public sealed interface Answer permits Item, Listing {

    /** For a person, or JSON if that was asked for; without a line end. */
    String text();

    /** What it stands for where a command expects a name or a number: {@code dom3} for a domain. */
    String word();

    /** The same answer, printed as JSON from now on. */
    Answer asJson();
}
