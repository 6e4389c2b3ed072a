package sluicegate.inspect.fault;

import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;
import sluicegate.inspect.DecodedFault;
import sluicegate.inspect.DeviceNames;
import sluicegate.inspect.FaultDecoder;
import sluicegate.inspect.FaultLog;
import sluicegate.inspect.Vendor;

/** The service. */
@Component
public final class FaultDecoderComponent implements FaultDecoder {

    @Override
    public FaultLog decodeLog(Reader log, DeviceNames names) throws IOException {
        return new LogScan(names).read(log);
    }

    @Override
    public List<DecodedFault> decodeRecord(String hex, Optional<Vendor> vendor, DeviceNames names) {
        return RecordReader.read(hex, vendor).stream().map(draft -> draft.finish(names)).toList();
    }

    @Override
    public boolean isRecord(String text) {
        return RecordReader.isRecord(text);
    }
}
