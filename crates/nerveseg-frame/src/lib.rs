#![doc = include_str!("../README.md")]

mod border;
mod depth;
mod luma;
mod pick;
mod region;
mod spread;

use std::borrow::Cow;

use image::GrayImage;

pub use border::shown;
pub use depth::{depth_among, depth_of, neighbours};
pub use luma::luma;
pub use pick::Pick;
pub use region::Region;
pub use spread::spread;

/// One frame as 8-bit grey, and what its file says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The pixels.
    pub pixels: GrayImage,
    /// Millimetres per pixel, `[row, column]`; `None` if the file does not say.
    pub spacing_mm: Option<[f64; 2]>,
    /// Where in the pixels the tissue is, without the texts and scales around it; `None` if the
    /// file does not say. It lies inside the pixels.
    pub tissue: Option<Region>,
    /// Which frame of the file this is, from 0.
    pub index: u32,
    /// How many frames the file has, at least one.
    pub count: u32,
    /// How many bits its samples were taken to have, if the file left it to be seen from them.
    pub seen_bits: Option<u16>,
    /// Which of the regions of tissue that the file names [`Frame::tissue`] is, from 0.
    pub region: u32,
    /// How many regions of tissue the file names: more than one where a screen shows several
    /// views side by side, none for a picture.
    pub regions: u32,
}

impl Frame {
    /// The only frame of a picture that says nothing about itself.
    pub fn new(pixels: GrayImage) -> Self {
        Self {
            pixels,
            spacing_mm: None,
            tissue: None,
            index: 0,
            count: 1,
            seen_bits: None,
            region: 0,
            regions: 0,
        }
    }

    /// `[height, width]`, in pixels.
    pub fn size(&self) -> [usize; 2] {
        let (width, height) = self.pixels.dimensions();
        [height as usize, width as usize]
    }

    /// The part that the network looks at: [`shown`](shown()) of [`Frame::tissue`].
    ///
    /// It is looked for at every call.
    pub fn shown(&self) -> Region {
        shown(&self.pixels, self.tissue)
    }

    /// The pixels of [`Frame::shown`].
    pub fn tissue_pixels(&self) -> Cow<'_, GrayImage> {
        self.shown().cut(&self.pixels)
    }

    /// Square millimetres per pixel; `None` if the file does not say.
    pub fn pixel_area_mm2(&self) -> Option<f64> {
        self.spacing_mm.map(|[row, column]| row * column)
    }
}

impl From<GrayImage> for Frame {
    /// As [`Frame::new`].
    fn from(pixels: GrayImage) -> Self {
        Self::new(pixels)
    }
}
