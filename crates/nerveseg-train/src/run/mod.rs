//! A training run: its loop, its folder, its state on disk, and what it tells.

mod alarms;
mod ancestor;
mod best;
mod checkpoint;
mod claim;
mod earlier;
mod epoch;
mod events;
mod fit;
mod folder;
mod identity;
mod input;
mod learner;
mod overfit;
mod record;
mod rehearsal;
mod sampling;
mod state;
mod step;
mod tally;
mod timings;
mod training;
mod validate;
mod worth;

pub use self::alarms::Alarm;
pub use self::ancestor::Ancestor;
pub use self::earlier::check_same_run;
pub use self::events::{Ending, FitOutcome, TrainEvent};
pub use self::fit::fit;
pub use self::folder::{RunFolder, write_json_lines};
pub use self::input::FitInput;
pub use self::overfit::{Overfit, overfit_one_batch};
pub use self::record::EpochRecord;
pub use self::rehearsal::Rehearsal;
pub use self::tally::Tally;
pub use self::validate::validate;
