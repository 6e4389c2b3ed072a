/** The vocabulary of the hardware: one class per structure or register, and nothing that acts. */
@Export
@Version("0.1.0")
package sluicegate.spec;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
