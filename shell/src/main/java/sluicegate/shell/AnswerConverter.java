package sluicegate.shell;

import org.apache.felix.service.command.Converter;
import org.osgi.service.component.annotations.Component;

/** Lets Gogo print answers, and lets commands take an answer for the name or number that it stands for. */
@Component(service = Converter.class,
        property = {"osgi.converter.classes=sluicegate.shell.Item", "osgi.converter.classes=sluicegate.shell.Listing"})
public final class AnswerConverter implements Converter {

    @Override
    public Object convert(Class<?> desiredType, Object in) {
        return in instanceof Answer answer && desiredType == String.class ? answer.word() : null;
    }

    /** The whole answer at the top; inside of something else only what it stands for. */
    @Override
    public CharSequence format(Object target, int level, Converter escape) {
        if (!(target instanceof Answer answer)) {
            return null;
        }
        return level == Converter.INSPECT ? answer.text() : answer.toString();
    }
}
