/** Readers of what firmware says about a machine, and of machine descriptions. */
@Export
@Version("0.1.0")
package sluicegate.firmware;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
