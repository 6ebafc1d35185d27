//! What `nerveseg predict` says about an image: one table, from which the header and the rows of the
//! CSV, the JSON and the list in the docs come.

use anyhow::Result;
use nerveseg_model::PresenceState;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::row::{Failure, Row};
use Output::{Both, Csv, Json};

/// A thing that is said about an image.
struct Column {
    name: &'static str,
    output: Output,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test holds it against docs/predict.md")
    )]
    description: &'static str,
    value: fn(&Row) -> Value,
}

/// Where a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    Both,
    Csv,
    Json,
}

/// What a column can hold.
#[derive(Debug, serde::Serialize)]
#[serde(untagged)]
enum Value {
    Missing,
    Text(String),
    Flag(bool),
    Count(usize),
    /// CSV gives four decimals.
    Score(f32),
    /// CSV gives one decimal.
    Pixels(f64),
    /// CSV gives two decimals.
    Area(f64),
    Position([f64; 2]),
    State(PresenceState),
}

const fn column(
    name: &'static str,
    output: Output,
    description: &'static str,
    value: fn(&Row) -> Value,
) -> Column {
    Column {
        name,
        output,
        description,
        value,
    }
}

/// In the order in which they are written.
const COLUMNS: [Column; 28] = [
    column("image", Both, "file that was read", |a| text(&a.image)),
    column(
        "frame",
        Json,
        "number of the frame in the file, from 0",
        frame,
    ),
    column("frames", Json, "frames that the file has", frames),
    column("width", Both, "width of the image in pixels", |a| {
        Value::Count(a.width)
    }),
    column("height", Both, "height of the image in pixels", |a| {
        Value::Count(a.height)
    }),
    column(
        "presence",
        Both,
        "how much speaks for a nerve, 0 to 1: a score, no probability",
        |a| Value::Score(a.presence),
    ),
    column("state", Json, STATE, state),
    column("objection", Json, OBJECTION, objection),
    column(
        "nerve_found",
        Both,
        "whether `state` is `nerve` and there is no `objection`",
        |a| Value::Flag(a.nerve_found),
    ),
    column("area_px", Both, "pixels of the mask", |a| {
        Value::Count(a.area_px)
    }),
    column(
        "area_mm2",
        Both,
        "area of the mask in mm², where the file says how large a pixel is",
        |a| a.area_mm2.map_or(Value::Missing, Value::Area),
    ),
    column("components", Both, "connected regions of the mask", |a| {
        Value::Count(a.components)
    }),
    column(
        "centroid",
        Json,
        "`[row, column]` of the middle of the largest region, the first of equals, or `null`",
        |a| a.centroid.map_or(Value::Missing, Value::Position),
    ),
    column(
        "centroid_row",
        Csv,
        "row of that middle, from 0, or nothing",
        |a| a.centroid.map_or(Value::Missing, |at| Value::Pixels(at[0])),
    ),
    column(
        "centroid_column",
        Csv,
        "column of that middle, from 0, or nothing",
        |a| a.centroid.map_or(Value::Missing, |at| Value::Pixels(at[1])),
    ),
    column(
        "rle",
        Json,
        "the mask as Kaggle's run lengths: column by column, from 1",
        |a| text(&a.rle),
    ),
    column("mask", Both, "picture of the mask, 0 and 255", |a| {
        text(&a.mask)
    }),
    column("overlay", Both, "picture of the mask on the image", |a| {
        text(&a.overlay)
    }),
    column("state", Csv, STATE, state),
    column("objection", Csv, OBJECTION, objection),
    column(
        "frame",
        Csv,
        "number of the frame in the file, from 0",
        frame,
    ),
    column("frames", Csv, "frames that the file has", frames),
    column(
        "region",
        Both,
        "number of the region of tissue that was looked at, from 0",
        |a| Value::Count(a.region as usize),
    ),
    column(
        "regions",
        Both,
        "regions of tissue that the file names: several views on one screen; 0 for a picture",
        |a| Value::Count(a.regions as usize),
    ),
    column(
        "model",
        Both,
        "digest of the weights and the thresholds: equal answers come of equal models only",
        |a| text(&a.model),
    ),
    column("error", Csv, "in the table, why there is no answer", |_| {
        Value::Missing
    }),
    column(
        "name",
        Json,
        "place of the file's answers below `--out`",
        |a| text(&a.name),
    ),
    column("sha256", Json, "SHA-256 of the file", |a| {
        a.sha256.as_deref().map_or(Value::Missing, text)
    }),
];

const STATE: &str = "`nerve`, `no_nerve` or `unsure`";
const OBJECTION: &str = "why the image is not like the neck scans that the model knows, or nothing";

fn frame(row: &Row) -> Value {
    Value::Count(row.frame as usize)
}

fn frames(row: &Row) -> Value {
    Value::Count(row.frames as usize)
}

fn state(row: &Row) -> Value {
    Value::State(row.state)
}

fn objection(row: &Row) -> Value {
    row.objection.as_deref().map_or(Value::Missing, text)
}

/// First line of the CSV.
pub(super) fn header() -> Result<String> {
    line(written(Csv).map(|column| column.name.to_owned()))
}

impl Row {
    /// A line of the CSV.
    pub(super) fn csv(&self) -> Result<String> {
        line(written(Csv).map(|column| (column.value)(self).to_text()))
    }

    /// An object on one line.
    pub(super) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string(self)?)
    }
}

impl Failure {
    /// A line of the CSV: which file and frame, and why.
    pub(super) fn csv(&self) -> Result<String> {
        line(written(Csv).map(|column| match column.name {
            "image" => self.image.clone(),
            "frame" => self.frame.to_string(),
            "error" => self.error.clone(),
            _ => String::new(),
        }))
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in written(Json) {
            map.serialize_entry(column.name, &(column.value)(self))?;
        }
        map.end()
    }
}

impl Value {
    /// As it stands in the CSV: nothing for what is missing.
    fn to_text(&self) -> String {
        match self {
            Self::Score(score) => format!("{score:.4}"),
            Self::Pixels(pixels) => format!("{pixels:.1}"),
            Self::Area(area) => format!("{area:.2}"),
            other => match serde_json::json!(other) {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text,
                value => value.to_string(),
            },
        }
    }
}

fn written(output: Output) -> impl Iterator<Item = &'static Column> {
    let wanted = move |column: &&Column| column.output == Both || column.output == output;
    COLUMNS.iter().filter(wanted)
}

fn line(fields: impl Iterator<Item = String>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields)?;
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[cfg(test)]
mod tests;
