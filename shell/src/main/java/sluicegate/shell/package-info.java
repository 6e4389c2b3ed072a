/**
 * The commands of the scope {@code iommu}: what a person or a script can do with the services {@link sluicegate.api.Iommu}
 * and {@link sluicegate.api.Machines}, and nothing more.
 *
 * <p>A family of commands is a component: a subclass of {@link sluicegate.shell.CommandFamily} whose methods carry Gogo's
 * {@code @Descriptor} and {@code @Parameter}. A method takes what it works on (a device, a domain, a number) and returns an
 * {@link sluicegate.shell.Answer}; reading the words of a line, {@code --json}, {@code --help}, completion and the wording of
 * failures are the same for all and live in {@link sluicegate.shell.Command} and its family.
 *
 * <p>What comes in is a thin method over the services. Whatever has to be found out about hardware, tables or faults is the
 * core's or the inspector's business and not this room's.
 */
package sluicegate.shell;
