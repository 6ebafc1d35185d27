//! How far probabilities and presence can be trusted, as SVG.

use nerveseg_metrics::CaseResult;
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::error::{Result, TrainError};
use crate::evaluate::Scored;

const SIZE: (u32, u32) = (960, 420);
const NERVE: RGBColor = RGBColor(217, 119, 6);
const EMPTY: RGBColor = RGBColor(37, 99, 235);
const GUIDE: RGBColor = RGBColor(148, 163, 184);

/// Thresholds of presence that are drawn.
const STEPS: usize = 200;

type Panel<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

/// Draws the reliability diagram of the pixels (left) and what presence does at every threshold to
/// frames with a nerve and to empty ones (right).
///
/// # Errors
///
/// Fails if plotters does.
pub fn trust_svg(scored: &Scored) -> Result<String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        root.fill(&WHITE).map_err(failed)?;
        let (left, right) = root.split_horizontally(SIZE.0 / 2);
        reliability(&left, scored)?;
        trade_off(&right, &scored.results)?;
        root.present().map_err(failed)?;
    }
    Ok(svg)
}

fn reliability(area: &DrawingArea<SVGBackend<'_>, Shift>, scored: &Scored) -> Result<()> {
    let title = match &scored.evaluation.calibration {
        Some(calibration) => format!("Pixels: calibration error {:.3}", calibration.ece),
        None => "Pixels".to_owned(),
    };
    let mut chart = panel(area, &title, "probability", "share that is nerve")?;
    let diagonal = [(0.0, 0.0), (1.0, 1.0)];
    line(&mut chart, diagonal, GUIDE, "as it should be")?;
    let bins = scored.evaluation.calibration.iter().flat_map(|c| &c.bins);
    let points: Vec<(f64, f64)> = bins.map(|bin| (bin.confidence, bin.accuracy)).collect();
    line(&mut chart, points.iter().copied(), NERVE, "this model")?;
    let dots = points
        .into_iter()
        .map(|at| Circle::new(at, 3, NERVE.filled()));
    chart.draw_series(dots).map_err(failed)?;
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}

fn trade_off(area: &DrawingArea<SVGBackend<'_>, Shift>, results: &[CaseResult]) -> Result<()> {
    let mut chart = panel(area, "Presence", "threshold", "share of the frames")?;
    let presences = |present: bool| -> Vec<f64> {
        let of_kind = results.iter().filter(|r| r.present == present);
        of_kind.filter_map(|r| r.presence).collect()
    };
    let steps = || (0..=STEPS).map(|step| step as f64 / STEPS as f64);
    for (present, colour, label) in [
        (true, NERVE, "with a nerve: kept"),
        (false, EMPTY, "without: left empty"),
    ] {
        let frames = presences(present);
        if frames.is_empty() {
            continue;
        }
        let share = |threshold: f64| {
            let right = frames.iter().filter(|&&p| (p >= threshold) == present);
            right.count() as f64 / frames.len() as f64
        };
        let label = format!("{label} ({} frames)", frames.len());
        line(&mut chart, steps().map(|t| (t, share(t))), colour, &label)?;
    }
    legend(&mut chart, SeriesLabelPosition::LowerLeft)
}

fn panel<'a, 'b>(
    area: &'a DrawingArea<SVGBackend<'b>, Shift>,
    title: &str,
    x: &str,
    y: &str,
) -> Result<Panel<'a, 'b>> {
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(10)
        .x_label_area_size(34)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)
        .map_err(failed)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc(x)
        .y_desc(y)
        .draw()
        .map_err(failed)?;
    Ok(chart)
}

fn line(
    chart: &mut Panel<'_, '_>,
    points: impl IntoIterator<Item = (f64, f64)>,
    colour: RGBColor,
    label: &str,
) -> Result<()> {
    let style = colour.stroke_width(2);
    chart
        .draw_series(LineSeries::new(points, style))
        .map_err(failed)?
        .label(label)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], style));
    Ok(())
}

fn legend<'a, 'b: 'a>(chart: &mut Panel<'a, 'b>, position: SeriesLabelPosition) -> Result<()> {
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.85))
        .border_style(GUIDE.mix(0.4))
        .position(position)
        .draw()
        .map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> TrainError {
    TrainError::Curves(error.to_string())
}
