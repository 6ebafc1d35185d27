//! Odd requests that were answered wrongly without a word: a row for each, grown with every report.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use image::ImageFormat;
use nerveseg_data::format_names;
use nerveseg_model::overlay::{PREDICTION, Paint, captioned, overlay};
use nerveseg_web::Settings;
use serde_json::{Value, json};

use crate::support::{Answer, bundled, decode, encode, nerve, post, serve, serve_with};

const PATH: &str = "/api/v1/segment";
const INFER: &str = "/v2/models/brachial-plexus/infer";
const FORM: (&str, &str) = ("Content-Type", "multipart/form-data; boundary=b");

fn png() -> Vec<u8> {
    encode(nerve(), ImageFormat::Png)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A form of fields: what stands after `form-data`, and the content.
fn form(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, content) in fields {
        body.extend(format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    body
}

/// Bytes with a magic number somewhere behind zeros, as formats with a header have it.
fn behind(offset: usize, magic: &[u8]) -> Vec<u8> {
    [&vec![0; offset], magic, &[0; 64]].concat()
}

#[track_caller]
fn check(name: &str, answer: &Answer, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{name}");
    if status >= 400 {
        let problem = answer.problem();
        assert!(problem.contains(words), "{name}: {problem}");
    } else {
        assert_eq!(answer.header("content-type"), Some(words), "{name}");
    }
}

#[test]
fn forms_with_more_than_one_file_are_refused() {
    let server = serve();
    let png = png();
    let image = ("name=\"image\"; filename=\"a.png\"", &png[..]);
    let bare = ("name=\"image\"", &png[..]);
    let other = ("name=\"second\"; filename=\"b.png\"", &png[..]);
    let note = ("name=\"note\"", &b"hello"[..]);
    let not_chosen = ("name=\"second\"; filename=\"\"", &b""[..]);
    let json = "application/json";
    for (name, fields, status, words) in [
        ("one", &[image][..], 200, json),
        ("a note", &[note, image, note], 200, json),
        ("a chooser left empty", &[image, not_chosen], 200, json),
        (
            "two images",
            &[image, image],
            400,
            "more than one field `image`",
        ),
        (
            "one without a name",
            &[image, bare],
            400,
            "more than one field `image`",
        ),
        (
            "an empty one first",
            &[("name=\"image\"", b""), image],
            400,
            "more than one field",
        ),
        (
            "another file behind",
            &[image, other],
            400,
            "another file in its field `second`",
        ),
        (
            "another file before",
            &[other, image],
            400,
            "another file in its field `second`",
        ),
        ("another file alone", &[other], 400, "no field `image`"),
    ] {
        let answer = post(server.address, PATH, &[FORM], &form(fields));

        check(name, &answer, status, words);
    }
    let whole = form(&[image]);
    let cut = post(server.address, PATH, &[FORM], &whole[..whole.len() - 6]);
    check("an end that is missing", &cut, 400, "malformed");
}

#[test]
fn encoded_bodies_are_undone_within_the_limits_or_named() {
    let server = serve_with(Settings {
        max_upload_mib: 1,
        ..Settings::default()
    });
    let json = "application/json";
    let png = png();
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    let cut = &gzip(&png)[..200];
    let twice = gzip(&gzip(&png));
    let members = [gzip(&png[..100]), gzip(&png[100..])].concat();
    for (name, encoding, body, status, words) in [
        ("gzip", "gzip", &gzip(&png)[..], 200, json),
        ("its old name", "X-GZip", &gzip(&png), 200, json),
        ("in members", "gzip", &members, 200, json),
        ("none", "identity", &png, 200, json),
        ("gzip of nothing", "gzip", &gzip(b""), 400, "no image"),
        ("a bomb", "gzip", &bomb, 413, "larger than 1 MiB"),
        ("cut off", "gzip", cut, 400, "not the gzip"),
        ("not gzip", "gzip", &png, 400, "not the gzip"),
        (
            "with more behind",
            "gzip",
            &[gzip(&png), b"more".to_vec()].concat(),
            400,
            "not the gzip",
        ),
        ("gzip in gzip", "gzip", &twice, 415, "is a gzip file"),
        ("br", "br", &png, 415, "encoding `br`; expected `gzip`"),
        ("deflate", "deflate", &png, 415, "encoding `deflate`"),
        ("zstd", "zstd", &png, 415, "encoding `zstd`"),
        ("two", "gzip, br", &png, 415, "encoding `gzip, br`"),
    ] {
        let answer = post(
            server.address,
            PATH,
            &[("Content-Encoding", encoding)],
            body,
        );

        check(name, &answer, status, words);
    }
    let packed = gzip(&form(&[("name=\"image\"", &png)]));
    let answer = post(
        server.address,
        PATH,
        &[FORM, ("Content-Encoding", "gzip")],
        &packed,
    );
    check("a form", &answer, 200, json);
    let body = gzip(&serde_json::to_vec(&tensor(&json!([1, 2, 3, 4, 5, 6]))).unwrap());
    let answer = post(
        server.address,
        INFER,
        &[("Content-Encoding", "gzip")],
        &body,
    );
    check("tensors", &answer, 200, json);
}

#[test]
fn what_people_send_instead_of_a_frame_is_named() {
    let server = serve();
    let iso = |brand: &[u8]| [b"\0\0\0\x18ftyp", brand, &[0; 64]].concat();
    for (kind, bytes) in [
        ("a gzip file", gzip(&png())),
        ("a zip archive", behind(0, b"PK\x03\x04")),
        ("a 7z archive", behind(0, b"7z\xbc\xaf\x27\x1c")),
        ("a RAR archive", behind(0, b"Rar!\x1a\x07\0")),
        ("a tar archive", behind(257, b"ustar")),
        ("a Zstandard file", behind(0, b"\x28\xb5\x2f\xfd")),
        ("a PDF", b"%PDF-1.7\n".to_vec()),
        ("a GIF", behind(0, b"GIF89a")),
        ("a WebP image", b"RIFF\x10\0\0\0WEBPVP8 ".to_vec()),
        ("an AVI video", b"RIFF\x10\0\0\0AVI LIST".to_vec()),
        ("an MP4 or QuickTime video", iso(b"isom")),
        ("an MP4 or QuickTime video", iso(b"qt  ")),
        ("a HEIC or AVIF image", iso(b"heic")),
        ("a Matroska or WebM video", behind(0, b"\x1a\x45\xdf\xa3")),
        ("a JPEG 2000 image", behind(0, b"\0\0\0\x0cjP  \r\n\x87\n")),
        ("a NIfTI volume", behind(344, b"n+1\0")),
        ("an NRRD volume", b"NRRD0004\n# made by\n".to_vec()),
        ("a MetaImage", b"ObjectType = Image\n".to_vec()),
        ("a NumPy array", behind(0, b"\x93NUMPY\x01\0")),
        ("an HDF5 file", behind(0, b"\x89HDF\r\n\x1a\n")),
        ("an SVG drawing", b"<svg xmlns='x'/>".to_vec()),
        ("an HTML page", b"\xef\xbb\xbf <!DOCTYPE html><p>".to_vec()),
        ("XML", b"<?xml version='1.0'?><a/>".to_vec()),
        ("JSON", b"{\"image\": \"aGVsbG8=\"}".to_vec()),
        ("text", b"data:image/png;base64,iVBORw0KGgo=".to_vec()),
    ] {
        let answer = server.post(PATH, &bytes);

        let words = format!("The upload is {kind}, not a {} image.", format_names());
        check(kind, &answer, 415, &words);
    }
    check(
        "anything",
        &server.post(PATH, &[7; 99]),
        415,
        "is not a PNG",
    );
}

#[test]
fn a_quality_of_nothing_is_a_refusal() {
    let server = serve();
    let (json, picture) = ("application/json", "image/png");
    for (accept, status, words) in [
        ("image/png;q=0", 200, json),
        ("image/png; q=0.0, */*", 200, json),
        ("application/json;q=0, image/png", 200, picture),
        ("application/json;q=0, */*", 200, picture),
        ("*/*;q=0, image/png", 200, picture),
        ("application/json;q=0", 406, "accepts neither"),
        ("*/*;q=0", 406, "accepts neither"),
        ("image/*;q=0, application/*;q=0", 406, "accepts neither"),
    ] {
        let answer = post(server.address, PATH, &[("Accept", accept)], &png());

        check(accept, &answer, status, words);
    }
}

#[test]
fn an_overlay_has_its_caveat_drawn_below_it() {
    let server = serve();
    let accept = [("Accept", "image/png")];
    let path = format!("{PATH}?view=overlay");
    let found = bundled().segment(nerve()).unwrap();
    let paint = Paint {
        colour: PREDICTION,
        fill: 0.3,
    };
    let painted = overlay(nerve(), &[(found.mask.view(), paint)]);

    let answer = post(server.address, &path, &accept, &png());

    let expected = captioned(&painted, &found);
    assert_eq!(decode(&answer.body).into_rgb8(), expected);
}

#[test]
fn a_picture_says_what_it_shows() {
    let server = serve();
    let flat = encode(
        &image::GrayImage::from_pixel(64, 48, image::Luma([90])),
        ImageFormat::Png,
    );
    for (name, upload) in [("a nerve", png()), ("no ultrasound", flat)] {
        let json = server.post(PATH, &upload).json();
        for view in ["mask", "overlay", "probabilities"] {
            let path = format!("{PATH}?view={view}");

            let answer = post(server.address, &path, &[("Accept", "image/png")], &upload);

            let reader = png::Decoder::new(std::io::Cursor::new(&answer.body)).read_info();
            let texts = reader.unwrap().info().utf8_text.clone();
            let text = |keyword: &str| {
                let chunk = texts.iter().find(|chunk| chunk.keyword == keyword);
                chunk.map(|chunk| chunk.get_text().unwrap())
            };
            let model = format!(
                "brachial-plexus {} sha256:{}",
                json["model"]["version"].as_str().unwrap(),
                bundled().manifest().sha256
            );
            let presence = format!("{:.4}", json["presence"].as_f64().unwrap());
            for (header, keyword, expected) in [
                ("x-nerveseg-state", "nerveseg state", json["state"].as_str()),
                ("x-nerveseg-presence", "nerveseg presence", Some(&*presence)),
                (
                    "x-nerveseg-objection",
                    "Warning",
                    json["objection"].as_str(),
                ),
                ("x-nerveseg-model", "nerveseg model", Some(&*model)),
                (
                    "x-nerveseg-intended-use",
                    "Disclaimer",
                    json["intended_use"].as_str(),
                ),
            ] {
                assert_eq!(answer.header(header), expected, "{name}, {view}");
                assert_eq!(text(keyword).as_deref(), expected, "{name}, {view}");
            }
        }
        assert_eq!(json["objection"].is_null(), name == "a nerve");
    }
}

fn tensor(data: &Value) -> Value {
    let input = json!({"name": "image", "datatype": "UINT8", "shape": [2, 3], "data": data});
    json!({"inputs": [input]})
}

#[test]
fn tensors_that_contradict_their_shape_are_refused() {
    let server = serve();
    let json = "application/json";
    for (data, status, words) in [
        (json!([1, 2, 3, 4, 5, 6]), 200, json),
        (json!([[1, 2, 3], [4, 5, 6]]), 200, json),
        (
            json!([[1, 2], [3, 4], [5, 6]]),
            400,
            "nested as [3, 2]; expected the shape [2, 3]",
        ),
        (
            json!([[1], [2], [3], [4], [5], [6]]),
            400,
            "nested as [6, 1]",
        ),
        (json!([[[1, 2, 3], [4, 5, 6]]]), 400, "nested as [1, 2, 3]"),
        (json!([[1, 2, 3, 4, 5, 6]]), 400, "nested as [1, 6]"),
        (
            json!([[1, 2, 3, 4], [5, 6]]),
            400,
            "differ in length or depth",
        ),
        (
            json!([[1, 2, 3], 4, 5, 6]),
            400,
            "differ in length or depth",
        ),
        (json!([1, 2, 3, 4, 5]), 400, "5 values; expected 6"),
        (json!([1, 2, 3, 4, 5, 6, 7]), 400, "7 values; expected 6"),
        (json!([]), 400, "0 values; expected 6"),
        (
            json!([1, 2, 3, 4, 5, 256]),
            400,
            "expected numbers from 0 to 255",
        ),
        (
            json!([1, 2, 3, 4, 5, 6.5]),
            400,
            "expected numbers from 0 to 255",
        ),
        (json!(7), 400, "expected numbers from 0 to 255, in arrays"),
    ] {
        let body = serde_json::to_vec(&tensor(&data)).unwrap();

        check(&data.to_string(), &server.post(INFER, &body), status, words);
    }
    for datatype in ["FP32", "INT8", "uint8", ""] {
        let mut request = tensor(&json!([1, 2, 3, 4, 5, 6]));
        request["inputs"][0]["datatype"] = json!(datatype);
        let answer = server.post(INFER, &serde_json::to_vec(&request).unwrap());

        check(datatype, &answer, 400, "expected `image` of UINT8");
    }
    let body = serde_json::to_vec(&tensor(&json!([1, 2, 3, 4, 5, 6]))).unwrap();
    let length = body.len().to_string();
    let header = [("Inference-Header-Content-Length", &*length)];
    let answer = post(
        server.address,
        INFER,
        &header,
        &[&body, &b"tail"[..]].concat(),
    );
    check(
        "bytes behind numbers",
        &answer,
        400,
        "4 bytes follow the JSON",
    );
}

#[test]
fn only_segmentation_spends_the_rate_limit() {
    let server = serve_with(Settings {
        rate_limit: 4,
        ..Settings::default()
    });
    let png = png();
    for _ in 0..3 {
        for path in [
            "/",
            "/model",
            "/api",
            "/health/live",
            "/health/ready",
            "/metrics",
            "/v2",
        ] {
            assert_eq!(server.get(path).status, 200, "{path}");
        }
        assert_eq!(server.get(PATH).status, 405);
    }

    let form = form(&[("name=\"image\"", &png)]);
    let tensors = serde_json::to_vec(&tensor(&json!([1, 2, 3, 4, 5, 6]))).unwrap();
    let spent = [
        server.post(PATH, &png),
        server.post(INFER, &tensors),
        post(server.address, "/", &[FORM], &form),
        server.get("/?sample=phantom-nerve.png"),
    ];

    assert_eq!(spent.map(|answer| answer.status), [200; 4]);
    for refused in [
        server.post(PATH, &png),
        server.get("/?sample=phantom-nerve.png"),
    ] {
        assert_eq!(refused.status, 429);
    }
    assert_eq!(server.get("/").status, 200);
}
