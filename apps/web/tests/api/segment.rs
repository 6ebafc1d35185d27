//! `POST /api/v1/segment`.

use image::ImageFormat;
use nerveseg_data::RunLengths;
use nerveseg_model::Postprocess;

use crate::support::{bundled, decode, encode, form, nerve, other_nerve, post, serve};

const PATH: &str = "/api/v1/segment";

#[test]
fn the_answer_is_what_the_segmenter_says() {
    let server = serve();
    for image in [nerve(), other_nerve()] {
        let expected = bundled().segment(image).unwrap();

        let answer = server.post(PATH, &encode(image, ImageFormat::Png));

        assert_eq!(answer.status, 200);
        let json = answer.json();
        assert_eq!(
            (json["width"].as_u64(), json["height"].as_u64()),
            (Some(293), Some(211))
        );
        assert_eq!(
            (json["frame"].as_u64(), json["frames"].as_u64()),
            (Some(0), Some(1))
        );
        assert_eq!(json["area_px"], expected.area_px);
        // 1e-6: sums may run in another order in a larger batch
        let presence = json["presence"].as_f64().unwrap();
        assert!((presence - f64::from(expected.presence)).abs() < 1e-6);
        let state = serde_json::to_value(expected.presence_state).unwrap();
        assert_eq!(json["state"], state);
        assert_eq!(json["is_ultrasound"], expected.is_ultrasound());
        let runs: RunLengths = json["rle"]["pixels"].as_str().unwrap().parse().unwrap();
        assert_eq!(runs.to_mask([211, 293]).unwrap(), expected.mask);
        assert_eq!(json["model"]["sha256"], bundled().manifest().sha256);
        assert_eq!(
            json["intended_use"],
            "research use only, not for clinical use"
        );
        assert_eq!(json["area_mm2"], serde_json::Value::Null);
        assert!(json.get("image_png").is_none());
    }
}

#[test]
fn polygons_and_box_go_around_the_mask() {
    let server = serve();

    // a threshold of 0 makes everything nerve, whatever the model
    let json = server
        .post(
            &format!("{PATH}?threshold=0"),
            &encode(nerve(), ImageFormat::Png),
        )
        .json();

    if json["state"] == "no_nerve" {
        assert_eq!(json["polygons"], serde_json::json!([]));
        assert_eq!(json["bbox"], serde_json::Value::Null);
    } else {
        assert_eq!(json["area_px"], 293 * 211);
        assert_eq!(json["polygons"].as_array().unwrap().len(), 1);
        assert_eq!(
            json["bbox"],
            serde_json::json!({"x": 0, "y": 0, "width": 293, "height": 211})
        );
    }
}

#[test]
fn the_threshold_of_the_query_cuts_the_mask() {
    let server = serve();
    let png = encode(nerve(), ImageFormat::Png);
    for threshold in [0.2_f32, 0.8] {
        let postprocess = Postprocess {
            threshold,
            ..bundled().manifest().postprocess.clone()
        };
        let expected = bundled().clone().with_postprocess(postprocess).unwrap();
        let expected = expected.segment(nerve()).unwrap();

        let json = server
            .post(&format!("{PATH}?threshold={threshold}"), &png)
            .json();

        assert_eq!(json["area_px"], expected.area_px);
        assert!((json["threshold"].as_f64().unwrap() - f64::from(threshold)).abs() < 1e-6);
    }
}

#[test]
fn a_form_and_a_raw_body_are_the_same() {
    let server = serve();
    let png = encode(nerve(), ImageFormat::Png);
    let (header, body) = form("image", "frame.png", &png);

    let formed = post(server.address, PATH, &[header], &body).json();
    let raw = server.post(PATH, &png).json();

    assert_eq!(formed["rle"], raw["rle"]);
    assert_eq!(formed["presence"], raw["presence"]);
}

#[test]
fn a_form_may_hold_other_fields() {
    let server = serve();
    let png = encode(nerve(), ImageFormat::Png);
    let (header, image) = form("image", "frame.png", &png);
    let note = b"--frontier\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n";

    let answer = post(
        server.address,
        PATH,
        &[header],
        &[note, &image[..]].concat(),
    );

    assert_eq!(answer.status, 200);
}

#[test]
fn pictures_come_along_when_asked_for() {
    let server = serve();
    let expected = bundled().segment(nerve()).unwrap();

    let path = format!("{PATH}?include=image,probabilities");
    let json = server
        .post(&path, &encode(nerve(), ImageFormat::Png))
        .json();

    let picture = |name: &str| {
        let base64 = json[name].as_str().unwrap();
        let engine = base64::engine::general_purpose::STANDARD;
        decode(&base64::Engine::decode(&engine, base64).unwrap()).into_luma8()
    };
    assert_eq!(&picture("image_png"), nerve());
    let probabilities = picture("probabilities_png");
    let expected = expected.probability_image();
    let differ = probabilities
        .pixels()
        .zip(expected.pixels())
        .filter(|(a, b)| a.0[0].abs_diff(b.0[0]) > 1);
    assert_eq!(differ.count(), 0);
}

#[test]
fn a_png_is_sent_to_those_who_prefer_one() {
    let server = serve();
    let png = encode(nerve(), ImageFormat::Png);
    let ask = |accept: &str, view: &str| {
        let path = format!("{PATH}{view}");
        post(server.address, &path, &[("Accept", accept)], &png)
    };

    for accept in ["image/png", "application/json;q=0.5, image/*"] {
        let answer = ask(accept, "");
        assert_eq!(answer.header("content-type"), Some("image/png"));
        let mask = bundled().segment(nerve()).unwrap().mask_image();
        assert_eq!(decode(&answer.body).into_luma8(), mask);
    }
    let overlay = decode(&ask("image/png", "?view=overlay").body);
    assert_eq!(overlay.color(), image::ColorType::Rgb8);
    // below it stands what was found and what the picture is not for
    assert_eq!(overlay.width(), 293);
    assert!(overlay.height() > 211);
    let probabilities = decode(&ask("image/png", "?view=probabilities").body);
    assert_eq!(probabilities.color(), image::ColorType::L8);
    for accept in [
        "*/*",
        "application/json",
        "image/png;q=0.1, application/json",
    ] {
        let answer = ask(accept, "");
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

#[test]
fn a_query_that_makes_no_sense_is_refused() {
    let server = serve();
    let png = encode(nerve(), ImageFormat::Png);
    for query in [
        "threshold=1.5",
        "threshold=NaN",
        "threshold=half",
        "frame=-1",
        "include=video",
        "include=",
        "view=side",
        "cutoff=0.5",
    ] {
        let answer = server.post(&format!("{PATH}?{query}"), &png);

        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.problem().ends_with('.'), "{query}");
    }
}

#[test]
fn no_image_is_a_bad_request() {
    let server = serve();
    let (header, empty) = form("image", "", &[]);
    let (_, other) = form("picture", "frame.png", b"x");
    let cut = &other[..other.len() - 20];

    for (headers, body, expected) in [
        (&[][..], &[][..], "There is no image in it."),
        (&[header], &empty, "There is no image in it."),
        (&[header], &other, "The form has no field `image`."),
        (&[header], cut, "The form is malformed."),
    ] {
        let answer = post(server.address, PATH, headers, body);

        assert_eq!(answer.status, 400, "{expected}");
        assert_eq!(answer.problem(), expected);
    }
}

#[test]
fn timings_add_up() {
    let server = serve();

    let json = server.post(PATH, &encode(nerve(), ImageFormat::Png)).json();

    let time = |name: &str| json["timings_ms"][name].as_f64().unwrap();
    assert!(time("network") > 0.0 && time("decode") > 0.0);
    assert!(time("decode") + time("queue") + time("network") <= time("total"));
}

#[test]
fn the_model_says_what_it_is() {
    let server = serve();

    let json = server.get("/api/v1/model").json();

    let manifest = bundled().manifest();
    assert_eq!(json["name"], "brachial-plexus");
    assert_eq!(json["sha256"], manifest.sha256);
    let postprocess: Postprocess = serde_json::from_value(json["postprocess"].clone()).unwrap();
    assert_eq!(postprocess, manifest.postprocess);
    assert_eq!(json["parameters"], bundled().parameter_counts().total);
}
