/**
 * How a device's driver is written for this platform: one for QEMU's educational device, which is also on the embedded machines.
 * It knows the public API and nothing else: {@code sluicegate.api}, {@code .api.dma}, {@code .api.platform}, the vocabulary of PCI in {@code
 * sluicegate.spec.pci}, and Declarative Services; so it can't tell a model from QEMU, nor one make of IOMMU from another.
 *
 * <p>{@link sluicegate.examples.edu.EduDriver} finds devices, binds them and lets them go, also when they are taken out; {@link
 * sluicegate.examples.edu.EduDevice} is one that is bound; {@link sluicegate.examples.edu.Msi} connects its interrupt. {@link
 * sluicegate.examples.edu.EduCommands} lets people try it: {@code edu:run}.
 */
package sluicegate.examples.edu;
