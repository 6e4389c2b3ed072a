/**
 * Models of devices themselves, at their registers: what a device's own driver talks to. Most functions of an embedded machine have
 * none; they have configuration space and a DMA engine that others use for them.
 *
 * <p>A new device is one class that is a {@link sluicegate.sim.device.DeviceModel}, and a line in {@link
 * sluicegate.sim.device.DeviceModels}. What it does takes time, on the {@link sluicegate.sim.device.DeviceThread} of its bus, and
 * reaches memory and processors by DMA alone. What may not come in: IOMMUs, and drivers.
 */
package sluicegate.sim.device;
