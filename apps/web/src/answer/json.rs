//! What the API says about one frame.

use std::time::Duration;

use nerveseg_data::mask::outlines;
use nerveseg_data::rle;
use nerveseg_model::{Component, PresenceState};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::picture::{base64, grey_png};
use crate::inference::{Found, Model, Times};

/// What was found in one frame.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Answer {
    /// Width of the frame in pixels.
    #[schema(minimum = 1)]
    width: u32,
    /// Height of the frame in pixels.
    #[schema(minimum = 1)]
    height: u32,
    /// Which frame of the upload this is, from 0.
    frame: u32,
    /// How many frames the upload has; 1 for everything but DICOM.
    #[schema(minimum = 1)]
    frames: u32,
    /// Which of the regions of tissue that the upload names was looked at, from 0.
    region: u32,
    /// How many regions of tissue the upload names: several where a screen shows several views, 0
    /// for everything but DICOM.
    regions: u32,
    /// Score for a nerve in the frame at all: the higher, the surer; no probability.
    #[schema(minimum = 0, maximum = 1)]
    presence: f32,
    /// The answer: a nerve was found, none was found, or a person has to look.
    #[schema(schema_with = states)]
    state: PresenceState,
    /// Whether the frame is like the neck scans that the model knows. If not, what is found in it
    /// means nothing.
    is_ultrasound: bool,
    /// Why it is not like them.
    objection: Option<String>,
    /// Probability from which on a pixel belongs to the nerve.
    #[schema(minimum = 0, maximum = 1)]
    threshold: f32,
    /// Area of the mask in pixels.
    area_px: usize,
    /// Area of the mask in mm², where the file says how large a pixel is.
    area_mm2: Option<f64>,
    /// Millimetres per pixel, row and column, where the file says so.
    spacing_mm: Option<[f64; 2]>,
    /// Smallest box around the mask, `null` for an empty one.
    bbox: Option<BoundingBox>,
    /// Outer borders of the mask's regions, each a ring of `[x, y]` corners of pixels, clockwise,
    /// not closed. `(0, 0)` is the top left corner of the top left pixel. Holes have no ring; the
    /// run lengths have every pixel.
    #[schema(example = json!([[[12, 3], [14, 3], [14, 5], [12, 5]]]))]
    polygons: Vec<Vec<[u32; 2]>>,
    /// The mask, exactly.
    rle: RunLengths,
    /// The model that answered.
    model: ModelName,
    /// How long it took.
    timings_ms: Timings,
    /// Always "research use only, not for clinical use".
    #[schema(example = "research use only, not for clinical use")]
    intended_use: String,
    /// The frame as the network saw it: PNG, 8-bit grey, base64. With `include=image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    image_png: Option<String>,
    /// Probability of every pixel × 255: PNG, 8-bit grey, base64. With `include=probabilities`.
    #[serde(skip_serializing_if = "Option::is_none")]
    probabilities_png: Option<String>,
}

/// A box in pixels.
#[derive(Debug, Serialize, ToSchema)]
struct BoundingBox {
    /// Leftmost column.
    x: usize,
    /// Topmost row.
    y: usize,
    /// Columns.
    width: usize,
    /// Rows.
    height: usize,
}

/// Runs of mask pixels, as Kaggle writes them.
#[derive(Debug, Serialize, ToSchema)]
struct RunLengths {
    /// How pixels are numbered: top to bottom, then left to right.
    #[schema(example = "column-major")]
    order: &'static str,
    /// Number of the first pixel.
    #[schema(example = 1)]
    start: u32,
    /// Pairs of first pixel and length; empty for an empty mask.
    #[schema(example = "1 3 10 5")]
    pixels: String,
}

/// Which model it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelName {
    /// Its name.
    #[schema(example = "brachial-plexus")]
    pub(crate) name: String,
    /// Version of the program that wrote it.
    #[schema(example = "0.1.0")]
    pub(crate) version: String,
    /// SHA-256 over its weights.
    pub(crate) sha256: String,
}

/// Milliseconds from the end of the upload on.
#[derive(Debug, Serialize, ToSchema)]
struct Timings {
    /// Decoding the frame and scaling it for the network.
    decode: f64,
    /// Waiting for the device.
    queue: f64,
    /// The network, for the batch that the frame was in.
    network: f64,
    /// All of it, with cutting out the mask.
    total: f64,
}

/// Pictures to put into an answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Include {
    pub(crate) image: bool,
    pub(crate) probabilities: bool,
}

impl Answer {
    pub(crate) fn new(found: &Found, include: Include) -> Self {
        let Found {
            frame,
            segmentation,
            model,
            threshold,
            ..
        } = found;
        let image_png = include
            .image
            .then(|| base64(&grey_png(&frame.pixels, None)));
        let probabilities_png = include
            .probabilities
            .then(|| base64(&grey_png(&segmentation.probability_image(), None)));
        Self {
            width: frame.pixels.width(),
            height: frame.pixels.height(),
            frame: frame.index,
            frames: frame.count,
            region: frame.region,
            regions: frame.regions,
            presence: segmentation.presence,
            state: segmentation.presence_state,
            is_ultrasound: segmentation.is_ultrasound(),
            objection: segmentation.objection.clone(),
            threshold: *threshold,
            area_px: segmentation.area_px,
            area_mm2: segmentation.area_mm2,
            spacing_mm: frame.spacing_mm,
            bbox: BoundingBox::around(&segmentation.components),
            polygons: outlines(segmentation.mask.view()),
            rle: RunLengths {
                order: "column-major",
                start: 1,
                pixels: rle::encode(segmentation.mask.view()).to_string(),
            },
            model: ModelName::of(model),
            timings_ms: found.times().into(),
            intended_use: model.manifest().intended_use.clone(),
            image_png,
            probabilities_png,
        }
    }
}

impl ModelName {
    pub(crate) fn of(model: &Model) -> Self {
        Self {
            name: model.name.clone(),
            version: model.version().to_owned(),
            sha256: model.manifest().sha256.clone(),
        }
    }
}

impl BoundingBox {
    fn around(components: &[Component]) -> Option<Self> {
        let boxes = components.iter().map(|component| component.bounding_box);
        let [top, left, bottom, right] = boxes.reduce(|a, b| {
            [
                a[0].min(b[0]),
                a[1].min(b[1]),
                a[2].max(b[2]),
                a[3].max(b[3]),
            ]
        })?;
        Some(Self {
            x: left,
            y: top,
            width: right - left,
            height: bottom - top,
        })
    }
}

impl From<Times> for Timings {
    fn from(times: Times) -> Self {
        Self {
            decode: milliseconds(times.decode),
            queue: milliseconds(times.waited),
            network: milliseconds(times.network),
            total: milliseconds(times.total),
        }
    }
}

/// The words of [`PresenceState`].
fn states() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(PresenceState::ALL.map(PresenceState::name)))
        .description(Some(
            "The answer: a nerve was found, none was found, or a person has to look.",
        ))
        .build()
}

/// To the microsecond.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
