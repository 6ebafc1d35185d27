//! Health, metrics, and what refusals look like.

use crate::support::{encode, get, nerve, post, serve};

#[test]
fn probes_answer() {
    let server = serve();

    assert_eq!(server.get("/health/live").json()["status"], "live");
    assert_eq!(server.get("/health/ready").json()["status"], "ready");
}

#[test]
fn metrics_count_by_route_and_never_by_path() {
    let server = serve();
    server.post(
        "/api/v1/segment?threshold=0.4711",
        &encode(nerve(), image::ImageFormat::Png),
    );
    server.get("/smith/jane.png");

    let text = server.get("/metrics").text().to_owned();

    for line in [
        "nerveseg_http_requests_total{method=\"POST\",route=\"/api/v1/segment\",status=\"200\"} 1",
        "nerveseg_http_requests_total{method=\"GET\",route=\"other\",status=\"404\"} 1",
        "nerveseg_batch_size_sum 1",
        "nerveseg_stage_seconds_count{stage=\"network\"} 1",
        "nerveseg_stage_seconds_count{stage=\"finish\"} 1",
        "nerveseg_ready 1",
    ] {
        assert!(
            text.lines().any(|it| it == line),
            "{line} is not in\n{text}"
        );
    }
    assert!(!text.contains("smith") && !text.contains("0.4711"));
}

#[test]
fn unknown_addresses_and_methods_are_problems() {
    let server = serve();

    let missing = server.get("/api/v2/segment");
    let method = server.get("/api/v1/segment");

    assert_eq!((missing.status, method.status), (404, 405));
    assert!(!missing.problem().is_empty());
    assert_eq!(method.header("allow"), Some("POST"));
    assert_eq!(
        server.post("/health/live", b"").header("allow"),
        Some("GET, HEAD")
    );
}

#[test]
fn people_get_a_page_and_programs_get_json() {
    let server = serve();
    let browser = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

    let page = get(server.address, "/no/such/page", &browser);
    let refused = post(server.address, "/", &browser, b"hello");

    assert_eq!((page.status, refused.status), (404, 415));
    for answer in [page, refused] {
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(answer.text().contains("<h1"));
    }
}

#[test]
fn every_answer_has_the_headers_that_keep_it_to_itself() {
    let server = serve();
    for path in ["/", "/health/live", "/no/such/page", "/assets/app.js"] {
        let answer = server.get(path);

        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert!(answer.header("set-cookie").is_none());
        assert!(answer.header("server").is_none());
    }
}

#[test]
fn the_openapi_document_names_every_route_of_the_api() {
    let server = serve();

    let document = server.get("/api/openapi.json").json();

    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, method) in [
        ("/api/v1/segment", "post"),
        ("/api/v1/model", "get"),
        ("/v2/models/{name}/infer", "post"),
        ("/health/ready", "get"),
        ("/metrics", "get"),
    ] {
        assert!(document["paths"][path][method].is_object(), "{path}");
    }
    let parameters = &document["paths"]["/api/v1/segment"]["post"]["parameters"];
    let names: Vec<&str> = parameters
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["threshold", "frame", "region", "include", "view"]);
}
