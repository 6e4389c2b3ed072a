/** What a device driver uses instead of addresses: buffers mapped for one device. */
@Export
@Version("0.1.0")
package sluicegate.api.dma;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
