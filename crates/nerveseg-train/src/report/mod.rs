//! `report.html`: curves, scores beside their baselines, and pictures of what went well and badly.

mod curves;
mod showcase;
mod trust;

use askama::Template;
use base64::Engine as _;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, RgbImage};
use nerveseg_data::{CaseId, Dataset};
use nerveseg_metrics::{CaseResult, Evaluation, LengthUnit, SiteTable, SurfaceSummary};
use nerveseg_model::Segmenter;
use nerveseg_model::overlay::{GROUND_TRUTH, PREDICTION, Paint, overlay};

use crate::error::Result;
use crate::report::showcase::Showcase;

pub use curves::curves_svg;
pub use trust::trust_svg;

/// Cases of each kind in the contact sheet.
const SHOWN: usize = 4;
/// Width of a thumbnail in pixels.
const THUMBNAIL: u32 = 320;

/// What a report shows; every part but the scores may be left out.
#[derive(Clone, Debug, Default)]
pub struct ReportInput<'a> {
    /// Heading.
    pub title: String,
    /// What the scores are of: which cases, which model.
    pub subtitle: String,
    /// What is wrong with the run, first thing on the page.
    pub alarms: Vec<String>,
    /// Facts about the run: name and value.
    pub facts: Vec<(String, String)>,
    /// Curves over epochs, SVG.
    pub curves: Option<String>,
    /// Reliability and presence, SVG; see [`trust_svg`].
    pub trust: Option<String>,
    /// Resolved configuration, TOML.
    pub config: Option<String>,
    /// Pictures of cases; see [`contact_sheet`].
    pub sheet: Vec<SheetRow>,
    /// Scores by site; no row where the dataset names no sites.
    pub sites: SiteTable,
    /// The scores.
    pub evaluation: Option<&'a Evaluation>,
}

/// Pictures of one kind: best, median or worst.
#[derive(Clone, Debug)]
pub struct SheetRow {
    /// `Best`, `Median` or `Worst`.
    pub title: &'static str,
    /// The cases.
    pub pictures: Vec<Picture>,
}

/// One case: image, truth and prediction side by side.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Name of the case.
    pub case_id: String,
    /// What it scored.
    pub caption: String,
    /// `data:` address of the image alone.
    pub image: String,
    /// `data:` address of the image with ground truth and prediction.
    pub overlay: String,
}

/// Draws the best, median and worst cases.
///
/// # Errors
///
/// Fails on a case that cannot be read or segmented.
pub fn contact_sheet(
    segmenter: &Segmenter,
    dataset: &Dataset,
    results: &[CaseResult],
) -> Result<Vec<SheetRow>> {
    let Showcase {
        best,
        median,
        worst,
    } = Showcase::pick(results, SHOWN);
    let rows = [("Best", best), ("Median", median), ("Worst", worst)];
    let row = |(title, ids): (&'static str, Vec<CaseId>)| {
        let pictures = ids
            .iter()
            .map(|&id| picture(segmenter, dataset, results, id));
        Ok(SheetRow {
            title,
            pictures: pictures.collect::<Result<_>>()?,
        })
    };
    rows.into_iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(row)
        .collect()
}

fn picture(
    segmenter: &Segmenter,
    dataset: &Dataset,
    results: &[CaseResult],
    case_id: CaseId,
) -> Result<Picture> {
    let entry = dataset
        .get(case_id)
        .expect("results are of cases of the dataset");
    let case = entry.load()?;
    let segmentation = segmenter.segment_frame(&case.frame)?;
    let mut layers = vec![(
        segmentation.mask.view(),
        Paint {
            colour: PREDICTION,
            fill: 0.25,
        },
    )];
    if let Some(mask) = &case.mask {
        layers.push((
            mask.view(),
            Paint {
                colour: GROUND_TRUTH,
                fill: 0.0,
            },
        ));
    }
    let name = case_id.to_string();
    let result = results.iter().find(|result| result.case_id == name);
    let caption = result.map_or_else(String::new, |result| {
        let hd = result.scores.hausdorff95.map_or_else(
            || "–".to_owned(),
            |hd| format!("{hd:.0} {}", result.scores.unit),
        );
        format!(
            "Dice {:.2} · HD95 {hd} · presence {:.2}",
            result.scores.dice, segmentation.presence
        )
    });
    Ok(Picture {
        case_id: name,
        caption,
        image: thumbnail(&overlay(&case.frame.pixels, &[]))?,
        overlay: thumbnail(&overlay(&case.frame.pixels, &layers))?,
    })
}

fn thumbnail(picture: &RgbImage) -> Result<String> {
    let height = (picture.height() * THUMBNAIL / picture.width().max(1)).max(1);
    let small = image::imageops::resize(picture, THUMBNAIL, height, FilterType::Triangle);
    let mut bytes = Vec::new();
    DynamicImage::from(small).write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 85))?;
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    Ok(format!("data:image/jpeg;base64,{text}"))
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    input: &'a ReportInput<'a>,
    rows: Vec<ScoreRow>,
    truth: String,
    prediction: String,
}

/// One line of the score table.
struct ScoreRow {
    name: String,
    model: String,
    interval: String,
    all_empty: String,
    mean_mask: String,
}

/// Renders one self-contained page.
///
/// # Errors
///
/// Fails if the template does.
pub fn render(input: &ReportInput<'_>) -> Result<String> {
    let rows = input.evaluation.map(score_rows).unwrap_or_default();
    let css = |colour: image::Rgb<u8>| format!("rgb({},{},{})", colour[0], colour[1], colour[2]);
    let page = Page {
        input,
        rows,
        truth: css(GROUND_TRUTH),
        prediction: css(PREDICTION),
    };
    Ok(page.render()?)
}

fn score_rows(evaluation: &Evaluation) -> Vec<ScoreRow> {
    let (model, empty) = (&evaluation.scores, &evaluation.all_empty);
    let mean = evaluation.mean_mask.as_ref();
    let row = |name: &str,
               model: Option<f64>,
               interval: Option<[f64; 2]>,
               empty: Option<f64>,
               mean: Option<f64>| {
        ScoreRow {
            name: name.to_owned(),
            model: number(model),
            interval: interval.map_or_else(String::new, |[lo, hi]| format!("{lo:.3} – {hi:.3}")),
            all_empty: number(empty),
            mean_mask: number(mean),
        }
    };
    let median = |what: &str, summary: &SurfaceSummary| {
        let unit = summary.unit.map_or("mixed units", LengthUnit::name);
        format!("{what}, median, {unit}")
    };
    let ci = &evaluation.ci95;
    vec![
        row(
            "Dice, positive frames",
            model.dice_positive,
            ci.dice_positive,
            empty.dice_positive,
            mean.and_then(|m| m.dice_positive),
        ),
        row(
            "Dice, all frames (Kaggle rule)",
            Some(model.dice_mean),
            ci.dice_mean,
            Some(empty.dice_mean),
            mean.map(|m| m.dice_mean),
        ),
        row(
            "IoU, positive frames",
            model.iou_positive,
            ci.iou_positive,
            empty.iou_positive,
            mean.and_then(|m| m.iou_positive),
        ),
        row(
            &median("HD95", &model.hausdorff95),
            model.hausdorff95.median,
            None,
            None,
            mean.and_then(|m| m.hausdorff95.median),
        ),
        row(
            &median("ASSD", &model.assd),
            model.assd.median,
            None,
            None,
            mean.and_then(|m| m.assd.median),
        ),
        row(
            "Presence sensitivity",
            model.presence.sensitivity,
            None,
            empty.presence.sensitivity,
            mean.and_then(|m| m.presence.sensitivity),
        ),
        row(
            "Presence specificity",
            model.presence.specificity,
            None,
            empty.presence.specificity,
            mean.and_then(|m| m.presence.specificity),
        ),
        row(
            "Presence AUC",
            model.presence.auc,
            None,
            empty.presence.auc,
            mean.and_then(|m| m.presence.auc),
        ),
        row(
            "Pixel accuracy",
            Some(model.pixel_accuracy),
            None,
            Some(empty.pixel_accuracy),
            mean.map(|m| m.pixel_accuracy),
        ),
        row(
            "Calibration error of pixels",
            evaluation.calibration.as_ref().map(|c| c.ece),
            None,
            None,
            None,
        ),
    ]
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}
