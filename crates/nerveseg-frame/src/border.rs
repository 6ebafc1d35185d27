//! Plain borders: what a screenshot, a letterbox or a screen with nothing on it puts around a frame.
//!
//! A line of pixels is plain if all of it has one grey value, give or take the noise of a JPEG. How
//! much noise, the outermost lines say: dark tissue beside a border without noise is no border.

use image::GrayImage;

use crate::Region;

/// Most that a plain border strays from its grey value.
const MAX_NOISE: u8 = 6;
/// Side of the blocks of a JPEG, in pixels.
const BLOCK: u32 = 8;
/// Mean by which a line strays from a border that rings.
const MAX_RINGING: u32 = 8;
/// A border is at least this part of a side: a dark line or two at the edge is the frame's own.
const THINNEST: u32 = 50;
/// Shortest side of what may be left.
const MIN_SIDE: u32 = 32;

/// The part of `image` that the network looks at: `tissue`, or all, without a plain border around it.
///
/// A border has one grey value, give or take the noise of a JPEG, and takes at least 2 % of its
/// side: a screenshot or a letterbox puts one around a frame, and a network that was shown none sees
/// a smaller neck in the dark. A picture that is plain all over is left as it is.
///
/// It reads the lines of the border and few others, and copies nothing.
pub fn shown(image: &GrayImage, tissue: Option<Region>) -> Region {
    let all = || Region::of_size(image.width(), image.height());
    without_borders(image, tissue.unwrap_or_else(all))
}

/// `region` without the plain borders at its sides; all of it, if too little would be left.
fn without_borders(image: &GrayImage, region: Region) -> Region {
    let mut inner = region;
    loop {
        let before = inner;
        for side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
            let border = side.border(image, inner);
            inner = side.cut(inner, border);
            if inner.width < MIN_SIDE || inner.height < MIN_SIDE {
                return region;
            }
        }
        // each border may uncover another one
        if inner == before {
            return inner;
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

impl Side {
    /// How many lines of `region` on this side are border.
    fn border(self, image: &GrayImage, region: Region) -> u32 {
        let lines = match self {
            Self::Top | Self::Bottom => region.height,
            Self::Left | Self::Right => region.width,
        };
        let Some(level) = median(self.line(image, region, 0)) else {
            return 0;
        };
        let noise = |line| {
            let pixels = self.line(image, region, line);
            pixels.map(|pixel| pixel.abs_diff(level))
        };
        let thinnest = lines.div_ceil(THINNEST).max(2);
        let mut most = 0;
        for line in 0..thinnest.min(lines) {
            for noise in noise(line) {
                if noise > MAX_NOISE {
                    return 0;
                }
                most = most.max(noise);
            }
        }
        // where there is any noise, a few pixels have more of it than those that were looked at
        let most = if most == 0 { 0 } else { most + 1 };
        let is_tissue = |line: &u32| noise(*line).any(|noise| noise > most);
        let border = (thinnest..lines).find(is_tissue).unwrap_or(lines);
        if most > 0 || !self.is_edge_of_block(region, border) {
            return border;
        }
        // in the block of a JPEG in which the frame starts, the border rings
        let is_frame = |line: &u32| {
            let (sum, count) = noise(*line).fold((0, 0), |(sum, count), noise| {
                (sum + u32::from(noise), count + 1)
            });
            sum > MAX_RINGING * count
        };
        let block = border..lines.min(border + BLOCK);
        block.clone().find(is_frame).unwrap_or(block.start)
    }

    /// Whether a block of a JPEG starts where `border` lines of `region` end on this side.
    fn is_edge_of_block(self, region: Region, border: u32) -> bool {
        let place = match self {
            Self::Top => region.y + border,
            Self::Bottom => region.y + region.height - border,
            Self::Left => region.x + border,
            Self::Right => region.x + region.width - border,
        };
        place.is_multiple_of(BLOCK)
    }

    /// The pixels of a line, counted from this side.
    fn line(self, image: &GrayImage, region: Region, line: u32) -> impl Iterator<Item = u8> {
        let (width, all) = (image.width() as usize, image.as_raw());
        let (x, y) = match self {
            Self::Top => (region.x, region.y + line),
            Self::Bottom => (region.x, region.y + region.height - 1 - line),
            Self::Left => (region.x + line, region.y),
            Self::Right => (region.x + region.width - 1 - line, region.y),
        };
        let (step, length) = match self {
            Self::Top | Self::Bottom => (1, region.width),
            Self::Left | Self::Right => (width, region.height),
        };
        let first = y as usize * width + x as usize;
        let pixels = all[first..].iter().step_by(step);
        pixels.take(length as usize).copied()
    }

    /// `region` without `lines` lines on this side.
    fn cut(self, region: Region, lines: u32) -> Region {
        let mut rest = region;
        match self {
            Self::Top | Self::Bottom => rest.height -= lines,
            Self::Left | Self::Right => rest.width -= lines,
        }
        match self {
            Self::Top => rest.y += lines,
            Self::Left => rest.x += lines,
            Self::Bottom | Self::Right => {}
        }
        rest
    }
}

fn median(pixels: impl Iterator<Item = u8>) -> Option<u8> {
    let mut pixels: Vec<u8> = pixels.collect();
    let middle = pixels.len() / 2;
    (middle < pixels.len()).then(|| *pixels.select_nth_unstable(middle).1)
}
