package sluicegate.launch;

import java.util.Collections;
import java.util.List;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what the framework and its services log to where everything else is logged; a component that fails to start tells it
 * there only. Felix has a bundle for this, which loses every entry with the logback of today.
 */
@Component(service = {}, immediate = true)
public final class OsgiLogToSlf4j implements LogListener {
    private final LogReaderService reader;

    /** Made by Declarative Services. What was logged before this bundle started comes first. */
    @Activate
    public OsgiLogToSlf4j(@Reference LogReaderService reader) {
        this.reader = reader;
        List<LogEntry> earlier = Collections.list(reader.getLog());
        Collections.reverse(earlier);
        earlier.forEach(this::logged);
        reader.addLogListener(this);
    }

    @Deactivate
    void deactivate() {
        reader.removeLogListener(this);
    }

    @Override
    public void logged(LogEntry entry) {
        Logger logger = LoggerFactory.getLogger("osgi." + entry.getLoggerName());
        String message = entry.getBundle() == null ? entry.getMessage()
                : entry.getMessage() + " [" + entry.getBundle().getSymbolicName() + "]";
        switch (entry.getLogLevel()) {
            case AUDIT, ERROR -> logger.error(message, entry.getException());
            case WARN -> logger.warn(message, entry.getException());
            case INFO -> logger.info(message, entry.getException());
            case DEBUG -> logger.debug(message, entry.getException());
            default -> logger.trace(message, entry.getException());
        }
    }
}
