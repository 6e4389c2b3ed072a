/**
 * What firmware says about a machine, read from files: ACPI tables, PCI configuration space, and folders of both.
 *
 * <h2>A machine description</h2>
 *
 * A folder of files as they come from a machine, and a small text for what they cannot say:
 *
 * <table>
 * <caption>Files of a machine description</caption>
 * <tr><th>file</th><th></th><th>what</th></tr>
 * <tr><td>{@code lspci.txt}</td><td>instead</td><td>what {@code lspci -nnvvv} prints of a real machine; without a table of IOMMUs the
 * simplest of its maker is assumed, and a warning says so</td></tr>
 * <tr><td>{@code pci.txt} or {@code *topology.txt}</td><td>required, one</td><td>the PCI functions: what {@code lspci -xxxx}
 * prints, or a list of lines such as {@code 00:04.0 1b36:000c class 060400 bridge pri 00 sec 01 sub 01}</td></tr>
 * <tr><td>{@code *dmar.bin}</td><td>at most one</td><td>the DMAR table: VT-d units and what is behind them, as
 * {@code /sys/firmware/acpi/tables/DMAR} has it</td></tr>
 * <tr><td>{@code *ivrs.bin}</td><td>at most one</td><td>the IVRS table: AMD IOMMUs</td></tr>
 * <tr><td>{@code *iort.bin}</td><td>at most one</td><td>the IORT table: SMMUs. A machine has one of these three tables
 * or none</td></tr>
 * <tr><td>{@code *viot.bin}, {@code *rimt.bin}</td><td>at most one each</td><td>the VIOT and RIMT tables: paravirtual IOMMUs and those of
 * RISC-V, of which there are no models. It is known whom they group; on an embedded machine those devices reach nothing, and a warning
 * says so</td></tr>
 * <tr><td>{@code *.dtb}</td><td>at most one</td><td>the flattened device tree: memory, and SMMUs if there is no table of
 * them</td></tr>
 * <tr><td>{@code *mcfg.bin}</td><td>at most one</td><td>the MCFG table: where configuration space is</td></tr>
 * <tr><td>{@code machine.properties}</td><td>may be there</td><td>settings, see below</td></tr>
 * </table>
 *
 * Other files are passed over. A folder with a {@code capture.json} is a capture of a kernel and no machine description.
 *
 * <p>{@code machine.properties} has the format of {@link java.util.Properties}, in UTF-8. A key that is not known is an error.
 * <ul>
 * <li>{@code description}: one line for people; the folder's name if missing
 * <li>{@code memory}: a size ({@code 512M}) or ranges ({@code 0-2G, 4G-6G}, the second number is the first address behind the
 * range); if missing, what the device tree tells, or else {@code 256M}
 * <li>{@code ats}: {@code yes} or {@code no} whether functions may use address translation services; {@code firmware}, or if
 * missing, what the tables say
 * <li>{@code external-facing}: ports that lead out of the machine, such as {@code 00:1c.0, 00:1d.0}; what is plugged in behind them is not
 * trusted
 * <li>{@code dma-bits}: how many bits of address buses let through to memory, 24 to 64; the IORT and {@code dma-ranges} of a device tree
 * limit further
 * <li>{@code vtd.*}: what all VT-d units can do, and {@code dmar0.*}, {@code dmar1.*} with the same names for one of them, in the
 * order of the table. Numbers: {@code address-width} (39, 48 or 57 bits), {@code levels} (list of 3, 4, 5), {@code large-pages} (list of
 * {@code 2M}, {@code 1G}, or {@code none}), {@code domain-ids} (how many: 16, 64, ... 65536), {@code fault-records} (1 to 128).
 * {@code yes} or {@code no}: {@code caching-mode}, {@code queued-invalidation}, {@code pass-through}, {@code device-iotlb},
 * {@code coherent}, {@code snoop-control}, {@code required-write-buffer-flush}, {@code zero-length-read},
 * {@code page-selective-invalidation}, {@code drain}, {@code protected-low-memory}, {@code protected-high-memory},
 * {@code enhanced-root-pointer}, {@code interrupt-remapping} and with it {@code extended-interrupt-mode} and
 * {@code interrupt-posting}. What is missing is as in
 * {@link sluicegate.firmware.VtdFeatures#DEFAULT}. With {@code scalable-mode = yes} also {@code pasid-bits} (1 to 20, 0 for no
 * PASIDs) and, {@code yes} or {@code no}, {@code first-stage}, {@code first-stage-five-levels}, {@code first-stage-1g},
 * {@code second-stage}, {@code nested}, {@code rid-pasid}, {@code dirty-tracking}, {@code extended-accessed},
 * {@code supervisor-requests}, {@code execute-requests}, {@code snooped-walks}, {@code abort-mode}, {@code page-requests} (which
 * take {@code device-iotlb}); what of these is missing is as in {@link sluicegate.firmware.VtdScalable#DEFAULT}.
 * <li>{@code smmuv3.*}: what all SMMUs can do, and {@code smmu0.*}, {@code smmu1.*} for one of them. {@code granules} (list of
 * {@code 4K}, {@code 16K}, {@code 64K}), {@code output-bits} (32, 36, 40, 42, 44, 48 or 52), {@code virtual-bits} (48 or 52),
 * {@code stream-bits} (0 to 32), {@code substream-bits} (0 to 20), {@code hardware-updates} ({@code none}, {@code access},
 * {@code dirty}), {@code stalls} ({@code never}, {@code choice}, {@code always}), {@code break-before-make} (0 to 2),
 * {@code command-queue-bits}, {@code event-queue-bits}, {@code pri-queue-bits} (0 to 19), {@code control-page-bits} and {@code
 * control-page-queue-bits} (0 to 8, for {@code enhanced-command-queues}); {@code yes} or {@code no}: the names in {@link
 * sluicegate.firmware.Smmuv3Flag}. What is missing is as in {@link sluicegate.firmware.Smmuv3Features#DEFAULT}.
 * <li>{@code amdvi.*}: what all AMD IOMMUs can do, and {@code ivhd0.*}, {@code ivhd1.*} for one of them. {@code host-levels} (4 to 6),
 * {@code guest-levels} (4 or 5), {@code guest-cr3-levels} (1 to 3), {@code pasid-bits} (0 to 20), {@code physical-bits} (40 to 52),
 * {@code device-table-segments} (1, 2, 4 or 8); {@code yes} or {@code no}: the names in {@link sluicegate.firmware.AmdviFlag}. What
 * is missing is as in {@link sluicegate.firmware.AmdviFeatures#DEFAULT}.
 * </ul>
 *
 * <h2>Who calls what</h2>
 *
 * {@link sluicegate.firmware.MachineDescription#read} does all of it; {@link sluicegate.firmware.MachineImport} makes a folder of
 * what people have of real machines. Below it: {@link sluicegate.firmware.Dmar},
 * {@link sluicegate.firmware.Ivrs}, {@link sluicegate.firmware.Iort}, {@link sluicegate.firmware.Viot}, {@link
 * sluicegate.firmware.Rimt} and {@link sluicegate.firmware.Mcfg} are the ACPI tables,
 * {@link sluicegate.firmware.DeviceTree} is what boards without ACPI have, {@link sluicegate.firmware.PciText} reads functions,
 * {@link sluicegate.firmware.PciTree} puts them in their places. {@link sluicegate.firmware.DmarScopes},
 * {@link sluicegate.firmware.IvrsDevices}, {@link sluicegate.firmware.IortPaths} and
 * {@link sluicegate.firmware.DeviceTreeIommus} find the unit in front of each.
 *
 * <h2>Input is not trusted</h2>
 *
 * Whatever the bytes are, a reader gives a value or throws one {@link sluicegate.api.types.IommuException} that names file
 * and offset (or line), what is there and what should be. What contradicts itself or cannot have been meant is refused. What
 * the kernel goes on with is gone on with, and the {@code warnings} of the value say so: structures of a kind that is not
 * known, a unit that is described twice, reserved memory that is no range, scopes that name what is not there, and a unit whose
 * settings describe none ({@link sluicegate.firmware.UnitDescription#problem}).
 *
 * <h2>What may come in</h2>
 *
 * Readers of what firmware and buses tell an operating system, one small class for each kind of file, and values that hold
 * what was read. No registers, no memory, no behaviour of hardware: that is {@code sluicegate.sim}'s; no bit positions: those
 * are {@code sluicegate.spec}'s. Everything here is immutable and thread-safe.
 */
@Export
@Version("0.1.0")
package sluicegate.firmware;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
