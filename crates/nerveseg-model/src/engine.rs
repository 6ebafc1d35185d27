//! What computes on the CPU: one team of threads for all networks of the process.

use std::sync::OnceLock;

use nerveseg_kernels::Engine;

static ENGINE: OnceLock<Engine> = OnceLock::new();

/// The threads that all layers share.
pub(crate) fn engine() -> &'static Engine {
    ENGINE.get_or_init(|| {
        Engine::new(0)
            .or_else(|_| Engine::new(1))
            .expect("one thread is the caller's own")
    })
}

/// Sets what computes on the CPU, instead of the processor's fastest instructions on every core.
///
/// Returns whether it was in time: the first network that runs or loads settles it.
pub fn set_cpu_engine(engine: Engine) -> bool {
    ENGINE.set(engine).is_ok()
}
