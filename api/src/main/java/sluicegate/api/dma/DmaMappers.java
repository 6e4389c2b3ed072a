package sluicegate.api.dma;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.Device;

/** The DMA layer as a service. Thread-safe. */
@ProviderType
public interface DmaMappers {

    /**
     * What the driver of a device maps its buffers with. One for each device, for as long as the device is there; masks and limits
     * return to what they were at first when the device's driver is {@link Device#unbind unbound}.
     *
     * @throws sluicegate.api.types.IommuException EINVAL if the device is not of this core
     */
    DmaMapper dmaMapper(Device device);

    /**
     * Whether from now on each mapping is remembered with the place where it was made, so that misuse can be reported ({@code
     * CONFIG_DMA_API_DEBUG}). What was mapped before is not known.
     */
    void setDmaDebug(boolean debug);

    /** What misuse was found in debug mode, oldest first; at most some hundred are kept. */
    List<Report> dmaReports();

    /**
     * What a driver did wrong.
     *
     * @param device name of the device
     * @param kind what rule was broken
     * @param message a sentence with the range, the rule and the remedy
     * @param madeAt where the mapping concerned was made, innermost frame first; empty if there was none
     */
    record Report(String device, Kind kind, String message, List<StackTraceElement> madeAt) {
        public Report {
            madeAt = List.copyOf(madeAt);
        }
    }

    /** Rules that {@code kernel/dma/debug.c} checks. */
    enum Kind {
        /** Still mapped when the driver was unbound. */
        LEAK,
        /** Unmapped, or handed over, though it is not mapped: never was, or not any more. */
        NOT_MAPPED,
        /** Another direction than it was mapped with. */
        WRONG_DIRECTION,
        /** Another size than it was mapped with, or beyond its end. */
        WRONG_SIZE,
        /** Unmapped as something else than it was mapped as. */
        WRONG_FUNCTION
    }
}
