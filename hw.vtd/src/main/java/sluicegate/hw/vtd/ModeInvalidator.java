package sluicegate.hw.vtd;

/**
 * Invalidations by queue that mean something in one mode of tables alone, or that devices are told because of what is in tables. While
 * hardware still uses those of another mode it has cached nothing that they are about, so they are dropped. Thread-safe; allocates nothing.
 */
abstract class ModeInvalidator {
    private final InvalidationQueue queue;
    private volatile boolean awake = true;

    ModeInvalidator(InvalidationQueue queue) {
        this.queue = queue;
    }

    final VtdCapabilities capabilities() {
        return queue.capabilities();
    }

    /** For as long as hardware uses tables of another mode. */
    final void sleep() {
        awake = false;
    }

    final void wake() {
        awake = true;
    }

    /** See {@link InvalidationQueue#submit}. */
    final void submit(long low, long high) {
        if (awake) {
            queue.submit(low, high);
        }
    }

    /** See {@link InvalidationQueue#forget}. */
    final void forgetTranslations(long low, long high) {
        if (awake) {
            queue.forget(low, high);
        }
    }
}
