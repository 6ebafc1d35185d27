//! Which pages of a file are frames.

use std::collections::HashSet;
use tiff::tags::{IfdPointer, Tag};

use super::super::encoded::Encoded;
use super::Pages;
use crate::{DataError, Result};

/// Bits of `NewSubfileType`.
const REDUCED: u32 = 1;
const MASK: u32 = 4;
/// The same in `SubfileType`, which it replaced.
const OLD_REDUCED: u32 = 2;

/// What the list of pages says of one of them.
#[derive(Debug)]
struct Page {
    /// Its number in the list.
    number: usize,
    pixels: u64,
    /// Whether it says that it is no image of its own.
    is_part: bool,
}

/// Numbers of the pages that are frames: neither masks nor smaller copies of others.
///
/// A page of at most 30 % of the pixels of the largest, half of it on a side and a little, is such a
/// copy even if it does not say so. The list ends at a page that is damaged, or was there before.
pub(super) fn frames(decoder: &mut Pages<'_>, encoded: &Encoded<'_>) -> Result<Vec<usize>> {
    if !decoder.more_images() {
        return Ok(vec![0]);
    }
    let pages = list(decoder, encoded)?;
    let whole: Vec<&Page> = pages.iter().filter(|page| !page.is_part).collect();
    let whole = if whole.is_empty() {
        pages.iter().collect()
    } else {
        whole
    };
    let largest = whole.iter().map(|page| page.pixels).max().unwrap_or(0);
    let is_frame = |page: &&Page| page.pixels.saturating_mul(10) > largest.saturating_mul(3);
    Ok(whole
        .into_iter()
        .filter(is_frame)
        .map(|page| page.number)
        .collect())
}

fn list(decoder: &mut Pages<'_>, encoded: &Encoded<'_>) -> Result<Vec<Page>> {
    let limit = encoded.limits.max_frames;
    let mut seen = HashSet::new();
    let mut pages = Vec::new();
    let mut next = decoder.ifd_pointer();
    while let Some(at) = next
        && seen.insert(at.0)
        && let Some((page, following)) = look(decoder, at, pages.len())
    {
        if pages.len() as u64 >= u64::from(limit) {
            return Err(DataError::TooManyFrames {
                path: encoded.path.to_owned(),
                limit,
            });
        }
        pages.push(page);
        next = following;
    }
    Ok(pages)
}

/// The page at `at`, and where the next one is.
fn look(
    decoder: &mut Pages<'_>,
    at: IfdPointer,
    number: usize,
) -> Option<(Page, Option<IfdPointer>)> {
    let directory = decoder.read_directory(at).ok()?;
    let mut tags = decoder.read_directory_tags(&directory);
    let mut tag = |tag| tags.find_tag_unsigned::<u32>(tag).ok().flatten();
    let [width, height] = [tag(Tag::ImageWidth)?, tag(Tag::ImageLength)?].map(u64::from);
    let kind = tag(Tag::NewSubfileType).unwrap_or(0);
    let page = Page {
        number,
        pixels: width.saturating_mul(height),
        is_part: kind & (REDUCED | MASK) != 0 || tag(Tag::SubfileType) == Some(OLD_REDUCED),
    };
    Some((page, directory.next()))
}
