//! More than it can do.

use std::sync::Barrier;

use image::ImageFormat;
use nerveseg_web::Settings;

use crate::support::{
    Answer, Connection, TestServer, encode, eventually, nerve, request, serve_with, slow_model,
};

const PATH: &str = "/api/v1/segment";

fn slow(settings: Settings) -> TestServer {
    serve_with(Settings {
        model: Some(slow_model()),
        ..settings
    })
}

fn at_once(server: &TestServer, count: usize) -> Vec<Answer> {
    let png = encode(nerve(), ImageFormat::Png);
    let barrier = Barrier::new(count);
    std::thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            server.post(PATH, &png)
        };
        let asked: Vec<_> = (0..count).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

#[test]
fn a_full_server_refuses_and_says_when_to_come_back() {
    let server = slow(Settings {
        queue: 2,
        ..Settings::default()
    });

    let answers = at_once(&server, 12);

    let count = |status| answers.iter().filter(|it| it.status == status).count();
    assert!(count(200) >= 2, "{}", count(200));
    assert!(count(503) >= 1, "{}", count(503));
    assert_eq!(count(200) + count(503), 12);
    for refused in answers.iter().filter(|it| it.status == 503) {
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert!(refused.problem().contains("busy"));
    }
    assert_eq!(
        server.post(PATH, &encode(nerve(), ImageFormat::Png)).status,
        200
    );
}

#[test]
fn what_waits_goes_through_the_network_together() {
    let server = slow(Settings::default());
    let before = server.metric("nerveseg_batch_size_count");

    let answers = at_once(&server, 16);

    assert!(answers.iter().all(|it| it.status == 200));
    let batches = server.metric("nerveseg_batch_size_count") - before;
    assert!(batches < 16.0, "{batches} batches for 16 images");
    assert!(server.metric("nerveseg_batch_size_sum") >= 16.0);
    let first = answers[0].json()["rle"].clone();
    assert!(answers.iter().all(|it| it.json()["rle"] == first));
}

#[test]
fn an_answer_that_would_come_too_late_is_given_up() {
    let server = slow(Settings {
        deadline_seconds: 0.003,
        ..Settings::default()
    });

    let answer = server.post(PATH, &encode(nerve(), ImageFormat::Png));

    assert_eq!(answer.status, 503);
    assert!(answer.problem().contains("within"), "{}", answer.problem());
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[test]
fn nothing_is_computed_for_clients_that_have_gone() {
    let server = slow(Settings::default());
    let png = encode(nerve(), ImageFormat::Png);
    let sent = 20.0;
    let computed = || server.metric("nerveseg_batch_size_sum");
    let before = computed();

    let connections: Vec<Connection> = (0..20)
        .map(|_| {
            let mut connection = Connection::open(server.address);
            connection.send(&request("POST", PATH, &[], &png));
            connection
        })
        .collect();
    // one batch is taken, the others wait
    eventually("a batch is taken", || computed() > before);
    connections.into_iter().for_each(Connection::hang_up);

    eventually("the queue is empty", || {
        server.metric("nerveseg_queue_depth") < 0.5
    });
    let last = server.post(PATH, &png);
    assert_eq!(last.status, 200);
    let for_nobody = computed() - before - 1.0;
    assert!(for_nobody < sent, "{for_nobody} of {sent} computed");
    assert!(server.metric("nerveseg_skipped_total") > 0.0 || for_nobody <= 8.0);
}
