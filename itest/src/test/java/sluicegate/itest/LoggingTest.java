package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Logs arrive somewhere: SLF4J found logback although both are bundles that find each other through a third. */
class LoggingTest {

    @Test
    void slf4jEndsInLogback() {
        assertThat(LoggerFactory.getILoggerFactory().getClass().getName()).isEqualTo("ch.qos.logback.classic.LoggerContext");
    }
}
