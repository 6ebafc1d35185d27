//! What a person sees: messages and bars on stderr, data on stdout.

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::time::Duration;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// One line on stderr; a closed stderr is nobody's problem.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Several lines on stderr.
pub(crate) fn say_each(lines: &[String]) {
    for line in lines {
        say(line);
    }
}

/// Text on stdout, with a line end. Who closes stdout, as `head` does, wants no more of it: that is
/// no failure, and the command goes on with what it writes elsewhere.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(stdout, "{text}{end}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to stdout")
        }
        _ => Ok(()),
    }
}

/// Whether stderr is a terminal, so that moving bars make sense.
pub(crate) fn is_interactive() -> bool {
    std::io::stderr().is_terminal()
}

/// A bar with speed and time left, on a terminal only.
pub(crate) fn bar(what: &str, total: usize) -> ProgressBar {
    let template = "{prefix:>12} {bar:30} {pos}/{len} {per_sec} {eta} {msg}";
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
    bar.set_style(style.progress_chars("━╸ "));
    bar.set_prefix(what.to_owned());
    if is_interactive() {
        bar.enable_steady_tick(Duration::from_millis(250));
    } else {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar
}

/// Runs `work` under a bar that follows the number of things done.
pub(crate) fn with_bar<T>(
    what: &str,
    total: usize,
    work: impl FnOnce(&(dyn Fn(usize) + Sync)) -> T,
) -> T {
    let bar = bar(what, total);
    let result = work(&|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    result
}

/// Seconds as people say them: `8 s`, `3 min 20 s`, `2 h 05 min`.
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

/// `2164305` as `2,164,305`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A score, or a dash where it cannot be computed.
pub(crate) fn score(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(2_164_305), "2,164,305");
        assert_eq!(thousands(305), "305");
        assert_eq!(
            (duration(8.2), duration(200.0)),
            ("8 s".to_owned(), "3 min 20 s".to_owned())
        );
        assert_eq!(duration(7_500.0), "2 h 05 min");
    }
}
