//! Pictures that are to be turned before they are looked at.

use image::DynamicImage;
use image::metadata::Orientation;
use nerveseg_frame::Frame;

/// The frame as it is to be looked at.
pub(super) fn turn(frame: Frame, orientation: Orientation) -> Frame {
    if orientation == Orientation::NoTransforms {
        return frame;
    }
    let mut image = DynamicImage::ImageLuma8(frame.pixels);
    image.apply_orientation(orientation);
    Frame {
        pixels: image.into_luma8(),
        ..frame
    }
}

/// `[height, width]` of a picture that is `width` × `height` as it is stored.
pub(super) fn turned_size(width: u32, height: u32, orientation: Orientation) -> [u32; 2] {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => [width, height],
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => [height, width],
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    #[test]
    fn size_is_that_of_the_turned_picture() {
        let picture = GrayImage::from_fn(5, 3, |x, y| Luma([(5 * y + x) as u8]));
        for tag in 1..=8 {
            let orientation = Orientation::from_exif(tag).unwrap();

            let turned = turn(Frame::new(picture.clone()), orientation).pixels;

            let size = [turned.height(), turned.width()];
            assert_eq!(size, turned_size(5, 3, orientation), "{tag}");
        }
    }
}
