//! What serving costs on top of the network: one request at idle, and many at once.
//!
//! ```sh
//! cargo run --release --example measure
//! ```
//!
//! Server, clients and the comparison run in this process, one after the other, on the CPU.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that fails may panic"
)]

use std::io::{BufRead as _, BufReader, Cursor, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use image::{GrayImage, ImageFormat};
use nerveseg_data::phantom::{Phantom, PhantomConfig};
use nerveseg_model::{DeviceSpec, Segmenter};
use nerveseg_web::{Settings, WebServer};

const SECONDS: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

fn main() {
    let frame = frame();
    let mut png = Cursor::new(Vec::new());
    frame.write_to(&mut png, ImageFormat::Png).unwrap();
    let segmenter = Segmenter::bundled(DeviceSpec::Cpu).unwrap();
    println!(
        "{}, 580x420 PNG of {} KiB",
        segmenter.device_name(),
        png.get_ref().len() >> 10
    );
    let address = serve();

    // in turns, so that what else the machine does hits both
    let (mut alone, mut served) = (Vec::new(), Vec::new());
    let mut client = Client::open(address, png.get_ref());
    for round in 0..220 {
        let network = time(|| drop(segmenter.segment(&frame).unwrap()));
        let request = time(|| assert_eq!(client.ask(), 200));
        if round >= 20 {
            alone.push(network);
            served.push(request);
        }
    }
    let (alone, served) = (median(alone), median(served));
    println!(
        "one at idle: segment {alone:.2} ms, request {served:.2} ms, difference {:.2} ms",
        served - alone
    );

    let batch = vec![frame; 8];
    for clients in [1, 8, 16, 24] {
        let (mut batches, mut requests) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            batches.push(batch_throughput(&segmenter, &batch));
            requests.push(throughput(address, png.get_ref(), clients));
        }
        let (batches, requests) = (median(batches), median(requests));
        let share = 100.0 * requests / batches;
        println!(
            "{clients:2} clients: {requests:.1} images/s, {share:.0} % of segment_batch's {batches:.1}"
        );
    }
}

fn frame() -> GrayImage {
    let config = PhantomConfig {
        subjects: 1,
        frames_per_subject: 1,
        positive_fraction: 1.0,
        ..PhantomConfig::default()
    };
    Phantom::new(config).unwrap().case(1, 1).frame.pixels
}

fn serve() -> SocketAddr {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let settings = Settings {
                device: "cpu".to_owned(),
                ..Settings::default()
            };
            let server = WebServer::build(listener, settings, "unused".into()).unwrap();
            sender.send(server.address()).unwrap();
            server.run().await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

/// A connection that is kept.
struct Client {
    stream: BufReader<TcpStream>,
    request: Vec<u8>,
}

impl Client {
    fn open(address: SocketAddr, png: &[u8]) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(
            "POST /api/v1/segment HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n\r\n",
            png.len()
        );
        Self {
            stream: BufReader::new(stream),
            request: [head.as_bytes(), png].concat(),
        }
    }

    /// Sends the frame and reads the answer; its status.
    fn ask(&mut self) -> u32 {
        self.stream.get_mut().write_all(&self.request).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            }
            if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().unwrap();
            }
        }
        self.stream.read_exact(&mut vec![0; length]).unwrap();
        status
    }
}

/// Images a second, in batches of 8 without a server.
fn batch_throughput(segmenter: &Segmenter, batch: &[GrayImage]) -> f64 {
    let begin = Instant::now();
    let mut images = 0;
    while begin.elapsed() < SECONDS {
        images += segmenter.segment_batch(batch).unwrap().len();
    }
    f64::from(images as u32) / begin.elapsed().as_secs_f64()
}

/// Images a second, with so many clients that each send the next frame after the answer.
fn throughput(address: SocketAddr, png: &[u8], clients: usize) -> f64 {
    let (stop, answered) = (AtomicBool::new(false), AtomicU32::new(0));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let mut client = Client::open(address, png);
                while !stop.load(Ordering::Relaxed) {
                    assert_eq!(client.ask(), 200);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(SECONDS);
        stop.store(true, Ordering::Relaxed);
        f64::from(answered.load(Ordering::Relaxed)) / begin.elapsed().as_secs_f64()
    })
}

/// Milliseconds.
fn time(work: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    work();
    begin.elapsed().as_secs_f64() * 1e3
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
