/**
 * The words that all three contracts share: errno values and the exception that carries them, permissions of a
 * mapping, kinds of access, reserved regions, and what a translation or a walk answers.
 *
 * <p>Nothing here acts and nothing here knows a hardware vendor. What comes in must be needed by at least two of
 * {@code sluicegate.api}, {@code sluicegate.api.driver} and {@code sluicegate.api.platform}, and must be an immutable value.
 *
 * <p>Addresses are {@code long}s and unsigned everywhere; compare them with {@link Long#compareUnsigned}. They are
 * printed by {@link sluicegate.api.types.Hex}.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.2.0")
package sluicegate.api.types;
