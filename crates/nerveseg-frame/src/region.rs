//! Part of an image.

use std::borrow::Cow;

use image::GrayImage;
use image::imageops::crop_imm;

/// Part of an image, in pixels, inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns, at least one.
    pub width: u32,
    /// Rows, at least one.
    pub height: u32,
}

impl Region {
    /// All of an image of this size.
    pub fn of_size(width: u32, height: u32) -> Self {
        Self {
            x: 0,
            y: 0,
            width,
            height,
        }
    }

    /// Whether it has pixels and all of them lie inside an image of this size.
    pub fn fits(self, width: u32, height: u32) -> bool {
        let inside = |start: u32, length: u32, size: u32| {
            length > 0 && start.checked_add(length).is_some_and(|end| end <= size)
        };
        inside(self.x, self.width, width) && inside(self.y, self.height, height)
    }

    /// Its pixels; borrowed if it is all of `image`.
    ///
    /// # Panics
    ///
    /// Panics if it does not lie inside.
    pub fn cut(self, image: &GrayImage) -> Cow<'_, GrayImage> {
        let (width, height) = image.dimensions();
        if self == Self::of_size(width, height) {
            return Cow::Borrowed(image);
        }
        assert!(
            self.fits(width, height),
            "{self:?} must lie inside {width}x{height}"
        );
        Cow::Owned(crop_imm(image, self.x, self.y, self.width, self.height).to_image())
    }

    /// Row and column of its first pixel.
    pub fn origin(self) -> [usize; 2] {
        [self.y as usize, self.x as usize]
    }

    /// How many pixels it has.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}
