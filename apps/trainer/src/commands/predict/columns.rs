//! What `nerveseg predict` says about an image: one table, from which the header and the rows of the
//! CSV, the JSON and the list in the docs come.

use std::path::Path;

use anyhow::Result;
use nerveseg_data::mask::Component;
use nerveseg_data::rle;
use nerveseg_model::{PresenceState, Segmentation};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::pictures::Pictures;
use Output::{Both, Csv, Json};

/// An image, what was found in it, and where the pictures are.
pub(super) struct Answer<'a> {
    pub(super) image: &'a Path,
    pub(super) segmentation: &'a Segmentation,
    pub(super) pictures: &'a Pictures,
}

/// A thing that is said about an image.
struct Column {
    name: &'static str,
    output: Output,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test holds it against docs/predict.md")
    )]
    description: &'static str,
    value: fn(&Answer<'_>) -> Value,
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
    value: fn(&Answer<'_>) -> Value,
) -> Column {
    Column {
        name,
        output,
        description,
        value,
    }
}

/// In the order in which they are written.
const COLUMNS: [Column; 16] = [
    column("image", Both, "file that was read", |a| path(a.image)),
    column("width", Both, "width of the image in pixels", |a| {
        Value::Count(a.segmentation.mask.ncols())
    }),
    column("height", Both, "height of the image in pixels", |a| {
        Value::Count(a.segmentation.mask.nrows())
    }),
    column(
        "presence",
        Both,
        "how much speaks for a nerve, 0 to 1: a score, no probability",
        |a| Value::Score(a.segmentation.presence),
    ),
    column("state", Json, "`nerve`, `no_nerve` or `unsure`", |a| {
        Value::State(a.segmentation.presence_state)
    }),
    column(
        "objection",
        Json,
        "why the image does not look like ultrasound, or `null`",
        |a| {
            let objection = a.segmentation.objection.clone();
            objection.map_or(Value::Missing, Value::Text)
        },
    ),
    column(
        "nerve_found",
        Both,
        "whether any pixel belongs to the nerve",
        |a| Value::Flag(a.segmentation.is_present()),
    ),
    column("area_px", Both, "pixels of the mask", |a| {
        Value::Count(a.segmentation.area_px)
    }),
    column(
        "area_mm2",
        Both,
        "area of the mask in mm², where the file says how large a pixel is",
        |a| a.segmentation.area_mm2.map_or(Value::Missing, Value::Area),
    ),
    column("components", Both, "connected regions of the mask", |a| {
        Value::Count(a.segmentation.components.len())
    }),
    column(
        "centroid",
        Json,
        "`[row, column]` of the largest region's middle, or `null`",
        |a| largest(a).map_or(Value::Missing, |region| Value::Position(region.centroid)),
    ),
    column(
        "centroid_row",
        Csv,
        "row of the largest region's middle, from 0, or nothing",
        |a| largest(a).map_or(Value::Missing, |region| Value::Pixels(region.centroid[0])),
    ),
    column(
        "centroid_column",
        Csv,
        "column of the largest region's middle, from 0, or nothing",
        |a| largest(a).map_or(Value::Missing, |region| Value::Pixels(region.centroid[1])),
    ),
    column(
        "rle",
        Json,
        "the mask as Kaggle's run lengths: column by column, from 1",
        |a| Value::Text(rle::encode(a.segmentation.mask.view()).to_string()),
    ),
    column("mask", Both, "picture of the mask, 0 and 255", |a| {
        path(&a.pictures.mask)
    }),
    column("overlay", Both, "picture of the mask on the image", |a| {
        path(&a.pictures.overlay)
    }),
];

/// First line of the CSV.
pub(super) fn header() -> Result<String> {
    line(written(Csv).map(|column| column.name.to_owned()))
}

impl Answer<'_> {
    /// A line of the CSV.
    pub(super) fn csv(&self) -> Result<String> {
        line(written(Csv).map(|column| (column.value)(self).to_text()))
    }

    /// An object on one line.
    pub(super) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string(self)?)
    }
}

impl Serialize for Answer<'_> {
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

fn path(path: &Path) -> Value {
    Value::Text(path.display().to_string())
}

fn largest<'a>(answer: &'a Answer<'_>) -> Option<&'a Component> {
    let regions = answer.segmentation.components.iter();
    regions.max_by_key(|region| region.area_px)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn segmentation(components: Vec<Component>) -> Segmentation {
        let mut mask = Array2::from_elem((17, 23), false);
        if !components.is_empty() {
            mask[[2, 1]] = true;
            mask[[3, 1]] = true;
            mask[[9, 8]] = true;
        }
        Segmentation {
            probabilities: Array2::zeros(mask.dim()),
            area_px: components.iter().map(|region| region.area_px).sum(),
            area_mm2: (!components.is_empty()).then_some(0.75),
            mask,
            presence: 0.123_456_7,
            presence_state: PresenceState::Unsure,
            objection: None,
            components,
        }
    }

    fn regions() -> Vec<Component> {
        let region = |area_px, centroid| Component {
            area_px,
            centroid,
            bounding_box: [0, 0, 17, 23],
        };
        vec![region(2, [2.5, 1.0]), region(1, [9.0, 8.0])]
    }

    fn pictures() -> Pictures {
        Pictures::new(Path::new("out"), "x")
    }

    fn answer<'a>(
        image: &'a str,
        segmentation: &'a Segmentation,
        pictures: &'a Pictures,
    ) -> Answer<'a> {
        Answer {
            image: Path::new(image),
            segmentation,
            pictures,
        }
    }

    #[test]
    fn a_row_of_csv_stays_as_programs_know_it() {
        let (segmentation, pictures) = (segmentation(regions()), pictures());

        let answer = answer("frames, \"old\"/x.png", &segmentation, &pictures);

        assert_eq!(
            header().unwrap(),
            "image,width,height,presence,nerve_found,area_px,area_mm2,components,centroid_row,\
             centroid_column,mask,overlay\n"
        );
        assert_eq!(
            answer.csv().unwrap(),
            "\"frames, \"\"old\"\"/x.png\",23,17,0.1235,true,3,0.75,2,2.5,1.0,out/x_mask.png,\
             out/x_overlay.png\n"
        );
    }

    #[test]
    fn a_row_of_json_stays_as_programs_know_it() {
        let (segmentation, pictures) = (segmentation(regions()), pictures());

        let json = answer("x.png", &segmentation, &pictures).json().unwrap();

        assert_eq!(
            json,
            "{\"image\":\"x.png\",\"width\":23,\"height\":17,\"presence\":0.1234567,\
             \"state\":\"unsure\",\"objection\":null,\"nerve_found\":true,\"area_px\":3,\
             \"area_mm2\":0.75,\"components\":2,\"centroid\":[2.5,1.0],\"rle\":\"20 2 146 1\",\
             \"mask\":\"out/x_mask.png\",\"overlay\":\"out/x_overlay.png\"}"
        );
    }

    #[test]
    fn an_empty_mask_has_no_middle() {
        let segmentation = Segmentation {
            objection: Some("it has colours".to_owned()),
            ..segmentation(Vec::new())
        };
        let pictures = pictures();
        let answer = answer("x.png", &segmentation, &pictures);

        assert_eq!(
            answer.csv().unwrap(),
            "x.png,23,17,0.1235,false,0,,0,,,out/x_mask.png,out/x_overlay.png\n"
        );
        let json = answer.json().unwrap();
        for part in [
            "\"objection\":\"it has colours\"",
            "\"centroid\":null",
            "\"rle\":\"\"",
        ] {
            assert!(json.contains(part), "{part} in {json}");
        }
    }

    /// The list in the docs is this table.
    #[test]
    fn the_docs_list_every_column() {
        let mut list = "| name | written to | what it says |\n| --- | --- | --- |\n".to_owned();
        for column in &COLUMNS {
            let output = match column.output {
                Both => "CSV, JSON",
                Csv => "CSV",
                Json => "JSON",
            };
            list += &format!(
                "| `{}` | {output} | {} |\n",
                column.name, column.description
            );
        }
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/predict.md");

        let text = std::fs::read_to_string(page).unwrap();

        assert!(
            text.contains(&list),
            "docs/predict.md needs this table:\n{list}"
        );
    }
}
