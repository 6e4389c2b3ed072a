package sluicegate.machine.firmware;

import sluicegate.firmware.DeviceDescription;

/**
 * Names of devices that no bus discovers, on the whole platform: the machine's name and the one that the kernel gives the
 * device within its machine, such as {@code board/2b400000.ethernet} for {@code /soc/ethernet@2b400000}
 * ({@code of_device_make_bus_id}); a component of ACPI has its path, such as {@code server/_SB.DMA0}.
 *
 * @param machine name of the machine
 */
public record PlatformNames(String machine) {

    /** The name of a device. */
    public String of(DeviceDescription device) {
        return machine + "/" + inMachine(device.name());
    }

    private static String inMachine(String path) {
        if (!path.startsWith("/")) {
            return path.startsWith("\\") ? path.substring(1) : path;
        }
        var last = path.substring(path.lastIndexOf('/') + 1);
        int at = last.indexOf('@');
        return at >= 0 ? last.substring(at + 1) + "." + last.substring(0, at) : path.substring(1).replace('/', ':');
    }
}
