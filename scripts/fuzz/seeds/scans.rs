//! DICOM files.

use image::ExtendedColorType;

use crate::dicom::{
    Dicom, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, JPEG_BASELINE, JPEG_LOSSLESS, PIXELS,
    RLE, Value, gradient, rle,
};
use crate::jpeg;
use crate::seg_file::{Row, seg};

pub(crate) fn segmentations() -> Vec<Vec<u8>> {
    let rows: [Row; 2] = [(1, Some("1.1"), Some("2")), (2, Some("1.2"), None)];
    [IMPLICIT_LITTLE, EXPLICIT_LITTLE]
        .map(|uid| seg(uid, &["a", "b"], &rows).write())
        .into()
}

pub(crate) fn all() -> Vec<Vec<u8>> {
    let colours: Vec<u8> = gradient()
        .iter()
        .flat_map(|&v| [v, 255 - v, v / 2])
        .collect();
    let planes = [gradient(), gradient(), gradient()];
    let samples: Vec<u16> = gradient().into_iter().map(u16::from).collect();
    let fragment = |uid, fragment| Dicom::new(uid).pixels(Value::Fragments(vec![fragment]));
    let mut files: Vec<Dicom> = [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG]
        .into_iter()
        .flat_map(|uid| [deep(uid), Dicom::new(uid).bytes(&gradient())])
        .collect();
    files.extend([
        palette(),
        Dicom::new(EXPLICIT_LITTLE)
            .frames("2")
            .bytes(&[gradient(), gradient()].concat()),
        Dicom::new(EXPLICIT_LITTLE)
            .samples(3, "RGB")
            .bytes(&colours),
        Dicom::new(EXPLICIT_LITTLE)
            .samples(3, "YBR_FULL")
            .with(0x0028_0006, Value::U16(vec![1]))
            .bytes(&colours),
        Dicom::new(EXPLICIT_LITTLE)
            .samples(3, "YBR_FULL_422")
            .bytes(&colours[..PIXELS * 2]),
        fragment(RLE, rle(&planes)).samples(3, "RGB"),
        fragment(RLE, rle(&planes[..2])).bits(16, 12, 11),
        fragment(JPEG_LOSSLESS, jpeg::lossless(&samples, 1, 8)),
        fragment(
            JPEG_BASELINE,
            jpeg::baseline(&gradient(), ExtendedColorType::L8),
        ),
        fragment(
            JPEG_BASELINE,
            jpeg::baseline(&colours, ExtendedColorType::Rgb8),
        )
        .samples(3, "YBR_FULL_422"),
    ]);
    files.iter().map(Dicom::write).collect()
}

/// 12 bits with a window and two regions.
fn deep(uid: &'static str) -> Dicom {
    let region = vec![
        ((0x0018, 0x6012), Value::U16(vec![1])),
        ((0x0018, 0x6014), Value::U16(vec![1])),
        ((0x0018, 0x6018), Value::U32(1)),
        ((0x0018, 0x601a), Value::U32(2)),
        ((0x0018, 0x601c), Value::U32(15)),
        ((0x0018, 0x601e), Value::U32(12)),
        ((0x0018, 0x6024), Value::U16(vec![3])),
        ((0x0018, 0x6026), Value::U16(vec![3])),
        ((0x0018, 0x602c), Value::F64(0.025)),
        ((0x0018, 0x602e), Value::F64(0.02)),
    ];
    let regions = vec![region.clone(), region];
    Dicom::new(uid)
        .with(0x0018_6011, Value::Items(regions, true))
        .with(0x0028_1050, Value::Text("2048"))
        .with(0x0028_1051, Value::Text("4096"))
        .bits(16, 12, 11)
        .pixels(Value::U16(vec![77; PIXELS]))
}

fn palette() -> Dicom {
    let file = Dicom::new(EXPLICIT_LITTLE).samples(1, "PALETTE COLOR");
    let file = (0..3).fold(file, |file, channel| {
        file.with(0x0028_1101 + channel, Value::U16(vec![16, 3, 16]))
            .with(0x0028_1201 + channel, Value::U16(vec![1 << 12; 16]))
    });
    file.bytes(&gradient())
}
