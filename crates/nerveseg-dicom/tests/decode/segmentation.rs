//! Segmentations: what they refer to, their bits, and what is refused.

use nerveseg_dicom::segmentation::{Segment, Segmentation, Source, SourceFrame};
use nerveseg_dicom::{Identity, Limits};

use crate::dicom::{EXPLICIT_BIG, EXPLICIT_LITTLE, HEIGHT, IMPLICIT_LITTLE, RLE, Value, WIDTH};
use crate::mutations::Random;
use crate::seg_file::{Row, nerve, seg, text};

const ROWS: [Row; 3] = [
    (1, Some("1.1"), Some("7")),
    (2, Some("1.2"), None),
    (1, None, None),
];
const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 1 << 16,
    frames: 100,
};

fn read(bytes: &[u8]) -> Result<Segmentation, String> {
    Segmentation::read(bytes, &LIMITS).map_err(|error| error.to_string())
}

fn one(instance: &str, frame: Option<u32>) -> Source {
    let instance = instance.to_owned();
    Source::One(SourceFrame { instance, frame })
}

#[test]
fn bits_go_on_over_the_borders_of_frames() {
    for uid in [EXPLICIT_LITTLE, IMPLICIT_LITTLE] {
        let bytes = seg(uid, &["nerve", "artery"], &ROWS).write();

        let content = read(&bytes).unwrap();

        assert!(Identity::read(&bytes).unwrap().is_segmentation());
        assert_eq!(content.size, [u32::from(HEIGHT), u32::from(WIDTH)]);
        let label = "artery".to_owned();
        assert_eq!(content.segments[1], Segment { number: 2, label });
        let segments: Vec<u16> = content.frames.iter().map(|it| it.segment).collect();
        assert_eq!(segments, [1, 2, 1]);
        let sources: Vec<&Source> = content.frames.iter().map(|it| &it.source).collect();
        let expected = [one("1.1", Some(6)), one("1.2", None), Source::Unsaid];
        assert_eq!(sources, expected.iter().collect::<Vec<_>>());
        // 374 bits a frame: none but the first starts with a byte
        for frame in 0..3 {
            assert_eq!(content.mask(frame), Some(nerve(frame)), "{frame}");
        }
        assert_eq!(content.mask(3), None);
    }
}

#[test]
fn what_all_frames_share_counts_for_each() {
    let file = seg(EXPLICIT_LITTLE, &["nerve"], &[(1, None, None)]);
    let number = vec![((0x0062, 0x000b), Value::U16(vec![1]))];
    let shared = vec![((0x0062, 0x000a), Value::Items(vec![number], true))];
    let file = file
        .with(0x5200_9229, Value::Items(vec![shared], true))
        .with(0x5200_9230, Value::Items(vec![vec![]], false));

    assert_eq!(read(&file.write()).unwrap().frames[0].segment, 1);
}

#[test]
fn what_is_no_binary_segmentation_is_refused_by_name() {
    let good = || seg(EXPLICIT_LITTLE, &["nerve", "artery"], &ROWS);
    let label_map = text("1.2.840.10008.5.1.4.1.1.66.7");
    let numbers = [1, 1].map(|it| vec![((0x0062, 0x0004), Value::U16(vec![it]))]);
    for (file, words) in [
        (good().with(0x0062_0001, text("FRACTIONAL")), "FRACTIONAL"),
        (good().with(0x0008_0016, label_map), "LABELMAP"),
        (good().with(0x0008_0016, text("1.2")), "not a segmentation"),
        (good().without(0x0062_0001), "not `BINARY`"),
        (good().bits(8, 8, 7), "8 bits a pixel"),
        (good().frames("0"), "not positive"),
        (good().frames("2"), "more than the limit of 2"),
        (good().frames("101"), "more than the limit of 100"),
        (good().frames("4").bytes(&[0; 188]), "3 are described"),
        (
            good().with(0x0062_0002, Value::Items(numbers.into(), true)),
            "two segments",
        ),
        (good().without(0x0062_0002), "names no segment"),
        (seg(EXPLICIT_LITTLE, &["nerve"], &ROWS), "of no segment"),
        (seg(EXPLICIT_BIG, &["nerve", "artery"], &ROWS), "big-endian"),
        (seg(RLE, &["nerve", "artery"], &ROWS), "compressed"),
        (good().size(WIDTH, 0), "22x0"),
        (good().size(u16::MAX, u16::MAX), "pixels a frame"),
        (good().bytes(&[0; 138]), "ends inside"),
        // 47 bytes for each frame of 374 bits, instead of 141 for all
        (good().bytes(&[0; 144]), "expected 141"),
        (
            seg(EXPLICIT_LITTLE, &["nerve"], &[(1, Some(""), None)]),
            "without a name",
        ),
        (
            seg(EXPLICIT_LITTLE, &["nerve"], &[(1, Some("1.1"), Some("0"))]),
            "not positive",
        ),
    ] {
        let text = read(&file.write()).unwrap_err();
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn file_that_is_cut_or_changed_is_refused_or_read_within_its_bounds() {
    for uid in [EXPLICIT_LITTLE, IMPLICIT_LITTLE] {
        let good = seg(uid, &["nerve", "artery"], &ROWS).write();
        for length in 0..good.len() {
            read(&good[..length]).unwrap_err();
            let _ = Identity::read(&good[..length]);
        }
        let (mut random, mut whole) = (Random(7), 0);
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            random.mutate(&mut bytes);
            let Ok(content) = read(&bytes) else { continue };
            whole += 1;
            let [height, width] = content.size.map(|side| side as usize);
            for frame in 0..content.frames.len() {
                assert_eq!(content.mask(frame).unwrap().len(), height * width);
            }
        }
        assert!(whole > 100, "{whole}");
    }
}
