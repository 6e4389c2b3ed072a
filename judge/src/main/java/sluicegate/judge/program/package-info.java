/**
 * Programs: what they are made of, their text, and how they are made up from a seed. Nothing here runs anything; it may know
 * addresses and permissions and no machine.
 */
package sluicegate.judge.program;
