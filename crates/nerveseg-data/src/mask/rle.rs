//! Run lengths as Kaggle writes them: column-major, 1-based `start length` pairs.
//!
//! Pixels are numbered from 1, top to bottom, then left to right. An empty string is an empty mask.
//!
//! ```
//! use ndarray::array;
//! use nerveseg_data::rle;
//!
//! let mask = array![[false, true, false], [true, true, false]];
//!
//! let runs = rle::encode(mask.view());
//!
//! assert_eq!(runs.to_string(), "2 3");
//! assert_eq!(rle::decode("2 3", [2, 3])?, mask);
//! # Ok::<(), nerveseg_data::RleError>(())
//! ```

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use ndarray::{ArrayView2, s};

use super::Mask;

/// Consecutive pixels of the mask, in column-major order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// Number of the first pixel, from 1.
    pub start: u32,
    /// How many pixels, at least 1.
    pub length: u32,
}

/// Rules a run list can break.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RleError {
    /// A token is not a decimal number that fits 32 bits.
    #[error("`{token}` is not a number")]
    NotANumber {
        /// Offending token.
        token: String,
    },
    /// The last start has no length.
    #[error("the last run starts at {start} but has no length")]
    MissingLength {
        /// The lonely start.
        start: u32,
    },
    /// Pixels are numbered from 1.
    #[error("a run starts at 0, pixels are numbered from 1")]
    ZeroStart,
    /// A run without pixels.
    #[error("the run at {start} has length 0")]
    ZeroLength {
        /// First pixel of the run.
        start: u32,
    },
    /// A run begins before the one before it has ended.
    #[error("the run at {start} begins before the previous one has ended (pixel {previous_end})")]
    Unsorted {
        /// First pixel of the run.
        start: u32,
        /// Last pixel of the run before it.
        previous_end: u64,
    },
    /// A run leaves the image.
    #[error("the run at {start} of length {length} goes past the last pixel {pixels} of the image")]
    PastEnd {
        /// First pixel of the run.
        start: u32,
        /// Its length.
        length: u32,
        /// Pixels of the image.
        pixels: u64,
    },
}

/// Runs in rising order that do not overlap; the text form is `Display` and [`FromStr`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RunLengths {
    runs: Vec<Run>,
}

impl RunLengths {
    /// Checks runs from elsewhere.
    ///
    /// # Errors
    ///
    /// A start or length of zero, runs out of order or overlapping.
    pub fn new(runs: Vec<Run>) -> Result<Self, RleError> {
        let mut previous_end = 0_u64;
        for &Run { start, length } in &runs {
            if start == 0 {
                return Err(RleError::ZeroStart);
            }
            if length == 0 {
                return Err(RleError::ZeroLength { start });
            }
            if u64::from(start) <= previous_end {
                return Err(RleError::Unsorted {
                    start,
                    previous_end,
                });
            }
            previous_end = u64::from(start) + u64::from(length) - 1;
        }
        Ok(Self { runs })
    }

    /// The runs, in rising order.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Whether the mask is empty.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Pixels of the mask that are set.
    pub fn area_px(&self) -> u64 {
        self.runs.iter().map(|run| u64::from(run.length)).sum()
    }

    /// Paints the runs into an empty mask of `[height, width]`.
    ///
    /// # Errors
    ///
    /// [`RleError::PastEnd`] if a run leaves the image.
    pub fn to_mask(&self, [height, width]: [u32; 2]) -> Result<Mask, RleError> {
        let pixels = u64::from(height) * u64::from(width);
        // runs are sorted, so the last one reaches furthest
        if let Some(&Run { start, length }) = self.runs.last()
            && u64::from(start) + u64::from(length) - 1 > pixels
        {
            return Err(RleError::PastEnd {
                start,
                length,
                pixels,
            });
        }
        let height = height as usize;
        let mut mask = Mask::default((height, width as usize));
        for run in &self.runs {
            let first = run.start as usize - 1;
            let (mut row, mut column) = (first % height, first / height);
            for _ in 0..run.length {
                mask[[row, column]] = true;
                row += 1;
                if row == height {
                    (row, column) = (0, column + 1);
                }
            }
        }
        Ok(mask)
    }
}

impl fmt::Display for RunLengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for Run { start, length } in &self.runs {
            write!(f, "{separator}{start} {length}")?;
            separator = " ";
        }
        Ok(())
    }
}

impl FromStr for RunLengths {
    type Err = RleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = text.split_ascii_whitespace().map(number);
        let mut runs = Vec::new();
        while let Some(start) = numbers.next() {
            let start = start?;
            let length = numbers.next().ok_or(RleError::MissingLength { start })??;
            runs.push(Run { start, length });
        }
        Self::new(runs)
    }
}

fn number(token: &str) -> Result<u32, RleError> {
    // `u32::from_str` takes a leading `+`; Kaggle does not
    Some(token)
        .filter(|token| token.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|token| token.parse().ok())
        .ok_or_else(|| RleError::NotANumber {
            token: token.to_owned(),
        })
}

/// Runs of a mask of shape `[height, width]`.
///
/// # Panics
///
/// Panics if the mask has more than `u32::MAX` pixels; images are bounded far below that.
pub fn encode(mask: ArrayView2<'_, bool>) -> RunLengths {
    assert!(
        u32::try_from(mask.len()).is_ok(),
        "mask has too many pixels to number"
    );
    let height = mask.nrows();
    let rows = rows_in_use(mask);
    // one transposed copy makes columns contiguous; most masks leave most rows empty
    let columns = mask.slice(s![rows.clone(), ..]).reversed_axes();
    let columns = columns.as_standard_layout();

    let mut runs: Vec<Run> = Vec::new();
    for (column, pixels) in columns.outer_iter().enumerate() {
        let pixels = pixels.to_slice().expect("standard layout is contiguous");
        let mut at = 0;
        while let Some(gap) = pixels[at..].iter().position(|&set| set) {
            let start = at + gap;
            let rest = &pixels[start..];
            let length = rest.iter().position(|&set| !set).unwrap_or(rest.len());
            at = start + length;
            let start = (column * height + rows.start + start) as u32 + 1;
            match runs.last_mut() {
                // from the foot of one column to the head of the next
                Some(last) if last.start + last.length == start => last.length += length as u32,
                _ => runs.push(Run {
                    start,
                    length: length as u32,
                }),
            }
        }
    }
    RunLengths { runs }
}

/// From the first row with a set pixel to the last.
fn rows_in_use(mask: ArrayView2<'_, bool>) -> Range<usize> {
    let in_use = |row: &usize| match mask.row(*row).to_slice() {
        Some(row) => row.contains(&true),
        None => mask.row(*row).iter().any(|&set| set),
    };
    let mut rows = 0..mask.nrows();
    let Some(first) = rows.find(in_use) else {
        return 0..0;
    };
    let last = rows.rfind(in_use).unwrap_or(first);
    first..last + 1
}

/// Mask of `[height, width]` from its text form; the empty string is an empty mask.
///
/// # Errors
///
/// Any broken rule of [`RleError`].
pub fn decode(text: &str, size: [u32; 2]) -> Result<Mask, RleError> {
    text.parse::<RunLengths>()?.to_mask(size)
}
