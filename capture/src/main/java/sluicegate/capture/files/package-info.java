/**
 * The files of a capture folder, read and checked: {@code capture.json}, {@code registers.tsv}, {@code memory.bin.gz}. Firmware
 * tables are read by {@code sluicegate.firmware}.
 *
 * <p>Whatever is in these files, reading them ends: in values that fit together, or in one EINVAL that names file and line or
 * offset. What may come in: formats of captures. What may not: what a machine makes of them.
 */
package sluicegate.capture.files;
