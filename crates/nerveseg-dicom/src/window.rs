//! The range of values that is shown.

use crate::elements::{Attributes, Element, Tag};

const WINDOW_CENTER: Tag = Tag(0x0028, 0x1050);
const WINDOW_WIDTH: Tag = Tag(0x0028, 0x1051);
const WINDOW_FUNCTION: Tag = Tag(0x0028, 0x1056);
const RESCALE_INTERCEPT: Tag = Tag(0x0028, 0x1052);
const RESCALE_SLOPE: Tag = Tag(0x0028, 0x1053);

/// Range of stored values that is shown, from black to white.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Window {
    /// What [`Window::read`] looks for.
    pub(crate) const TAGS: [Tag; 5] = [
        WINDOW_CENTER,
        WINDOW_WIDTH,
        WINDOW_FUNCTION,
        RESCALE_INTERCEPT,
        RESCALE_SLOPE,
    ];

    /// The first linear window, in stored values (PS3.3, C.11.2.1.2).
    pub(crate) fn read(attributes: &Attributes<'_>) -> Option<Self> {
        let function = attributes.get(WINDOW_FUNCTION).and_then(Element::text);
        if function.is_some_and(|name| name != "LINEAR") {
            return None;
        }
        let center: f64 = attributes.number(WINDOW_CENTER)?;
        let width: f64 = attributes.number(WINDOW_WIDTH)?;
        let slope = attributes.number(RESCALE_SLOPE).unwrap_or(1.0);
        let intercept = attributes.number(RESCALE_INTERCEPT).unwrap_or(0.0);
        let end = |half: f64| (center - 0.5 + half * (width - 1.0) - intercept) / slope;
        let window = Self {
            low: end(-0.5),
            high: end(0.5),
        };
        let usable = window.low.is_finite() && window.high.is_finite() && slope > 0.0;
        (usable && width >= 1.0).then_some(window)
    }

    /// 0 up to `low`, 255 from `high` on, a rounded line between.
    pub(crate) fn gray(self, value: f64) -> u8 {
        if value <= self.low {
            0
        } else if value >= self.high {
            u8::MAX
        } else {
            ((value - self.low) / (self.high - self.low) * 255.0).round() as u8
        }
    }
}
