//! A machine without a display, on which looking for a GPU would complain of that.

/// Tells the libraries of a GPU that there is no display, where nothing says that there is one. For
/// the start of `main`.
///
/// Mesa's Vulkan layer looks for a Wayland display whenever adapters are listed, and without
/// `XDG_RUNTIME_DIR` writes a line to stderr each time. A display that nobody serves is looked for
/// in silence. Variables of a process can be set safely only where it is started, so the program
/// starts itself again in its own place; nothing happens where that fails.
#[cfg(all(target_os = "linux", feature = "wgpu"))]
pub fn without_display() {
    use std::os::unix::process::CommandExt as _;

    const DISPLAY: &str = "WAYLAND_DISPLAY";
    let has = |name| std::env::var_os(name).is_some();
    if has("XDG_RUNTIME_DIR") || has(DISPLAY) {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        let mut args = std::env::args_os();
        let mut again = std::process::Command::new(program);
        if let Some(name) = args.next() {
            again.arg0(name);
        }
        // comes back only if it fails
        let _ = again.args(args).env(DISPLAY, "/dev/null").exec();
    }
}

/// Elsewhere nothing complains.
#[cfg(not(all(target_os = "linux", feature = "wgpu")))]
pub fn without_display() {}
