//! Tables, run lengths, splits and models.

use std::error::Error;

use nerveseg_model::{
    Fit, Manifest, Normalisation, Postprocess, Preprocess, Provenance, UNetConfig, artifact,
};

pub(crate) fn runs() -> Vec<Vec<u8>> {
    [
        "",
        "1 1",
        "1 3 10 5",
        "1 377",
        "5 2 7 1",
        " 1  2\t",
        "377 1",
        "18446744073709551615 2",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

pub(crate) fn mask_tables() -> Vec<Vec<u8>> {
    [
        "subject,img,pixels\n1,1,1 3 10 5\n2,1,\n",
        "subject,img,pixels\r\n1,1,\"1 3\"\r\n1,1,\r\n",
        "subject;img;pixels\n1;1;1 3\n",
        "\u{feff}subject,img,pixels\n1,1,9999 1\n3,1,\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

pub(crate) fn splits() -> Vec<Vec<u8>> {
    let head = r#"{"format_version":1,"seed":7,"fingerprint":null"#;
    let folds = r#"{"train":[1,2],"validation":[3],"test":[4]}"#;
    vec![
        format!(r#"{head},"kind":"holdout","folds":[{folds}]}}"#).into_bytes(),
        format!(r#"{head},"kind":"k_fold","folds":[{folds},{folds}]}}"#).into_bytes(),
    ]
}

pub(crate) fn annotations() -> Vec<Vec<u8>> {
    let image = r#""images":[{"id":1,"file_name":"p01_001.png","width":29,"height":13}]"#;
    let coco = |shape: &str| {
        format!(
            r#"c{{{image},"categories":[{{"id":2,"name":"nerve"}}],"annotations":[{{"id":3,"image_id":1,"category_id":2,"segmentation":{shape}}}]}}"#
        )
    };
    [
        coco("[[2,2,20.5,2,20,9,2,9]]"),
        coco(r#"{"size":[13,29],"counts":[30,5,8,5,329]}"#),
        coco(r#"{"size":[13,29],"counts":"n05803>"}"#),
        concat!(
            r#"v<annotations><image id="0" name="p01_001.png" width="29" height="13">"#,
            r#"<polygon label="nerve" points="2,2;20.5,2;20,9"/>"#,
            r#"<mask label="nerve" rle="3,2" left="1" top="2" width="5" height="1"/>"#,
            r#"<ellipse label="nerve" cx="9" cy="5" rx="4" ry="2"/>"#,
            r#"<box label="nerve" xtl="1" ytl="1" xbr="9" ybr="7"/></image></annotations>"#
        )
        .to_owned(),
        concat!(
            r#"l{"imagePath":"p01_001.png","imageHeight":13,"imageWidth":29,"patient":"7","#,
            r#""shapes":[{"label":"nerve","points":[[2,2],[20.5,2],[20,9]],"shape_type":"polygon"},"#,
            r#"{"label":"nerve","points":[[9,5],[12,5]],"shape_type":"circle"}]}"#
        )
        .to_owned(),
        r#"n{"labels":{"background":0,"nerve":1},"file_ending":".png"}"#.to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

pub(crate) fn artifacts() -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let unet = UNetConfig {
        features: vec![2, 3],
        ..UNetConfig::small()
    };
    let preprocess = Preprocess {
        height: 8,
        width: 8,
        fit: Fit::Stretch,
        normalisation: Normalisation::PerImage,
    };
    let tensors = unet.initial_tensors(1)?;
    let manifest = Manifest::new(
        unet,
        preprocess,
        Postprocess::default(),
        Provenance::default(),
    );
    let whole = artifact::encode(&tensors, &manifest);
    // 8 bytes of length, the header, the weights
    let (_, metadata) = artifact::decode_tensors(&whole, "seed")?;
    Ok(vec![metadata["nerveseg"].clone().into_bytes(), whole])
}
