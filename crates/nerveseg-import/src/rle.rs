//! Run lengths as COCO has them: columns first, background first.

use ndarray::ArrayView2;
use nerveseg_data::Mask;

/// Paints run lengths into a mask of `[height, width]`.
pub(crate) fn decode(counts: &[u64], [height, width]: [u32; 2]) -> Result<Mask, String> {
    let (height, width) = (height as usize, width as usize);
    let pixels = (height * width) as u64;
    let total = counts
        .iter()
        .try_fold(0_u64, |sum, &count| sum.checked_add(count));
    if total != Some(pixels) {
        return Err(format!(
            "run lengths do not add up to the {pixels} pixels of {width}x{height}"
        ));
    }
    let mut mask = Mask::default((height, width));
    let (mut at, mut inside) = (0_usize, false);
    for &count in counts {
        let end = at + count as usize;
        if inside {
            for pixel in at..end {
                mask[[pixel % height, pixel / height]] = true;
            }
        }
        (at, inside) = (end, !inside);
    }
    Ok(mask)
}

/// Run lengths of a mask.
pub(crate) fn encode(mask: ArrayView2<'_, bool>) -> Vec<u64> {
    let mut counts = vec![0];
    let mut inside = false;
    for &set in mask.t() {
        if set != inside {
            counts.push(0);
            inside = set;
        }
        *counts.last_mut().expect("there is one count at least") += 1;
    }
    counts
}

/// The counts in COCO's compressed text: groups of five bits from `0` on, lowest first, and from
/// the third count on the difference to the last but one.
pub(crate) fn decompress(text: &str) -> Result<Vec<u64>, String> {
    let broken = || "compressed run lengths are damaged".to_owned();
    let mut counts: Vec<i64> = Vec::new();
    let mut bytes = text.bytes().peekable();
    while bytes.peek().is_some() {
        let (mut value, mut shift) = (0_i64, 0);
        loop {
            let byte = bytes.next().ok_or_else(broken)?;
            let group = i64::from(
                byte.checked_sub(48)
                    .filter(|it| *it < 64)
                    .ok_or_else(broken)?,
            );
            value |= (group & 31) << shift;
            shift += 5;
            if group & 32 == 0 {
                if group & 16 != 0 {
                    value |= -1 << shift;
                }
                break;
            }
            if shift > 40 {
                return Err(broken());
            }
        }
        if counts.len() > 2 {
            value += counts[counts.len() - 2];
        }
        counts.push(value);
    }
    let counts = counts.into_iter().map(u64::try_from);
    counts.collect::<Result<_, _>>().map_err(|_| broken())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn runs_go_down_the_columns() {
        let mask = array![[false, true, false], [true, true, false]];

        assert_eq!(encode(mask.view()), [1, 3, 2]);
        assert_eq!(decode(&[1, 3, 2], [2, 3]), Ok(mask));
        assert!(decode(&[1, 3], [2, 3]).is_err());
    }

    /// pycocotools 2.0.11: `encode` of a 5×7 mask with rows 1..3 and columns 2..6 set, of a 9×11
    /// one with lines across, and of a 400×300 one with two columns.
    #[test]
    fn compressed_text_is_that_of_pycocotools() {
        let mask = Mask::from_shape_fn((5, 7), |(y, x)| (1..3).contains(&y) && (2..6).contains(&x));

        assert_eq!(encode(mask.view()), [11, 2, 3, 2, 3, 2, 3, 2, 7]);
        assert_eq!(
            decompress(";23000004").unwrap(),
            [11, 2, 3, 2, 3, 2, 3, 2, 7]
        );
        let across = "31800000M1LO700000J21NO21N50M";
        let counts = [
            3, 1, 8, 1, 8, 1, 8, 1, 5, 2, 1, 1, 8, 1, 8, 1, 8, 1, 2, 3, 3, 1, 2, 3, 3, 1, 8, 1, 5,
        ];
        assert_eq!(decompress(across).unwrap(), counts);
        let long = [20_100, 200, 3_705, 390, 95_605];
        assert_eq!(decompress("Tdc0X6ic3n5lgi2").unwrap(), long);
        assert!(decompress("\u{7f}").is_err());
        assert!(decompress("P").is_err());
    }
}
