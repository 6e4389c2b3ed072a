package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;

/** A device that is described by firmware alone, with no bus to discover it. */
@ProviderType
public non-sealed interface PlatformDevice extends BusDevice {}
