//! Loss and Dice over epochs, as SVG.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::error::{Result, TrainError};
use crate::run::EpochRecord;

const SIZE: (u32, u32) = (960, 360);
const TRAIN: RGBColor = RGBColor(148, 163, 184);
const VALIDATION: RGBColor = RGBColor(217, 119, 6);
const BASELINE: RGBColor = RGBColor(100, 116, 139);

/// A curve: its label, its colour, and its value in an epoch.
type Curve<'a> = (&'a str, RGBColor, &'a dyn Fn(&EpochRecord) -> Option<f64>);

/// Draws loss (left) and Dice (right) of training and validation over epochs.
///
/// # Errors
///
/// Fails if plotters does.
pub fn curves_svg(history: &[EpochRecord]) -> Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let (left, right) = root.split_horizontally(SIZE.0 / 2);
        let losses: [Curve<'_>; 2] = [
            ("training", TRAIN, &|r| Some(r.train_loss)),
            ("validation", VALIDATION, &|r| Some(r.val_loss)),
        ];
        let highest = history
            .iter()
            .flat_map(|r| [r.train_loss, r.val_loss])
            .fold(0.0, f64::max);
        panel(&left, "loss", history, &losses, highest.max(1e-6) * 1.05)?;
        let dice: [Curve<'_>; 4] = [
            ("training, positive frames", TRAIN, &|r| {
                r.train_dice_positive
            }),
            ("validation, positive frames", VALIDATION, &|r| {
                r.val_dice_positive
            }),
            ("validation, all frames", RED, &|r| Some(r.val_dice_mean)),
            ("predicting nothing", BASELINE, &|r| {
                Some(r.val_all_empty_dice_mean)
            }),
        ];
        panel(&right, "Dice", history, &dice, 1.0)?;
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    title: &str,
    history: &[EpochRecord],
    curves: &[Curve<'_>],
    highest: f64,
) -> Result<()> {
    let last = history.last().map_or(1, |record| record.epoch).max(2);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(10)
        .x_label_area_size(34)
        .y_label_area_size(48)
        .build_cartesian_2d(1.0..f64::from(last), 0.0..highest)
        .map_err(failed)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("epoch")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .draw()
        .map_err(failed)?;
    for &(label, colour, value) in curves {
        let points = history
            .iter()
            .filter_map(|r| Some((f64::from(r.epoch), value(r)?)));
        let style = colour.stroke_width(2);
        chart
            .draw_series(LineSeries::new(points, style))
            .map_err(failed)?
            .label(label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.85))
        .border_style(BASELINE.mix(0.4))
        .position(if title == "loss" {
            SeriesLabelPosition::UpperRight
        } else {
            SeriesLabelPosition::LowerRight
        })
        .draw()
        .map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> TrainError {
    TrainError::Curves(error.to_string())
}
