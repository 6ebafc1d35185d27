//! Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::ui;

/// Raised by the first Ctrl-C (or SIGTERM); the second one ends the program at once.
pub(crate) fn stop_flag() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let flag = FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let raised = Arc::clone(&flag);
        let installed = ctrlc::set_handler(move || {
            if raised.swap(true, Ordering::Relaxed) {
                #[expect(clippy::exit, reason = "the person asked twice")]
                std::process::exit(130);
            }
            ui::say("stopping after this step; once more to stop at once");
        });
        if let Err(error) = installed {
            ui::say(&format!("warning: Ctrl-C will not save: {error}"));
        }
        flag
    });
    Arc::clone(flag)
}
