package sluicegate.shell;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The word may be missing if this option is given: the method gets {@code null} or 0 then. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
@interface Unless {
    /** The option, with its dashes. */
    String value();
}
