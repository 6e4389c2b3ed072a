/** What a hardware driver implements for the core to call. */
@Export
@Version("0.1.0")
package sluicegate.api.driver;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
