//! Sets side by side, for people.

use super::dataset::{DatasetStats, NervesStats};

/// Markdown table with one column per set, `(name, statistics)`; `–` where a set has no value.
pub fn comparison_table(sets: &[(&str, DatasetStats)]) -> String {
    let columns: Vec<Vec<String>> = sets.iter().map(|(_, stats)| column(stats)).collect();
    let names = sets.iter().map(|&(name, _)| name);
    let mut lines = vec![line(std::iter::once("").chain(names))];
    lines.push(line(
        std::iter::once("---").chain(sets.iter().map(|_| "---:")),
    ));
    for (row, label) in LABELS.into_iter().enumerate() {
        let values = columns.iter().map(|column| column[row].as_str());
        lines.push(line(std::iter::once(label).chain(values)));
    }
    lines.concat()
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

const LABELS: [&str; 15] = [
    "frames",
    "positive frames",
    "positive fraction per subject, min / median / max",
    "mask area in px, min / median / max",
    "centroid x, mean ± sd",
    "centroid y, mean ± sd",
    "axis ratio, median",
    "direction of the long axis, mean",
    "solidity, median",
    "masks in one part",
    "brightness, mean ± sd over frames",
    "sd within a frame",
    "brightness over depth, six bands",
    "autocorrelation at lag 4, across / down",
    "grey in the nerve / around it, sd of the difference",
];

/// Values of one set in the order of [`LABELS`].
fn column(stats: &DatasetStats) -> Vec<String> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let nerves = |value: fn(&NervesStats) -> String| text(stats.nerves.as_ref().map(value));
    vec![
        stats.frames.to_string(),
        stats.positive_frames.to_string(),
        text(
            stats
                .positive_fraction
                .map(|range| format!("{:.3} / {:.2} / {:.2}", range.min, range.median, range.max)),
        ),
        nerves(|n| {
            format!(
                "{:.0} / {:.0} / {:.0}",
                n.area_px.min, n.area_px.median, n.area_px.max
            )
        }),
        nerves(|n| format!("{:.0} ± {:.0}", n.centroid[0].mean, n.centroid[0].sd)),
        nerves(|n| format!("{:.0} ± {:.0}", n.centroid[1].mean, n.centroid[1].sd)),
        nerves(|n| format!("{:.2}", n.axis_ratio)),
        nerves(|n| format!("{:.0}°", n.angle_deg)),
        nerves(|n| format!("{:.2}", n.solidity)),
        nerves(|n| format!("{:.1} %", 100.0 * n.one_component)),
        text(
            stats
                .brightness
                .map(|value| format!("{:.0} ± {:.0}", value.mean, value.sd)),
        ),
        text(stats.sd_within_frame.map(|value| format!("{value:.0}"))),
        text(
            stats
                .depth_bands
                .map(|bands| bands.map(|value| format!("{value:.0}")).join(" ")),
        ),
        text(
            stats
                .autocorrelation
                .map(|[across, down]| format!("{across:.2} / {down:.2}")),
        ),
        nerves(|n| format!("{:.0} / {:.0}, {:.0}", n.inside, n.around, n.contrast_sd)),
    ]
}
