/**
 * Runs the Gogo shell on the main thread: for a person at a terminal, or for a script with an exit status.
 *
 * <p>Gogo's own shell is made for people only: without a terminal its profile fails, commands of components that are not
 * ready yet are "not found", and no exit status tells what happened. This package replaces the part between the command
 * line and the session; parsing, completion and commands remain Gogo's.
 */
package sluicegate.launch;
