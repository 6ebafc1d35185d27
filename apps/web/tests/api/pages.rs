//! What a browser without JavaScript sees.

use std::collections::BTreeSet;

use image::ImageFormat;

use crate::support::{TestServer, encode, form, get, nerve, post, serve};

/// Addresses in `href`, `src` and `action` that lead to this server.
fn addresses(html: &str) -> BTreeSet<String> {
    let quoted = |name: &str| {
        let mark = format!("{name}=\"");
        let values: Vec<String> = html
            .split(&mark)
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect();
        values
    };
    ["href", "src", "data-url"]
        .into_iter()
        .flat_map(quoted)
        .filter(|address| address.starts_with('/'))
        .collect()
}

#[test]
fn every_address_on_every_page_leads_somewhere() {
    let server = serve();
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut rest = vec!["/".to_owned()];
    while let Some(path) = rest.pop() {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.is_empty(), "{path}");
        let is_page = answer
            .header("content-type")
            .unwrap()
            .starts_with("text/html");
        if is_page {
            for address in addresses(answer.text()) {
                if seen.insert(address.clone()) {
                    rest.push(address);
                }
            }
        }
    }
    for path in ["/model", "/api", "/assets/app.js"] {
        assert!(
            seen.iter().any(|it| it.starts_with(path)),
            "{path} is not linked"
        );
    }
}

#[test]
fn pages_hold_nothing_that_the_policy_forbids() {
    let server = serve();
    for path in ["/", "/model", "/api", "/?sample=phantom-nerve.png"] {
        let page = server.get(path);
        let html = page.text();

        assert!(!html.contains(" style="), "{path}");
        assert!(!html.contains("<style"), "{path}");
        assert!(!html.contains(" onclick="), "{path}");
        for script in html.split("<script").skip(1) {
            assert!(
                script.split('>').next().unwrap().contains("src=\"/"),
                "{path}"
            );
        }
        assert!(html.contains("not for clinical use"), "{path}");
    }
}

#[test]
fn files_are_kept_for_good_only_under_their_hash() {
    let server = serve();
    let page = server.get("/");
    let hashed = addresses(page.text())
        .into_iter()
        .find(|address| address.starts_with("/assets/app.js?v="))
        .unwrap();

    let kept = server.get(&hashed);
    let plain = server.get("/assets/app.js");
    let wrong = server.get("/assets/app.js?v=0000000000000000");

    assert_eq!(
        kept.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    for answer in [&plain, &wrong] {
        assert_eq!(answer.header("cache-control"), Some("public, no-cache"));
    }
    assert_eq!(
        kept.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    let tag = plain.header("etag").unwrap();
    let again = get(server.address, "/assets/app.js", &[("If-None-Match", tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(server.get("/assets/../Cargo.toml").status, 404);
    assert_eq!(server.get("/assets/%2e%2e/Cargo.toml").status, 404);
}

fn shows_a_result(server: &TestServer, html: &str, name: &str) {
    assert!(html.contains(name), "{html}");
    let picture = html.split("data:image/png;base64,").nth(1).unwrap();
    let picture = picture.split('"').next().unwrap();
    let engine = base64::engine::general_purpose::STANDARD;
    // escaped by the template: a plus sign is a character reference
    let picture = picture.replace("&#43;", "+").replace("&#61;", "=");
    let png = base64::Engine::decode(&engine, picture).unwrap();
    let overlay = image::load_from_memory(&png).unwrap();
    assert_eq!(overlay.color(), image::ColorType::Rgb8);
    assert_eq!(server.get("/health/ready").status, 200);
}

#[test]
fn the_form_shows_the_overlay() {
    let server = serve();
    let (header, body) = form(
        "image",
        "my <frame>.png",
        &encode(nerve(), ImageFormat::Png),
    );

    let answer = post(
        server.address,
        "/",
        &[header, ("Accept", "text/html")],
        &body,
    );

    assert_eq!(answer.status, 200);
    shows_a_result(&server, answer.text(), "my &#60;frame&#62;.png");
}

#[test]
fn a_sample_is_one_click_away() {
    let server = serve();

    for name in ["phantom-nerve.png", "phantom-clip.dcm"] {
        let answer = server.get(&format!("/?sample={name}"));
        assert_eq!(answer.status, 200);
        shows_a_result(&server, answer.text(), name);
    }
    assert_eq!(server.get("/?sample=nobody.png").status, 404);
    assert_eq!(
        server
            .get("/samples/phantom-nerve.png")
            .header("content-type"),
        Some("image/png")
    );
}

#[test]
fn pages_are_compressed_for_browsers() {
    let server = serve();
    let mut small = crate::support::Connection::open(server.address);
    small.send(
        b"GET / HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n",
    );

    let bytes = small.bytes();

    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    assert!(head.contains("content-encoding: gzip"));
    assert!(bytes.len() < server.get("/").body.len());
}
