//! Walks over the elements of a data set without recursion and without copying.
//!
//! A value is a slice of the file. What is not asked for is stepped over, and a value of undefined
//! length is measured with an explicit stack of bounded depth, so neither memory nor stack grows
//! with what a file says.

use crate::bytes::Endian;
use crate::error::{Result, check_limit, damaged, truncated};

/// Group and element number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tag(pub(crate) u16, pub(crate) u16);

const ITEM: Tag = Tag(0xfffe, 0xe000);
const ITEM_END: Tag = Tag(0xfffe, 0xe00d);
const SEQUENCE_END: Tag = Tag(0xfffe, 0xe0dd);

/// Length of a value that ends with a delimiter.
const UNDEFINED: u32 = u32::MAX;

/// Sequences and items that may be open at a time; real files have fewer than ten.
const MAX_DEPTH: usize = 64;

/// Value representations with a length of two bytes; all others have four.
const SHORT: [&[u8; 2]; 21] = [
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"PN",
    b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US",
];

/// How elements are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    /// Whether a value representation is written before each length.
    pub(crate) explicit: bool,
    pub(crate) endian: Endian,
}

impl Encoding {
    pub(crate) const EXPLICIT_LITTLE: Self = Self {
        explicit: true,
        endian: Endian::Little,
    };
    pub(crate) const IMPLICIT_LITTLE: Self = Self {
        explicit: false,
        endian: Endian::Little,
    };
    pub(crate) const EXPLICIT_BIG: Self = Self {
        explicit: true,
        endian: Endian::Big,
    };
}

/// One element with its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: Tag,
    /// `None` where it is not written.
    pub(crate) representation: Option<[u8; 2]>,
    /// Without the delimiter that may follow it.
    pub(crate) value: &'a [u8],
    /// Whether a delimiter ended the value.
    pub(crate) delimited: bool,
    /// How items inside the value are written.
    pub(crate) encoding: Encoding,
}

impl<'a> Element<'a> {
    /// First number of 2 bytes.
    pub(crate) fn u16(&self) -> Option<u16> {
        self.encoding.endian.u16(self.value, 0)
    }

    /// First number of 4 bytes.
    pub(crate) fn u32(&self) -> Option<u32> {
        self.encoding.endian.u32(self.value, 0)
    }

    /// First number of 8 bytes.
    pub(crate) fn f64(&self) -> Option<f64> {
        self.encoding.endian.f64(self.value, 0)
    }

    /// Text without padding; `None` if it is not plain.
    pub(crate) fn text(&self) -> Option<&'a str> {
        let text = std::str::from_utf8(self.value).ok()?;
        Some(text.trim_matches(['\0', ' ']))
    }

    /// The values of the items, if this is a sequence.
    pub(crate) fn items(&self) -> Items<'a> {
        Items {
            bytes: self.value,
            at: 0,
            encoding: self.encoding,
        }
    }
}

/// The elements of one level.
#[derive(Debug)]
pub(crate) struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
    encoding: Encoding,
}

impl<'a> Elements<'a> {
    pub(crate) fn new(bytes: &'a [u8], encoding: Encoding) -> Self {
        Self {
            bytes,
            at: 0,
            encoding,
        }
    }

    /// The bytes that were not walked over yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    fn read(&mut self) -> Result<Element<'a>> {
        let header = Header::read(self.bytes, self.at, self.encoding)?;
        if header.tag.0 == ITEM.0 {
            return Err(damaged("an item outside a sequence"));
        }
        let encoding = header.inner(self.encoding);
        let (value, end) = match header.length {
            Some(length) => {
                let end = header.end(self.bytes, length)?;
                (header.value_at..end, end)
            }
            None => {
                let (stop, end) = measure(self.bytes, header.value_at, Open::Sequence, encoding)?;
                (header.value_at..stop, end)
            }
        };
        self.at = end;
        Ok(Element {
            tag: header.tag,
            representation: header.representation,
            value: &self.bytes[value],
            delimited: header.length.is_none(),
            encoding,
        })
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Element<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.at < self.bytes.len()).then(|| self.read())
    }
}

/// The values of the items of a sequence, or the fragments of compressed pixel data.
#[derive(Debug)]
pub(crate) struct Items<'a> {
    bytes: &'a [u8],
    at: usize,
    encoding: Encoding,
}

impl<'a> Items<'a> {
    fn read(&mut self) -> Result<&'a [u8]> {
        let header = Header::read(self.bytes, self.at, self.encoding)?;
        if header.tag != ITEM {
            return Err(damaged("a sequence holds something that is not an item"));
        }
        let (stop, end) = match header.length {
            Some(length) => {
                let end = header.end(self.bytes, length)?;
                (end, end)
            }
            None => measure(self.bytes, header.value_at, Open::Item, self.encoding)?,
        };
        self.at = end;
        Ok(&self.bytes[header.value_at..stop])
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.at < self.bytes.len()).then(|| self.read())
    }
}

/// What stands before a value.
struct Header {
    tag: Tag,
    representation: Option<[u8; 2]>,
    /// `None` if a delimiter ends the value.
    length: Option<u32>,
    value_at: usize,
}

impl Header {
    fn read(bytes: &[u8], at: usize, encoding: Encoding) -> Result<Self> {
        Self::parse(bytes, at, encoding).ok_or_else(|| truncated("the head of an element"))
    }

    fn parse(bytes: &[u8], at: usize, encoding: Encoding) -> Option<Self> {
        let endian = encoding.endian;
        let tag = Tag(endian.u16(bytes, at)?, endian.u16(bytes, at + 2)?);
        let (representation, length, value_at) = if !encoding.explicit || tag.0 == ITEM.0 {
            (None, endian.u32(bytes, at + 4)?, at + 8)
        } else {
            let representation: [u8; 2] = *bytes.get(at + 4..)?.first_chunk()?;
            if SHORT.contains(&&representation) {
                let length = u32::from(endian.u16(bytes, at + 6)?);
                (Some(representation), length, at + 8)
            } else {
                (Some(representation), endian.u32(bytes, at + 8)?, at + 12)
            }
        };
        Some(Self {
            tag,
            representation,
            length: (length != UNDEFINED).then_some(length),
            value_at,
        })
    }

    /// Where the value of `length` bytes ends.
    fn end(&self, bytes: &[u8], length: u32) -> Result<usize> {
        let Tag(group, element) = self.tag;
        (self.value_at as u64 + u64::from(length) <= bytes.len() as u64)
            .then(|| self.value_at + length as usize)
            .ok_or_else(|| truncated(&format!("element ({group:04x},{element:04x})")))
    }

    /// How items inside the value are written: where the representation is not known to the writer
    /// (`UN`) and the length not either, without representations.
    fn inner(&self, outer: Encoding) -> Encoding {
        if self.representation == Some(*b"UN") && self.length.is_none() {
            Encoding::IMPLICIT_LITTLE
        } else {
            outer
        }
    }
}

/// What waits for its delimiter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Sequence,
    Item,
}

/// Where a value of undefined length that starts at `at` stops, and where its delimiter ends.
fn measure(bytes: &[u8], at: usize, open: Open, encoding: Encoding) -> Result<(usize, usize)> {
    let mut stack = vec![(open, encoding)];
    let mut at = at;
    loop {
        let &(open, encoding) = stack.last().expect("returns when the last one closes");
        let header = Header::read(bytes, at, encoding)?;
        let start = at;
        at = header.value_at;
        match (open, header.tag) {
            (Open::Sequence, SEQUENCE_END) | (Open::Item, ITEM_END) => {
                stack.pop();
                if stack.is_empty() {
                    return Ok((start, at));
                }
            }
            (Open::Sequence, ITEM) => match header.length {
                Some(length) => at = header.end(bytes, length)?,
                None => stack.push((Open::Item, encoding)),
            },
            (Open::Item, tag) if tag.0 != ITEM.0 => match header.length {
                Some(length) => at = header.end(bytes, length)?,
                None => stack.push((Open::Sequence, header.inner(encoding))),
            },
            _ => return Err(damaged("sequences and items do not nest")),
        }
        check_limit(
            "nested sequences and items",
            stack.len() as u64,
            MAX_DEPTH as u64,
        )?;
    }
}

/// Elements picked out of one level, by tag.
#[derive(Debug, Default)]
pub(crate) struct Attributes<'a>(Vec<Element<'a>>);

impl<'a> Attributes<'a> {
    /// Keeps the elements named in `wanted`, up to and including `last`; no other value is looked at.
    pub(crate) fn read(elements: Elements<'a>, wanted: &[Tag], last: Option<Tag>) -> Result<Self> {
        let mut kept = Vec::new();
        for element in elements {
            let element = element?;
            let is_new = || {
                kept.iter()
                    .all(|other: &Element<'_>| other.tag != element.tag)
            };
            if wanted.contains(&element.tag) && is_new() {
                kept.push(element);
            }
            if Some(element.tag) == last {
                break;
            }
        }
        Ok(Self(kept))
    }

    pub(crate) fn get(&self, tag: Tag) -> Option<&Element<'a>> {
        self.0.iter().find(|element| element.tag == tag)
    }

    pub(crate) fn u16(&self, tag: Tag) -> Option<u16> {
        self.get(tag)?.u16()
    }

    /// A number written as text.
    pub(crate) fn number<T: std::str::FromStr>(&self, tag: Tag) -> Option<T> {
        let text = self.get(tag)?.text()?;
        text.split('\\').next()?.trim().parse().ok()
    }

    /// A number that must be there.
    pub(crate) fn required(&self, tag: Tag, name: &str) -> Result<u16> {
        self.u16(tag)
            .ok_or_else(|| damaged(format!("no `{name}` in the header")))
    }
}
