/**
 * The contract for platforms: what a machine is made of, seen from the software that runs on it.
 *
 * <p>A platform bundle (the embedded models, QEMU, a capture of a real kernel) registers one {@link
 * sluicegate.api.platform.MachineFactory}. A {@link sluicegate.api.platform.Machine} that was booted has {@link
 * sluicegate.api.platform.PhysicalMemory}, {@link sluicegate.api.platform.Bus}es with devices on them, and {@link
 * sluicegate.api.platform.IommuUnit}s: windows of registers that drivers program, and nothing more. Behind the window may
 * be a model, another process or a file; a driver cannot tell. The driver of a PCI device finds the device's registers and interrupts
 * at its {@link sluicegate.api.platform.PciFunction}.
 *
 * <p>Platforms implement these interfaces ({@code @ProviderType}: adding a method to them is a minor change for those who
 * call them and a breaking one for platforms). Nothing here knows drivers, domains or groups.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.3.0")
package sluicegate.api.platform;
