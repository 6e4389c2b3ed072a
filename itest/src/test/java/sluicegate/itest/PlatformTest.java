package sluicegate.itest;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.BundleContext;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.context.BundleContextExtension;
import org.osgi.test.junit5.service.ServiceExtension;
import sluicegate.api.Iommu;
import sluicegate.api.Machines;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** A test of the platform's services: those that almost every test begins with. Tests under which the core comes and go ask {@link Runtime}. */
@ExtendWith({BundleContextExtension.class, ServiceExtension.class})
abstract class PlatformTest {
    @InjectBundleContext
    BundleContext context;

    @InjectService(timeout = 10_000)
    Machines machines;

    @InjectService(timeout = 10_000)
    Iommu iommu;

    /** The usual machine, which runs until it is closed. */
    final FrameworkMachine boot() {
        return new FrameworkMachine(machines, iommu);
    }

    /**
     * A machine that runs until it is closed. The test is skipped if it is one of QEMU's, and QEMU is not installed.
     *
     * @param place as {@link FrameworkMachine} has it
     */
    final FrameworkMachine boot(String name, String place) {
        try {
            return new FrameworkMachine(machines, iommu, name, place);
        } catch (IommuException e) {
            Assumptions.assumeTrue(e.errno() != Errno.ENOENT, e.getMessage());
            throw e;
        }
    }
}
