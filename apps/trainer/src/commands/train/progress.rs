//! What a person or a program sees of a run while it goes on.

use anyhow::Result;
use indicatif::ProgressBar;
use nerveseg_train::TrainEvent;
use serde_json::json;

use crate::ui;

/// Shows the events of a run: a bar with live scores on a terminal, plain lines otherwise, and
/// JSON lines on stdout if asked for.
pub(crate) struct TrainProgress {
    epochs: u32,
    json: bool,
    bar: Option<ProgressBar>,
    /// Steps that were already taken when this process began.
    head_start: Option<u64>,
    last: String,
    failed: Result<()>,
}

impl TrainProgress {
    pub(crate) fn new(epochs: u32, json: bool) -> Self {
        Self {
            epochs,
            json,
            bar: None,
            head_start: None,
            last: String::new(),
            failed: Ok(()),
        }
    }

    pub(crate) fn show(&mut self, event: &TrainEvent<'_>) {
        match event {
            TrainEvent::Loading { done, total } => {
                if done == total {
                    ui::say(&format!("{total} cases in memory"));
                }
            }
            TrainEvent::Resumed { epoch, step } => {
                ui::say(&format!("resumed at epoch {epoch}, after step {step}"));
                self.line(&json!({ "event": "resumed", "epoch": epoch, "step": step }));
            }
            TrainEvent::Step {
                epoch,
                step,
                steps,
                loss,
            } => {
                self.step(*epoch, *step, *steps, *loss);
                self.line(&json!({ "event": "step", "epoch": epoch, "step": step, "steps": steps, "loss": loss }));
            }
            TrainEvent::Epoch { record, seconds } => {
                self.last = format!(
                    "val loss {:.4}  Dice+ {}  Dice {:.3} (nothing: {:.3})",
                    record.val_loss,
                    ui::score(record.val_dice_positive),
                    record.val_dice_mean,
                    record.val_all_empty_dice_mean,
                );
                let star = if record.best { " *" } else { "" };
                let line = format!(
                    "epoch {:>3}/{}  loss {:.4}  {}  lr {:.1e}  {}{star}",
                    record.epoch,
                    self.epochs,
                    record.train_loss,
                    self.last,
                    record.learning_rate,
                    ui::duration(*seconds),
                );
                self.say(&line);
                self.line(&json!({ "event": "epoch", "seconds": seconds, "record": record }));
            }
            TrainEvent::Alarm(alarm) => {
                self.say(&format!("ALARM: {alarm}"));
                self.line(
                    &json!({ "event": "alarm", "alarm": alarm, "message": alarm.to_string() }),
                );
            }
        }
    }

    /// Takes the bar away and passes on what went wrong with stdout.
    pub(crate) fn finish(self) -> Result<()> {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        self.failed
    }

    fn step(&mut self, epoch: u32, step: usize, steps: usize, loss: f64) {
        if !ui::is_interactive() {
            return;
        }
        let done = u64::from(epoch - 1) * steps as u64 + step as u64;
        let head_start = *self.head_start.get_or_insert(done.saturating_sub(1));
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ui::bar("training", self.epochs as usize * steps);
            // speed and time left are those of this process
            bar.set_position(head_start);
            bar.reset_eta();
            bar
        });
        bar.set_position(done);
        bar.set_message(format!(
            "epoch {epoch}/{} loss {loss:.4}  {}",
            self.epochs, self.last
        ));
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| ui::say(line)),
            None => ui::say(line),
        }
    }

    fn line(&mut self, event: &serde_json::Value) {
        if self.json && self.failed.is_ok() {
            self.failed = ui::print(&event.to_string());
        }
    }
}
