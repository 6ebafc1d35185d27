//! The Open Inference Protocol v2.

use serde_json::{Value, json};

use crate::support::{Answer, TestServer, bundled, nerve, post, serve};

const INFER: &str = "/v2/models/brachial-plexus/infer";

fn as_json() -> Value {
    let rows: Vec<&[u8]> = nerve().as_raw().chunks(293).collect();
    json!({
        "id": "7",
        "inputs": [{"name": "image", "datatype": "UINT8", "shape": [211, 293], "data": rows}],
    })
}

fn infer(server: &TestServer, request: &Value) -> Answer {
    server.post(INFER, request.to_string().as_bytes())
}

fn output<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let outputs = answer["outputs"].as_array().unwrap();
    outputs
        .iter()
        .find(|output| output["name"] == name)
        .unwrap()
}

#[test]
fn what_is_there_is_described() {
    let server = serve();

    let root = server.get("/v2").json();
    assert_eq!(root["extensions"], json!(["binary_tensor_data"]));
    for path in [
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/brachial-plexus/ready",
    ] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    let model = server.get("/v2/models/brachial-plexus").json();
    assert_eq!(model["inputs"][0]["datatype"], "UINT8");
    let version = model["versions"][0].as_str().unwrap();
    let versioned = format!("/v2/models/brachial-plexus/versions/{version}");
    assert_eq!(server.get(&versioned).json(), model);
}

#[test]
fn json_tensors_hold_what_the_segmenter_says() {
    let server = serve();
    let expected = bundled().segment(nerve()).unwrap();

    let answer = infer(&server, &as_json()).json();

    assert_eq!(
        (&answer["id"], &answer["model_name"]),
        (&json!("7"), &json!("brachial-plexus"))
    );
    let mask: Vec<u8> = expected.mask.iter().map(|&it| u8::from(it)).collect();
    assert_eq!(output(&answer, "mask")["data"], json!(mask));
    assert_eq!(output(&answer, "mask")["shape"], json!([211, 293]));
    let presence = output(&answer, "presence")["data"][0].as_f64().unwrap();
    assert!((presence - f64::from(expected.presence)).abs() < 1e-6);
    let probabilities = output(&answer, "probabilities")["data"].as_array().unwrap();
    for (found, expected) in probabilities.iter().zip(&expected.probabilities) {
        // 1e-5: sums may run in another order in a larger batch
        assert!((found.as_f64().unwrap() - f64::from(*expected)).abs() < 1e-5);
    }
}

#[test]
fn bytes_behind_the_json_are_the_same_tensors() {
    let server = serve();
    let head = json!({
        "inputs": [{"name": "image", "datatype": "UINT8", "shape": [211, 293],
            "parameters": {"binary_data_size": 211 * 293}}],
        "outputs": [
            {"name": "mask", "parameters": {"binary_data": true}},
            {"name": "presence"},
        ],
    });
    let head = head.to_string();
    let body = [head.as_bytes(), nerve().as_raw()].concat();
    let length = head.len().to_string();

    let headers = [("Inference-Header-Content-Length", length.as_str())];
    let answer = post(server.address, INFER, &headers, &body);

    assert_eq!(
        answer.header("content-type"),
        Some("application/octet-stream")
    );
    let length = answer.header("inference-header-content-length").unwrap();
    let (head, tail) = answer.body.split_at(length.parse().unwrap());
    let head: Value = serde_json::from_slice(head).unwrap();
    let mask = output(&head, "mask");
    assert_eq!(mask["parameters"]["binary_data_size"], 211 * 293);
    assert!(mask.get("data").is_none());
    let expected = bundled().segment(nerve()).unwrap();
    let expected: Vec<u8> = expected.mask.iter().map(|&it| u8::from(it)).collect();
    assert_eq!(tail, expected);
    assert_eq!(
        output(&head, "presence")["data"].as_array().unwrap().len(),
        1
    );
    assert_eq!(head["outputs"].as_array().unwrap().len(), 2);
}

#[test]
fn requests_that_do_not_fit_the_model_are_refused() {
    let server = serve();
    let with = |change: fn(&mut Value)| {
        let mut request = as_json();
        change(&mut request);
        request
    };
    for request in [
        json!({}),
        json!({"inputs": []}),
        with(|it| it["inputs"][0]["name"] = json!("frame")),
        with(|it| it["inputs"][0]["datatype"] = json!("FP32")),
        with(|it| it["inputs"][0]["shape"] = json!([211, 292])),
        with(|it| it["inputs"][0]["shape"] = json!([1, 211, 293])),
        with(|it| it["inputs"][0]["shape"] = json!([0, 293])),
        with(|it| it["inputs"][0]["data"] = json!([300])),
        with(|it| it["inputs"][0]["parameters"] = json!({"binary_data_size": 5})),
        with(|it| it["outputs"] = json!([{"name": "logits"}])),
    ] {
        let answer = infer(&server, &request);

        assert_eq!(answer.status, 400, "{request}");
        assert_eq!(answer.json()["error"], answer.problem());
    }
    let huge = with(|it| it["inputs"][0]["shape"] = json!([65_535, 65_535]));
    assert_eq!(infer(&server, &huge).status, 413);
}

#[test]
fn another_model_or_version_is_not_found() {
    let server = serve();

    for path in ["/v2/models/heart", "/v2/models/brachial-plexus/versions/99"] {
        let answer = server.get(path);

        assert_eq!(answer.status, 404);
        assert_eq!(answer.json()["error"], answer.problem());
    }
    assert_eq!(server.post("/v2/models/heart/infer", b"{}").status, 404);
}
