//! Images of several frames with one mask for each.

use std::fs::File;

use image::{GrayImage, Luma};
use nerveseg_import::ImportOptions;
use tiff::encoder::{TiffEncoder, colortype::Gray8};

use crate::util::{Bench, HEIGHT, WIDTH, drawn, empty, subjects};

/// Pages of a pixel for each column, row and page.
fn tiff(bench: &Bench, name: &str, pages: u32, pixel: impl Fn(u32, u32, u32) -> u8) {
    let mut file = TiffEncoder::new(File::create(bench.path(name)).unwrap()).unwrap();
    for page in 0..pages {
        let image = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| Luma([pixel(x, y, page)]));
        file.write_image::<Gray8>(WIDTH, HEIGHT, image.as_raw())
            .unwrap();
    }
}

fn clip(x: u32, y: u32, page: u32) -> u8 {
    (x * 7 + y * 5 + page * 3) as u8
}

/// The nerve of [`drawn`] on the middle page alone.
fn nerve(x: u32, y: u32, page: u32) -> bool {
    page == 1 && crate::util::inside(x, y)
}

#[test]
fn each_page_becomes_an_image_with_its_mask() {
    for (image, mask, description) in [
        ("P07/clip.tif", "P07/clip_mask.tif", ""),
        (
            "imagesTr/p07_1_0000.tif",
            "labelsTr/p07_1.tif",
            r#"{"labels": {"background": 0, "nerve": 200}, "file_ending": ".tif"}"#,
        ),
    ] {
        let bench = Bench::new();
        tiff(&bench, &format!("src/{image}"), 3, clip);
        let label = |x, y, page| u8::from(nerve(x, y, page)) * 200;
        tiff(&bench, &format!("src/{mask}"), 3, label);
        if !description.is_empty() {
            bench.text("src/dataset.json", description);
        }

        let done = bench.import(&ImportOptions::default()).unwrap();

        let name = &done.rows[0].subject_name.to_lowercase();
        assert_eq!(name, "p07", "{image}");
        let sources: Vec<&str> = done.rows.iter().map(|row| row.source.as_str()).collect();
        assert_eq!(sources, [0, 1, 2].map(|frame| format!("{image}#{frame}")));
        assert_eq!(done.rows[2].image, 3);
        let masks = [1, 2, 3].map(|frame| bench.imported(&format!("1_{frame}_mask.png")));
        assert_eq!(masks, [empty(), drawn(), empty()], "{image}");
        let last = image::open(bench.path("out/1_3.png")).unwrap().into_luma8();
        let expected = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| Luma([clip(x, y, 2)]));
        assert_eq!(last, expected);
        assert!(done.notes[0].contains("8-bit grey"), "{:?}", done.notes);
    }
}

#[test]
fn frames_keep_to_the_person_and_the_order_of_their_files() {
    let bench = Bench::new();
    tiff(&bench, "src/P2/a.tif", 11, clip);
    tiff(&bench, "src/P2/a_mask.tif", 11, |x, y, page| {
        u8::from(nerve(x, y, page))
    });
    bench.image("src/P2/b.png");
    bench.mask("src/P2/b_mask.png", 255);

    let done = bench.import(&ImportOptions::default()).unwrap();

    // ten after nine
    assert_eq!(done.rows[10].source, "P2/a.tif#10");
    assert_eq!(done.rows[11].source, "P2/b.png");
    assert_eq!(subjects(&done)[11], ("P2", 1, 12));
}

#[test]
fn counts_that_differ_are_refused_with_both() {
    for (images, masks, words) in [
        (3, 1, "has 3 frames"),
        (3, 2, "has 2; expected one mask for each"),
        (1, 3, "3 pages"),
    ] {
        let bench = Bench::new();
        tiff(&bench, "src/P1/a.tif", images, clip);
        tiff(&bench, "src/P1/a_mask.tif", masks, |x, y, page| {
            u8::from(nerve(x, y, page))
        });

        let text = bench.fails(&ImportOptions::default());

        assert!(
            text.contains(words) && text.contains("a_mask.tif"),
            "{text}"
        );
    }
}

#[test]
fn pages_with_other_labels_are_refused_unless_one_is_asked_for() {
    let label = |x, y, page| u8::from(crate::util::inside(x, y)) * (page as u8 + 1);
    let bench = Bench::new();
    tiff(&bench, "src/P1/a.tif", 2, clip);
    tiff(&bench, "src/P1/a_mask.tif", 2, label);

    let text = bench.fails(&ImportOptions::default());
    assert!(
        text.contains("0 and 1 on one page, and 0 and 2 on page 1") && text.contains("a_mask.tif"),
        "{text}"
    );

    let mut options = ImportOptions::default();
    options.labels.value = Some(2);
    bench.import(&options).unwrap();
    assert_eq!(bench.imported("1_1_mask.png"), empty());
    assert_eq!(bench.imported("1_2_mask.png"), drawn());
}
