package sluicegate.core.impl;

/**
 * What becomes of devices when no driver of theirs is left that uses the default domain. They stay in it, where nothing should
 * be mapped by then; whoever wants to be quite sure has them abort instead.
 */
final class UnboundPolicy {
    private volatile boolean abort;

    void setAbort(boolean newAbort) {
        abort = newAbort;
    }

    boolean abort() {
        return abort;
    }
}
