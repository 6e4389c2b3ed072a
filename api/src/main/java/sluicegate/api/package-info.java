/** What an application uses: devices, groups, domains and faults behind one service. */
@Export
@Version("0.1.0")
package sluicegate.api;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
