//! Folders, images and hand-made TIFF files for the tests.

use std::path::{Path, PathBuf};

use image::{GrayImage, Luma};
use nerveseg_data::write_gray_tiff;
use tempfile::TempDir;

/// Odd and unequal, so that swapped axes fail.
pub(crate) const WIDTH: u32 = 23;
pub(crate) const HEIGHT: u32 = 17;

/// A picture in which every pixel near another differs from it.
pub(crate) fn texture(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| Luma([(x * 7 + y * 31) as u8]))
}

/// A rectangle of nerve, off-centre.
pub(crate) fn mask_image(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| {
        let inside = (3..7).contains(&x) && (2..5).contains(&y);
        Luma([if inside { 255 } else { 0 }])
    })
}

pub(crate) fn empty_mask_image(width: u32, height: u32) -> GrayImage {
    GrayImage::new(width, height)
}

/// A temporary UNS folder.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder of good pairs, every second one positive.
    pub(crate) fn with_cases(case_ids: &[&str]) -> Self {
        let folder = Self::new();
        for (index, case_id) in case_ids.iter().enumerate() {
            let mask = if index % 2 == 0 {
                mask_image
            } else {
                empty_mask_image
            };
            folder.image(&format!("{case_id}.tif"), &texture(WIDTH, HEIGHT));
            folder.image(&format!("{case_id}_mask.tif"), &mask(WIDTH, HEIGHT));
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Saves by extension, TIFF as LZW.
    pub(crate) fn image(&self, name: &str, image: &GrayImage) -> PathBuf {
        let path = self.write(name, b"");
        if name.to_ascii_lowercase().ends_with(".tif") {
            write_gray_tiff(&path, image).unwrap();
        } else {
            image.save(&path).unwrap();
        }
        path
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.file(name)).unwrap();
    }
}

/// An uncompressed one-strip TIFF whose directory comes before the pixels.
#[derive(Clone)]
pub(crate) struct RawTiff {
    pub(crate) big_endian: bool,
    pub(crate) size: [u16; 2],
    pub(crate) bits: u16,
    pub(crate) samples: u16,
    pub(crate) photometric: u16,
    /// 1 unsigned, 2 signed, 3 float.
    pub(crate) sample_format: u16,
    pub(crate) planar: bool,
    pub(crate) palette: Vec<u16>,
    /// 1 is upright, 6 a quarter turn clockwise.
    pub(crate) orientation: u16,
    /// Other tags and their values, none to leave one out; they replace those that follow from the
    /// rest.
    pub(crate) tags: Vec<(u16, Vec<u16>)>,
    pub(crate) data: Vec<u8>,
}

impl RawTiff {
    /// 8-bit grey, black is zero.
    pub(crate) fn gray([height, width]: [u16; 2], data: Vec<u8>) -> Self {
        Self {
            big_endian: false,
            size: [height, width],
            bits: 8,
            samples: 1,
            photometric: 1,
            sample_format: 1,
            planar: false,
            palette: Vec::new(),
            orientation: 1,
            tags: Vec::new(),
            data,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self {
            palette,
            data,
            samples,
            ..
        } = self;
        let strips = if self.planar {
            usize::from(*samples)
        } else {
            1
        };
        let strip = (data.len() / strips) as u16;
        let mut tags: Vec<(u16, Vec<u16>)> = vec![
            (256, vec![self.size[1]]),
            (257, vec![self.size[0]]),
            (258, vec![self.bits; usize::from(*samples)]),
            (259, vec![1]),
            (262, vec![self.photometric]),
            (273, vec![0; strips]), // the offsets of the pixels, known below
            (274, vec![self.orientation]),
            (277, vec![*samples]),
            (278, vec![self.size[0]]),
            (279, vec![strip; strips]),
            (284, vec![if self.planar { 2 } else { 1 }]),
            (339, vec![self.sample_format; usize::from(*samples)]),
        ];
        if !palette.is_empty() {
            tags.push((320, palette.clone()));
        }
        for (tag, values) in &self.tags {
            tags.retain(|(known, _)| known != tag);
            if !values.is_empty() {
                tags.push((*tag, values.clone()));
            }
        }
        tags.sort_unstable();
        let directory_end = 8 + 2 + 12 * tags.len() + 4;
        let long: usize = tags
            .iter()
            .map(|(_, v)| if v.len() > 2 { 2 * v.len() } else { 0 })
            .sum();
        let pixels = directory_end + long;

        let mut head = if self.big_endian {
            b"MM".to_vec()
        } else {
            b"II".to_vec()
        };
        let mut tail = Vec::new();
        self.u16(&mut head, 42);
        self.u32(&mut head, 8);
        self.u16(&mut head, tags.len() as u16);
        for (tag, values) in tags {
            let values = match tag {
                273 => (0..strips as u16)
                    .map(|i| pixels as u16 + i * strip)
                    .collect(),
                _ => values,
            };
            self.u16(&mut head, tag);
            self.u16(&mut head, 3);
            self.u32(&mut head, values.len() as u32);
            if values.len() > 2 {
                self.u32(&mut head, (directory_end + tail.len()) as u32);
                for &value in &values {
                    self.u16(&mut tail, value);
                }
            } else {
                self.u16(&mut head, values[0]);
                self.u16(&mut head, values.get(1).copied().unwrap_or(0));
            }
        }
        self.u32(&mut head, 0);
        [head, tail, data.clone()].concat()
    }

    fn u16(&self, bytes: &mut Vec<u8>, value: u16) {
        bytes.extend(if self.big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        });
    }

    fn u32(&self, bytes: &mut Vec<u8>, value: u32) {
        bytes.extend(if self.big_endian {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        });
    }
}

/// A PNG of zeros whose header claims a size; only the header is sound.
pub(crate) fn png_claiming(width: u32, height: u32) -> Vec<u8> {
    png_of([width, height], 8, &[], &[])
}

/// A grey PNG of `bits` bits a sample, with `chunks` before its pixels.
pub(crate) fn png([width, height]: [u32; 2], bits: u8, samples: &[u8], chunks: &[u8]) -> Vec<u8> {
    let row = samples.len() / height as usize;
    let rows: Vec<u8> = samples
        .chunks_exact(row)
        .flat_map(|row| [&[0][..], row].concat())
        .collect();
    png_of([width, height], bits, &stored(&rows), chunks)
}

fn png_of([width, height]: [u32; 2], bits: u8, pixels: &[u8], chunks: &[u8]) -> Vec<u8> {
    let sizes = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &[&sizes[..], &[bits, 0, 0, 0, 0]].concat()),
        chunks.to_vec(),
        chunk(*b"IDAT", pixels),
        chunk(*b"IEND", &[]),
    ]
    .concat()
}

/// A chunk of a PNG.
pub(crate) fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let checked = [&kind[..], data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], &checked, &crc32(&checked).to_be_bytes()].concat()
}

/// A zlib stream that holds `data` as it is.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = data.len() as u16;
    let (mut a, mut b) = (1_u32, 0_u32);
    for &byte in data {
        a = (a + u32::from(byte)) % 65521;
        b = (b + a) % 65521;
    }
    [
        &[0x78, 0x01, 0x01][..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        data,
        &((b << 16) | a).to_be_bytes(),
    ]
    .concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}
