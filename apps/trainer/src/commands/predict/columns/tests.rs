//! Whole rows, and the list in the docs.

use super::*;

fn row() -> Row {
    Row {
        image: "frames, \"old\"/x.png".to_owned(),
        frame: 1,
        frames: 2,
        width: 23,
        height: 17,
        presence: 0.123_456_7,
        state: PresenceState::Unsure,
        objection: Some("it has colours".to_owned()),
        nerve_found: false,
        area_px: 3,
        area_mm2: Some(0.75),
        components: 2,
        centroid: Some([2.5, 1.0]),
        rle: "20 2 146 1".to_owned(),
        mask: "out/x.nerve-mask.png".to_owned(),
        overlay: "out/x.nerve-overlay.png".to_owned(),
        model: "abc".to_owned(),
        name: "x.png".to_owned(),
        sha256: Some("def".to_owned()),
        region: 1,
        regions: 2,
    }
}

fn empty() -> Row {
    Row {
        objection: None,
        area_px: 0,
        area_mm2: None,
        components: 0,
        centroid: None,
        rle: String::new(),
        sha256: None,
        ..row()
    }
}

#[test]
fn a_row_of_csv_stays_as_programs_know_it() {
    assert_eq!(
        header().unwrap(),
        "image,width,height,presence,nerve_found,area_px,area_mm2,components,centroid_row,\
         centroid_column,mask,overlay,state,objection,frame,frames,region,regions,model,error\n"
    );
    assert_eq!(
        row().csv().unwrap(),
        "\"frames, \"\"old\"\"/x.png\",23,17,0.1235,false,3,0.75,2,2.5,1.0,out/x.nerve-mask.png,\
         out/x.nerve-overlay.png,unsure,it has colours,1,2,1,2,abc,\n"
    );
}

#[test]
fn a_row_of_json_stays_as_programs_know_it() {
    assert_eq!(
        row().json().unwrap(),
        "{\"image\":\"frames, \\\"old\\\"/x.png\",\"frame\":1,\"frames\":2,\"width\":23,\
         \"height\":17,\"presence\":0.1234567,\"state\":\"unsure\",\
         \"objection\":\"it has colours\",\"nerve_found\":false,\"area_px\":3,\"area_mm2\":0.75,\
         \"components\":2,\"centroid\":[2.5,1.0],\"rle\":\"20 2 146 1\",\
         \"mask\":\"out/x.nerve-mask.png\",\"overlay\":\"out/x.nerve-overlay.png\",\
         \"region\":1,\"regions\":2,\"model\":\"abc\",\"name\":\"x.png\",\"sha256\":\"def\"}"
    );
}

#[test]
fn a_row_is_read_back_from_its_json() {
    for row in [row(), empty()] {
        let again: Row = serde_json::from_str(&row.json().unwrap()).unwrap();

        assert_eq!(again, row);
    }
}

#[test]
fn an_empty_mask_has_no_middle() {
    assert_eq!(
        empty().csv().unwrap(),
        "\"frames, \"\"old\"\"/x.png\",23,17,0.1235,false,0,,0,,,out/x.nerve-mask.png,\
         out/x.nerve-overlay.png,unsure,,1,2,1,2,abc,\n"
    );
    let json = empty().json().unwrap();
    for part in ["\"objection\":null", "\"centroid\":null", "\"rle\":\"\""] {
        assert!(json.contains(part), "{part} in {json}");
    }
}

#[test]
fn a_failure_has_a_line_that_says_why() {
    let failure = Failure {
        image: "x.dcm".to_owned(),
        frame: 3,
        error: "there is none".to_owned(),
    };

    assert_eq!(
        failure.csv().unwrap(),
        "x.dcm,,,,,,,,,,,,,,3,,,,,there is none\n"
    );
}

/// The list in the docs is this table.
#[test]
fn the_docs_list_every_column() {
    let mut list = "| name | written to | what it says |\n| --- | --- | --- |\n".to_owned();
    let mut listed = std::collections::BTreeSet::new();
    for column in &COLUMNS {
        let is_same = |other: &&Column| other.name == column.name;
        let is_in_both = COLUMNS.iter().filter(is_same).count() == 2;
        let output = match column.output {
            _ if is_in_both => "CSV, JSON",
            Both => "CSV, JSON",
            Csv => "CSV",
            Json => "JSON",
        };
        if listed.insert(column.name) {
            list += &format!(
                "| `{}` | {output} | {} |\n",
                column.name, column.description
            );
        }
    }
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/predict.md");

    let text = std::fs::read_to_string(page).unwrap();

    assert!(
        text.contains(&list),
        "docs/predict.md needs this table:\n{list}"
    );
}
