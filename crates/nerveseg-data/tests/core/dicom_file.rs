//! Hand-made DICOM files: explicit little endian, without a preamble.

/// An element with a representation and a length of two bytes, in explicit little endian.
pub(crate) fn element(tag: [u16; 2], representation: &str, value: &[u8]) -> Vec<u8> {
    let head = tag.map(u16::to_le_bytes).concat();
    let length = (value.len() as u16).to_le_bytes();
    [&head, representation.as_bytes(), &length, value].concat()
}

/// The same with a length of four bytes.
pub(crate) fn long_element(tag: [u16; 2], representation: &str, value: &[u8]) -> Vec<u8> {
    let head = tag.map(u16::to_le_bytes).concat();
    let length = (value.len() as u32).to_le_bytes();
    [&head, representation.as_bytes(), &[0, 0], &length, value].concat()
}

/// A number of 16 bits.
pub(crate) fn us(tag: [u16; 2], number: u16) -> Vec<u8> {
    element(tag, "US", &number.to_le_bytes())
}

/// A grey frame of `[height, width]` pixels and so many bits a sample; `regions` is the element that
/// names those of tissue, or nothing.
pub(crate) fn dicom(size: [u32; 2], bits: u16, regions: &[u8], pixels: &[u8]) -> Vec<u8> {
    let [rows, columns] = size.map(|side| side as u16);
    [
        &element([0x0008, 0x0060], "CS", b"US")[..],
        regions,
        &us([0x0028, 0x0002], 1),
        &element([0x0028, 0x0004], "CS", b"MONOCHROME2 "),
        &us([0x0028, 0x0010], rows),
        &us([0x0028, 0x0011], columns),
        &us([0x0028, 0x0100], bits),
        &long_element([0x7fe0, 0x0010], "OB", pixels),
    ]
    .concat()
}
