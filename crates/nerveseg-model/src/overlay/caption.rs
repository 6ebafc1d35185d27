//! Words below a picture, so that it does not travel without its caveat.

use font8x8::legacy::BASIC_LEGACY;
use image::{Rgb, RgbImage};

use crate::{PresenceState, Segmentation};

/// What every picture of an answer says.
pub const CAVEAT: &str = "Research use only, not for clinical use";

/// Side of a letter, in dots.
const LETTER: u32 = 8;
/// Dots around the text and between lines.
const GAP: u32 = 2;
/// A letter's dot is a pixel up to this width, two pixels up to twice of it, and so on.
const WIDTH_PER_DOT: u32 = 640;
/// Narrower pictures get a wider strip: the longest word of the caveat must fit.
const MIN_WIDTH: u32 = 8 * LETTER + 2 * GAP;

const INK: Rgb<u8> = Rgb([255, 255, 255]);
const PAPER: Rgb<u8> = Rgb([0, 0, 0]);

/// The picture above a strip that says what was found and what the picture is not for. No pixel of
/// the picture is covered.
pub fn captioned(picture: &RgbImage, found: &Segmentation) -> RgbImage {
    let state = match found.presence_state {
        PresenceState::Nerve => "Model: nerve found",
        PresenceState::NoNerve => "Model: no nerve found",
        PresenceState::Unsure => "Model: unsure, a person has to look",
    };
    let mut lines = vec![CAVEAT.to_owned(), state.to_owned()];
    lines.extend(found.objection.iter().map(|it| format!("Objection: {it}")));
    with_strip(picture, &lines)
}

/// The picture above a strip with these lines, in white on black; no pixel of the picture is covered.
/// What does not fit into a line goes on in the next; letters that are not ASCII become `?`.
pub fn with_strip(picture: &RgbImage, lines: &[String]) -> RgbImage {
    let (width, height) = picture.dimensions();
    let dot = width.div_ceil(WIDTH_PER_DOT).max(1);
    let whole_width = width.max(MIN_WIDTH);
    let columns = ((whole_width / dot - 2 * GAP) / LETTER) as usize;
    let lines: Vec<Vec<u8>> = lines.iter().flat_map(|line| wrap(line, columns)).collect();
    let strip = (lines.len() as u32 * (LETTER + GAP) + GAP) * dot;
    let mut whole = RgbImage::from_pixel(whole_width, height + strip, PAPER);
    let bytes = |width: u32| 3 * width.max(1) as usize;
    let rows = picture.chunks_exact(bytes(width));
    for (row, copy) in rows.zip(whole.chunks_exact_mut(bytes(whole_width))) {
        copy[..row.len()].copy_from_slice(row);
    }
    for (line, number) in lines.iter().zip(0..) {
        let top = height + (GAP + number * (LETTER + GAP)) * dot;
        for (&letter, column) in line.iter().zip(0..) {
            let left = (GAP + column * LETTER) * dot;
            draw(&mut whole, letter, [left, top], dot);
        }
    }
    whole
}

/// Draws one letter; a dot of it covers `dot` × `dot` pixels.
fn draw(picture: &mut RgbImage, letter: u8, [left, top]: [u32; 2], dot: u32) {
    for (bits, row) in BASIC_LEGACY[usize::from(letter)].iter().zip(0..) {
        for column in (0..LETTER).filter(|column| bits >> column & 1 == 1) {
            for (x, y) in (0..dot).flat_map(|x| (0..dot).map(move |y| (x, y))) {
                picture.put_pixel(left + column * dot + x, top + row * dot + y, INK);
            }
        }
    }
}

/// Breaks a line between words, and words that are longer than a line. The font has ASCII only.
fn wrap(text: &str, columns: usize) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = vec![Vec::new()];
    for word in text.split_whitespace() {
        let letters: Vec<u8> = word
            .chars()
            .map(|it| {
                if it.is_ascii_graphic() {
                    it as u8
                } else {
                    b'?'
                }
            })
            .collect();
        for part in letters.chunks(columns) {
            let line = lines.last_mut().expect("there is a line from the start");
            if line.is_empty() {
                line.extend(part);
            } else if line.len() + 1 + part.len() <= columns {
                line.push(b' ');
                line.extend(part);
            } else {
                lines.push(part.to_vec());
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use image::imageops;
    use ndarray::Array2;

    use super::*;

    fn found(presence_state: PresenceState, objection: Option<&str>) -> Segmentation {
        Segmentation {
            probabilities: Array2::zeros((40, 100)),
            mask: Array2::from_elem((40, 100), false),
            presence: 0.5,
            presence_state,
            objection: objection.map(str::to_owned),
            area_px: 0,
            area_mm2: None,
            components: Vec::new(),
        }
    }

    /// What stands in the strip below a picture of `size`, read back letter by letter.
    fn read(whole: &RgbImage, [width, height]: [u32; 2], dot: u32) -> String {
        let letter_at = |left: u32, top: u32| {
            let bits: Vec<u8> = (0..LETTER)
                .map(|row| {
                    (0..LETTER).fold(0, |bits, column| {
                        let pixel = whole.get_pixel(left + column * dot, top + row * dot);
                        bits | u8::from(*pixel == INK) << column
                    })
                })
                .collect();
            (b' '..0x7f).find(|&it| BASIC_LEGACY[usize::from(it)] == bits[..])
        };
        let rows = (whole.height() - height) / dot / (LETTER + GAP);
        let columns = (width.max(MIN_WIDTH) / dot - 2 * GAP) / LETTER;
        let lines = (0..rows).map(|row| {
            let top = height + (GAP + row * (LETTER + GAP)) * dot;
            let letters = (0..columns).map(|column| {
                let letter = letter_at((GAP + column * LETTER) * dot, top);
                char::from(letter.expect("every letter is of the font"))
            });
            letters.collect::<String>().trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_caveat_and_the_state_stand_below_the_untouched_picture() {
        let states = [
            (PresenceState::Nerve, "Model: nerve found"),
            (PresenceState::NoNerve, "Model: no nerve found"),
            (PresenceState::Unsure, "Model: unsure, a person has to look"),
        ];
        for ([width, height], dot) in [([100, 40], 1), ([580, 420], 1), ([1000, 30], 2)] {
            for (state, words) in states {
                let picture = RgbImage::from_pixel(width, height, Rgb([9, 8, 7]));

                let whole = captioned(&picture, &found(state, None));

                assert_eq!(whole.width(), width);
                assert_eq!(
                    read(&whole, [width, height], dot),
                    format!("{CAVEAT} {words}")
                );
                assert!(*imageops::crop_imm(&whole, 0, 0, width, height).to_image() == *picture);
            }
        }
    }

    #[test]
    fn an_objection_is_said_in_letters_that_the_font_has() {
        let picture = RgbImage::new(120, 9);

        let whole = captioned(&picture, &found(PresenceState::Unsure, Some("µ too small")));

        let text = read(&whole, [120, 9], 1);
        assert!(text.ends_with("Objection: ? too small"), "{text}");
    }

    #[test]
    fn the_narrowest_picture_keeps_its_words() {
        let whole = captioned(&RgbImage::new(1, 1), &found(PresenceState::NoNerve, None));

        assert_eq!(whole.width(), MIN_WIDTH);
        assert!(read(&whole, [1, 1], 1).starts_with("Research use only,"));
    }
}
