/**
 * The qtest protocol: requests and answers, and what QEMU says beside them. What may come in: how an access is carried to
 * QEMU. What may not: which device is at the address.
 */
package sluicegate.qemu.qtest;
