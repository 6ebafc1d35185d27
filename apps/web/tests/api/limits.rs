//! Uploads that are too large, too slow or too many.

use std::time::{Duration, Instant};

use image::ImageFormat;
use nerveseg_web::Settings;

use crate::support::{Connection, encode, nerve, post, serve, serve_with};

const PATH: &str = "/api/v1/segment";

fn small() -> Settings {
    Settings {
        max_upload_mib: 1,
        upload_memory_mib: 1,
        ..Settings::default()
    }
}

fn head(length: usize) -> Vec<u8> {
    format!("POST {PATH} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n").into_bytes()
}

#[test]
fn an_upload_that_announces_too_much_is_refused_before_it_is_read() {
    let server = serve_with(small());
    let mut connection = Connection::open(server.address);

    connection.send(&head(2 << 20));
    let answer = connection.answer();

    assert_eq!(answer.status, 413);
    assert_eq!(answer.problem(), "The upload is larger than 1 MiB.");
}

#[test]
fn an_upload_that_announces_nothing_is_counted() {
    let server = serve_with(small());
    let mut connection = Connection::open(server.address);

    connection.send(
        format!("POST {PATH} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
            .as_bytes(),
    );
    let chunk = [b"10000\r\n".to_vec(), vec![0; 0x10000], b"\r\n".to_vec()].concat();
    for _ in 0..17 {
        connection.send(&chunk);
    }
    let answer = connection.answer();

    assert_eq!(answer.status, 413);
}

#[test]
fn a_slow_body_is_given_up() {
    let server = serve_with(Settings {
        body_timeout_seconds: 0.2,
        ..Settings::default()
    });
    let mut connection = Connection::open(server.address);
    let begin = Instant::now();

    connection.send(&head(1000));
    connection.send(b"\x89PNG");
    let answer = connection.answer();

    assert_eq!(answer.status, 408);
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_body_that_breaks_off_hurts_nobody() {
    let server = serve();
    for _ in 0..3 {
        let mut connection = Connection::open(server.address);
        connection.send(&head(100_000));
        connection.send(&vec![7; 50_000]);
        connection.hang_up();
    }

    let answer = server.post(PATH, &encode(nerve(), ImageFormat::Png));

    assert_eq!(answer.status, 200);
}

#[test]
fn uploads_share_a_bounded_memory() {
    let server = serve_with(small());
    let mut slow = Connection::open(server.address);
    slow.send(&head(1 << 20));
    slow.send(&vec![0; 900 << 10]);
    // arrived, not only sent
    std::thread::sleep(Duration::from_millis(200));

    let refused = server.post(PATH, &vec![0; 900 << 10]);
    slow.hang_up();

    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    crate::support::eventually("memory is given back", || {
        server.post(PATH, &vec![0; 900 << 10]).status == 415
    });
}

#[test]
fn a_client_is_slowed_down_and_pages_are_not() {
    let server = serve_with(Settings {
        rate_limit: 2,
        trust_forwarded_for: true,
        ..Settings::default()
    });
    let png = encode(nerve(), ImageFormat::Png);
    let ask = |client: &str| {
        let headers = [("X-Forwarded-For", client)];
        post(server.address, PATH, &headers, &png)
    };

    let first = [ask("192.0.2.1").status, ask("9.9.9.9, 192.0.2.1").status];
    let third = ask("192.0.2.1");

    assert_eq!(first, [200, 200]);
    assert_eq!(third.status, 429);
    let wait: u32 = third.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=31).contains(&wait));
    assert_eq!(ask("192.0.2.2").status, 200);
    assert_eq!(server.get("/model").status, 200);
}
