//! Writes segmentations, good and bad ones.

use super::dicom::{Dicom, Element, HEIGHT, Value, WIDTH};

const SEG: &str = "1.2.840.10008.5.1.4.1.1.66.4";

/// What a segmentation says of a frame: the segment, the image, and the frame of it, from 1.
pub(crate) type Row = (u16, Option<&'static str>, Option<&'static str>);

pub(crate) fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into().leak())
}

pub(crate) fn tag(tag: u32, value: Value) -> Element {
    (((tag >> 16) as u16, tag as u16), value)
}

/// A rectangle that begins in the column of its number, in reading order.
pub(crate) fn nerve(number: usize) -> Vec<bool> {
    let inside =
        |x: u16, y: u16| (number..number + 5).contains(&usize::from(x)) && (2..9).contains(&y);
    (0..HEIGHT)
        .flat_map(|y| (0..WIDTH).map(move |x| inside(x, y)))
        .collect()
}

/// Bits of [`nerve`] 0, 1 and so on, without a gap between frames.
fn bits(frames: usize) -> Vec<u8> {
    let all: Vec<bool> = (0..frames).flat_map(nerve).collect();
    let byte = |bits: &[bool]| {
        bits.iter()
            .rev()
            .fold(0, |byte, &bit| byte << 1 | u8::from(bit))
    };
    all.chunks(8).map(byte).collect()
}

fn segments(labels: &[&str]) -> Value {
    let item = |(number, label): (u16, &&str)| {
        vec![
            tag(0x0062_0004, Value::U16(vec![number])),
            tag(0x0062_0005, text(*label)),
        ]
    };
    Value::Items((1..).zip(labels).map(item).collect(), true)
}

fn group(&(segment, instance, frame): &Row) -> Vec<Element> {
    let mut source = Vec::new();
    source.extend(instance.map(|it| tag(0x0008_1155, text(it))));
    source.extend(frame.map(|it| tag(0x0008_1160, text(it))));
    let sources = vec![tag(0x0008_2112, Value::Items(vec![source], false))];
    let number = vec![tag(0x0062_000b, Value::U16(vec![segment]))];
    let mut group = Vec::new();
    if instance.is_some() {
        group.push(tag(0x0008_9124, Value::Items(vec![sources], true)));
    }
    group.push(tag(0x0062_000a, Value::Items(vec![number], false)));
    group
}

pub(crate) fn seg(uid: &'static str, labels: &[&str], rows: &[Row]) -> Dicom {
    Dicom::new(uid)
        .with(0x0008_0016, text(SEG))
        .with(0x0008_0018, text("9.9"))
        .with(0x0028_0008, text(rows.len().to_string()))
        .bits(1, 1, 0)
        .with(0x0062_0001, text("BINARY"))
        .with(0x0062_0002, segments(labels))
        .with(
            0x5200_9230,
            Value::Items(rows.iter().map(group).collect(), true),
        )
        .bytes(&bits(rows.len()))
}
