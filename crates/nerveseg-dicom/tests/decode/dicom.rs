//! Writes DICOM files, good and bad ones.

pub(crate) const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
pub(crate) const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
pub(crate) const RLE: &str = "1.2.840.10008.1.2.5";
pub(crate) const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";
pub(crate) const JPEG_LOSSLESS: &str = "1.2.840.10008.1.2.4.70";

pub(crate) const WIDTH: u16 = 22;
pub(crate) const HEIGHT: u16 = 17;
pub(crate) const PIXELS: usize = WIDTH as usize * HEIGHT as usize;

#[derive(Clone, Debug)]
pub(crate) enum Value {
    U16(Vec<u16>),
    U32(u32),
    F64(f64),
    Text(&'static str),
    Bytes(Vec<u8>),
    /// Words of 8-bit samples, as `OW` in the byte order of the file.
    Words(Vec<u8>),
    /// Items with their elements; delimited or with lengths.
    Items(Vec<Vec<Element>>, bool),
    /// An empty table of offsets and these.
    Fragments(Vec<Vec<u8>>),
}

pub(crate) type Element = ((u16, u16), Value);

/// A data set to be written.
#[derive(Clone, Debug)]
pub(crate) struct Dicom {
    pub(crate) uid: &'static str,
    elements: Vec<Element>,
}

impl Dicom {
    /// A grey frame of 8 bits without pixels.
    pub(crate) fn new(uid: &'static str) -> Self {
        let file = Self {
            uid,
            elements: Vec::new(),
        };
        file.samples(1, "MONOCHROME2")
            .with(0x0028_0010, Value::U16(vec![HEIGHT]))
            .with(0x0028_0011, Value::U16(vec![WIDTH]))
            .bits(8, 8, 7)
    }

    /// Adds or replaces an element.
    pub(crate) fn with(mut self, tag: u32, value: Value) -> Self {
        let tag = ((tag >> 16) as u16, tag as u16);
        self.elements.retain(|(other, _)| *other != tag);
        self.elements.push((tag, value));
        self.elements.sort_by_key(|(tag, _)| *tag);
        self
    }

    pub(crate) fn without(mut self, tag: u32) -> Self {
        let tag = ((tag >> 16) as u16, tag as u16);
        self.elements.retain(|(other, _)| *other != tag);
        self
    }

    pub(crate) fn samples(self, samples: u16, photometric: &'static str) -> Self {
        self.with(0x0028_0002, Value::U16(vec![samples]))
            .with(0x0028_0004, Value::Text(photometric))
    }

    pub(crate) fn size(self, columns: u16, rows: u16) -> Self {
        self.with(0x0028_0010, Value::U16(vec![rows]))
            .with(0x0028_0011, Value::U16(vec![columns]))
    }

    pub(crate) fn bits(self, allocated: u16, stored: u16, high: u16) -> Self {
        self.with(0x0028_0100, Value::U16(vec![allocated]))
            .with(0x0028_0101, Value::U16(vec![stored]))
            .with(0x0028_0102, Value::U16(vec![high]))
    }

    pub(crate) fn frames(self, frames: &'static str) -> Self {
        self.with(0x0028_0008, Value::Text(frames))
    }

    pub(crate) fn pixels(self, value: Value) -> Self {
        self.with(0x7fe0_0010, value)
    }

    pub(crate) fn bytes(self, pixels: &[u8]) -> Self {
        self.pixels(Value::Bytes(pixels.to_vec()))
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut file = vec![0; 128];
        file.extend(b"DICM");
        let mut uid = self.uid.to_owned().into_bytes();
        if uid.len() % 2 == 1 {
            uid.push(0);
        }
        file.extend([2, 0, 0x10, 0, b'U', b'I', uid.len() as u8, 0]);
        file.extend(uid);
        self.write_elements(&self.elements, &mut file);
        file
    }

    fn write_elements(&self, elements: &[Element], file: &mut Vec<u8>) {
        for (tag, value) in elements {
            let (representation, mut bytes, delimited) = self.value(value);
            if bytes.len() % 2 == 1 {
                bytes.push(0);
            }
            let length = if delimited {
                u32::MAX
            } else {
                bytes.len() as u32
            };
            self.tag(*tag, file);
            match (self.uid == IMPLICIT_LITTLE, representation) {
                (true, _) => self.u32(length, file),
                (false, b"OB" | b"OW" | b"SQ") => {
                    file.extend(representation);
                    file.extend([0, 0]);
                    self.u32(length, file);
                }
                (false, _) => {
                    file.extend(representation);
                    self.u16(length as u16, file);
                }
            }
            file.extend(bytes);
            if delimited {
                self.tag((0xfffe, 0xe0dd), file);
                self.u32(0, file);
            }
        }
    }

    /// Representation, bytes, and whether a delimiter ends them.
    fn value(&self, value: &Value) -> (&'static [u8; 2], Vec<u8>, bool) {
        let mut bytes = Vec::new();
        match value {
            Value::U16(numbers) => {
                for number in numbers {
                    self.u16(*number, &mut bytes);
                }
                (b"US", bytes, false)
            }
            Value::U32(number) => {
                self.u32(*number, &mut bytes);
                (b"UL", bytes, false)
            }
            Value::F64(number) if self.uid == EXPLICIT_BIG => {
                (b"FD", number.to_be_bytes().to_vec(), false)
            }
            Value::F64(number) => (b"FD", number.to_le_bytes().to_vec(), false),
            Value::Text(text) => {
                let mut bytes = text.as_bytes().to_vec();
                if bytes.len() % 2 == 1 {
                    bytes.push(b' ');
                }
                (b"CS", bytes, false)
            }
            Value::Bytes(bytes) => (b"OB", bytes.clone(), false),
            Value::Words(samples) => {
                let mut samples = samples.clone();
                samples.resize(samples.len().next_multiple_of(2), 0);
                for pair in samples.as_chunks().0 {
                    self.u16(u16::from_le_bytes(*pair), &mut bytes);
                }
                (b"OW", bytes, false)
            }
            Value::Items(items, delimited) => {
                for item in items {
                    let mut content = Vec::new();
                    self.write_elements(item, &mut content);
                    self.tag((0xfffe, 0xe000), &mut bytes);
                    let length = content.len() as u32;
                    self.u32(if *delimited { u32::MAX } else { length }, &mut bytes);
                    bytes.extend(content);
                    if *delimited {
                        self.tag((0xfffe, 0xe00d), &mut bytes);
                        self.u32(0, &mut bytes);
                    }
                }
                (b"SQ", bytes, *delimited)
            }
            Value::Fragments(fragments) => {
                for fragment in std::iter::once(&Vec::new()).chain(fragments) {
                    self.tag((0xfffe, 0xe000), &mut bytes);
                    self.u32(fragment.len().next_multiple_of(2) as u32, &mut bytes);
                    bytes.extend(fragment);
                    bytes.resize(bytes.len().next_multiple_of(2), 0);
                }
                (b"OB", bytes, true)
            }
        }
    }

    fn tag(&self, (group, element): (u16, u16), file: &mut Vec<u8>) {
        self.u16(group, file);
        self.u16(element, file);
    }

    fn u16(&self, number: u16, file: &mut Vec<u8>) {
        if self.uid == EXPLICIT_BIG {
            file.extend(number.to_be_bytes());
        } else {
            file.extend(number.to_le_bytes());
        }
    }

    fn u32(&self, number: u32, file: &mut Vec<u8>) {
        if self.uid == EXPLICIT_BIG {
            file.extend(number.to_be_bytes());
        } else {
            file.extend(number.to_le_bytes());
        }
    }
}

/// Distinct values in an order that no flip or transposition keeps.
pub(crate) fn gradient() -> Vec<u8> {
    (0..PIXELS)
        .map(|at| (at % WIDTH as usize * 7 + at / WIDTH as usize * 5) as u8)
        .collect()
}

/// Run-length frames: a segment for each plane, nothing but literals.
pub(crate) fn rle(planes: &[Vec<u8>]) -> Vec<u8> {
    let mut head = vec![planes.len() as u32];
    let mut segments = Vec::new();
    for plane in planes {
        head.push(64 + segments.len() as u32);
        for chunk in plane.chunks(128) {
            segments.push(chunk.len() as u8 - 1);
            segments.extend(chunk);
        }
    }
    head.resize(16, 0);
    let mut frame: Vec<u8> = head.iter().flat_map(|n| n.to_le_bytes()).collect();
    frame.extend(segments);
    frame
}
