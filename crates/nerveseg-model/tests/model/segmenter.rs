//! Any image in, a mask of its own size out.

use image::GrayImage;
use ndarray::s;
use nerveseg_model::{Components, Frame, Postprocess, Region, Segmenter};

use crate::util::{DEVICE, bytes, picture, toy};

fn segmenter() -> Segmenter {
    Segmenter::from_bytes(&bytes(&toy()), "toy", DEVICE).unwrap()
}

#[test]
fn the_mask_has_the_size_of_the_image() {
    let segmenter = segmenter();

    for (width, height) in [(17, 23), (23, 17), (580, 420), (1, 1), (1, 90), (40, 24)] {
        let segmentation = segmenter.segment(&picture(width, height)).unwrap();

        let size = (height as usize, width as usize);
        assert_eq!(segmentation.probabilities.dim(), size);
        assert_eq!(segmentation.mask.dim(), size);
        assert_eq!(segmentation.mask_image().dimensions(), (width, height));
        assert_eq!(
            segmentation.probability_image().dimensions(),
            (width, height)
        );
        assert!(
            segmentation
                .probabilities
                .iter()
                .all(|p| (0.0..=1.0).contains(p))
        );
        let area = segmentation.mask.iter().filter(|&&m| m).count();
        assert_eq!(segmentation.area_px, area);
    }
}

#[test]
fn the_toy_is_undecided_so_errors_show() {
    let segmentation = segmenter().segment(&picture(80, 60)).unwrap();

    let (low, high) = segmentation
        .probabilities
        .iter()
        .fold((1.0_f32, 0.0_f32), |(l, h), &p| (l.min(p), h.max(p)));
    assert!(high - low > 0.2, "probabilities lie in [{low}, {high}]");
    assert!((1..80 * 60).contains(&segmentation.area_px));
}

#[test]
fn thirteen_images_at_once_are_thirteen_images_one_by_one() {
    let segmenter = segmenter();
    let images: Vec<GrayImage> = (0..13).map(|n| picture(30 + n, 50 - 2 * n)).collect();

    let batch = segmenter.segment_batch(&images).unwrap();

    assert_eq!(batch.len(), 13);
    for (image, together) in images.iter().zip(&batch) {
        let alone = segmenter.segment(image).unwrap();
        // 1e-6: sums may run in another order in a larger batch
        let difference = &alone.probabilities - &together.probabilities;
        assert!(difference.iter().all(|d| d.abs() < 1e-6));
        assert!((alone.presence - together.presence).abs() < 1e-6);
    }
}

#[test]
fn no_images_give_no_masks() {
    assert!(
        segmenter()
            .segment_batch::<GrayImage>(&[])
            .unwrap()
            .is_empty()
    );
}

/// A frame whose tissue is all but two rows above and three columns at the left.
fn frame(width: u32, height: u32) -> Frame {
    let tissue = Region {
        x: 3,
        y: 2,
        width: width - 3,
        height: height - 2,
    };
    Frame {
        tissue: Some(tissue),
        spacing_mm: Some([0.5, 0.25]),
        ..Frame::new(picture(width, height))
    }
}

#[test]
fn the_tissue_of_a_frame_is_segmented_and_put_back() {
    let (segmenter, frame) = (segmenter(), frame(80, 60));

    let whole = segmenter.segment_frame(&frame).unwrap();

    let part = segmenter.segment(&frame.tissue_pixels()).unwrap();
    assert_eq!(whole.mask.dim(), (60, 80));
    assert_eq!(whole.probabilities.slice(s![2.., 3..]), part.probabilities);
    assert_eq!(whole.mask.slice(s![2.., 3..]), part.mask);
    assert!(whole.mask.slice(s![..2, ..]).iter().all(|&inside| !inside));
    assert!(part.area_px > 0);
    assert_eq!(whole.area_mm2, Some(part.area_px as f64 * 0.125));
    let found = Components::of(whole.mask.view()).list;
    assert_eq!(whole.components, found);
}

#[test]
fn frames_of_several_sizes_go_together() {
    let (segmenter, frames) = (segmenter(), [frame(50, 40), frame(30, 60), frame(50, 40)]);

    let together = segmenter.segment_frames(&frames).unwrap();

    for (frame, together) in frames.iter().zip(&together) {
        let alone = segmenter.segment_frame(frame).unwrap();
        let difference = &alone.probabilities - &together.probabilities;
        assert!(difference.iter().all(|d| d.abs() < 1e-6));
    }
}

#[test]
fn a_blank_image_is_segmented_like_any_other() {
    for grey in [0, 255] {
        let image = GrayImage::from_pixel(31, 19, image::Luma([grey]));

        let segmentation = segmenter().segment(&image).unwrap();

        assert!(segmentation.probabilities.iter().all(|p| p.is_finite()));
        assert!(segmentation.presence.is_finite());
    }
}

#[test]
fn an_image_without_pixels_is_refused() {
    let error = segmenter().segment(&GrayImage::new(7, 0)).unwrap_err();

    assert_eq!(
        error.to_string(),
        "image is 7x0 pixels, expected at least 1x1"
    );
}

#[test]
fn thresholds_can_be_changed_but_not_to_nonsense() {
    let image = picture(40, 24);
    let with_threshold = |threshold| {
        let postprocess = Postprocess {
            threshold,
            ..Postprocess::default()
        };
        segmenter().with_postprocess(postprocess)
    };

    let area = |threshold| {
        with_threshold(threshold)
            .unwrap()
            .segment(&image)
            .unwrap()
            .area_px
    };
    assert_eq!((area(0.0), area(1.0)), (40 * 24, 0));
    assert_eq!(
        with_threshold(1.5).unwrap_err().to_string(),
        "invalid model configuration: `threshold` is 1.5, expected [0, 1]"
    );
}

#[test]
fn many_threads_share_one_segmenter() {
    fn check<T: Send + Sync>(_: &T) {}
    let segmenter = segmenter();
    check(&segmenter);
    let image = picture(50, 40);
    let expected = segmenter.segment(&image).unwrap().probabilities;

    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    assert_eq!(segmenter.segment(&image).unwrap().probabilities, expected);
                }
            });
        }
    });
}
