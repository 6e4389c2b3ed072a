/**
 * What QEMU tells firmware about its machine. What may come in: how such information is fetched and taken apart. What may
 * not: what the tables mean; {@code sluicegate.firmware} reads them.
 */
package sluicegate.qemu.firmware;
