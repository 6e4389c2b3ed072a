package sluicegate.inspect;

import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;

/**
 * Explains faults: lines of kernel logs in all the spellings that Linux (and Xen) have had for VT-d, AMD-Vi and SMMUs, and
 * event records as units write them. Thread-safe.
 */
@ProviderType
public interface FaultDecoder {

    /**
     * Finds the faults in a log. What is no fault is passed over, whatever it is; a fault whose line was cut is told as far as
     * it goes. A report that takes several lines is one fault.
     *
     * @param log read to its end, and not closed
     * @throws IOException as the reader does
     */
    FaultLog decodeLog(Reader log, DeviceNames names) throws IOException;

    /**
     * Explains one event record: 16 bytes of a VT-d fault recording register or of an AMD event log, or 32 bytes of an SMMUv3
     * event queue.
     *
     * @param hex its bytes in the order of memory without gaps, or its 64-bit or 32-bit words, lowest first, with gaps between
     *     them and {@code 0x} in front where wanted; the last words of an SMMUv3 record may be missing
     * @param vendor whose record it is; if empty, every vendor whose record it can be is tried
     * @return one explanation for each vendor whose record it can be, at least one
     * @throws IommuException EINVAL if it is no record
     */
    List<DecodedFault> decodeRecord(String hex, Optional<Vendor> vendor, DeviceNames names);

    /** Whether a text is made of hex digits as {@link #decodeRecord} takes them, and of nothing else. */
    boolean isRecord(String text);
}
