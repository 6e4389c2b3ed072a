/**
 * The Declarative Services components. They pass services that come and go on to {@link sluicegate.core.impl.IommuCore} and
 * {@link sluicegate.core.impl.machine.MachineManager}, and hold no logic of their own.
 */
package sluicegate.core.impl.osgi;
