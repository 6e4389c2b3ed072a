package sluicegate.core.impl;

import sluicegate.api.driver.IommuOps;

/** A driver bound to a unit. Gone, with all that it leads to, when the driver leaves. */
record Binding(DriverEntry driver, IommuOps ops) {}
