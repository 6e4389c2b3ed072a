/** What a machine offers: units, buses, memory and masters of DMA. */
@Export
@Version("0.1.0")
package sluicegate.api.platform;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
