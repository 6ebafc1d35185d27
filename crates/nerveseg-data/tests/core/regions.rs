//! Screens with several views of tissue in a dataset.

use nerveseg_data::audit::{AuditOptions, FindingKind, audit};
use nerveseg_data::{DataError, Dataset, Pick, Reader};

use crate::dicom_file::{dicom, element, long_element, us};
use crate::util::{Folder, mask_image, texture};

const SIDE: u32 = 100;

/// A DICOM of so many views beside each other, without a preamble.
fn views(count: u32) -> Vec<u8> {
    let us = |tag, value: u32| us(tag, value as u16);
    let ul = |tag, value: u32| element(tag, "UL", &value.to_le_bytes());
    let region = |left: u32| {
        let content = [
            us([0x0018, 0x6012], 1),
            us([0x0018, 0x6014], 1),
            ul([0x0018, 0x6018], left),
            ul([0x0018, 0x601a], 0),
            ul([0x0018, 0x601c], left + SIDE - 1),
            ul([0x0018, 0x601e], SIDE - 1),
        ]
        .concat();
        let length = (content.len() as u32).to_le_bytes();
        [&[0xfe, 0xff, 0x00, 0xe0][..], &length, &content].concat()
    };
    let regions: Vec<u8> = (0..count).flat_map(|at| region(at * SIDE)).collect();
    let pixels = texture(count * SIDE, SIDE);
    let regions = long_element([0x0018, 0x6011], "SQ", &regions);
    dicom([SIDE, count * SIDE], 8, &regions, pixels.as_raw())
}

#[test]
fn several_views_are_a_finding_and_the_dataset_remembers_them() {
    for count in [1, 2] {
        let folder = Folder::new();
        folder.write("1_1.dcm", views(count));
        folder.image("1_1_mask.png", &mask_image(count * SIDE, SIDE));

        let report = audit(folder.path(), &AuditOptions::default(), &|_| {}).unwrap();
        let mut kinds = report.findings.iter().map(|finding| finding.kind);
        assert_eq!(
            kinds.any(|kind| kind == FindingKind::SeveralRegions),
            count == 2
        );

        let dataset = Dataset::open(folder.path()).unwrap();
        assert!(!dataset.has_several_regions(), "nothing was read yet");
        dataset.cases()[0].load().unwrap();
        assert_eq!(dataset.has_several_regions(), count == 2);
    }
}

#[test]
fn a_region_is_picked_by_its_number() {
    let reader = Reader::default();
    for (region, expected) in [(None, 0), (Some(0), 0), (Some(1), 1)] {
        let frame = reader
            .read_bytes(&views(2), "dual", Pick { frame: 0, region })
            .unwrap();
        assert_eq!((frame.region, frame.regions), (expected, 2));
        assert_eq!(frame.shown().origin(), [0, (expected * SIDE) as usize]);
    }
    let region = Some(2);
    let error = reader.read_bytes(&views(2), "dual", Pick { frame: 0, region });
    assert!(
        matches!(
            error,
            Err(DataError::NoSuchRegion {
                region: 2,
                regions: 2,
                ..
            })
        ),
        "{error:?}"
    );
}
