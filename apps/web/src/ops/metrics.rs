//! What Prometheus reads.

use std::time::Duration;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

/// Seconds, from what a probe takes to what nobody waits for.
const SECONDS: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Counters, gauges and histograms of one server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    stage_seconds: HistogramVec,
    states: IntCounterVec,
    /// Images that went through the network together.
    pub(crate) batch_size: Histogram,
    /// Images not computed because nobody waited for them any more.
    pub(crate) skipped: IntCounter,
    queue_depth: IntGauge,
    ready: IntGauge,
    reloads: IntCounterVec,
    model: IntGaugeVec,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let registry = Registry::new();
        let all = Self {
            requests: counters(
                "http_requests_total",
                "Requests answered",
                &["method", "route", "status"],
            ),
            request_seconds: histograms(
                "http_request_seconds",
                "From the head of a request to the head of its answer",
                &["route"],
            ),
            stage_seconds: histograms(
                "stage_seconds",
                "Stages of a segmentation: decode, queue, network, finish",
                &["stage"],
            ),
            states: counters("states_total", "What images were found to show", &["state"]),
            batch_size: Histogram::with_opts(
                options(
                    "batch_size",
                    "Images that went through the network together",
                )
                .buckets((1..=8).map(f64::from).collect()),
            )
            .expect(VALID),
            skipped: IntCounter::new(
                "nerveseg_skipped_total",
                "Images not computed because nobody waited any more",
            )
            .expect(VALID),
            queue_depth: gauge("queue_depth", "Images that wait for a device"),
            ready: gauge("ready", "Whether requests are welcome"),
            reloads: counters(
                "model_reloads_total",
                "Reloads of the model file",
                &["result"],
            ),
            model: IntGaugeVec::new(
                Opts::new("nerveseg_model_info", "The model that serves"),
                &["name", "sha256", "device"],
            )
            .expect(VALID),
            registry,
        };
        let collectors: [Box<dyn prometheus::core::Collector>; 10] = [
            Box::new(all.requests.clone()),
            Box::new(all.request_seconds.clone()),
            Box::new(all.stage_seconds.clone()),
            Box::new(all.states.clone()),
            Box::new(all.batch_size.clone()),
            Box::new(all.skipped.clone()),
            Box::new(all.queue_depth.clone()),
            Box::new(all.ready.clone()),
            Box::new(all.reloads.clone()),
            Box::new(all.model.clone()),
        ];
        for collector in collectors {
            all.registry.register(collector).expect(VALID);
        }
        all
    }

    /// Counts one answered request; `route` is the pattern, never the path.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, taken: Duration) {
        let status = status.to_string();
        self.requests
            .with_label_values(&[method, route, &status])
            .inc();
        self.request_seconds
            .with_label_values(&[route])
            .observe(taken.as_secs_f64());
    }

    /// The histogram of one stage.
    pub(crate) fn stage(&self, stage: &str) -> Histogram {
        self.stage_seconds.with_label_values(&[stage])
    }

    /// Counts what an image was found to show.
    pub(crate) fn state(&self, state: &str) {
        self.states.with_label_values(&[state]).inc();
    }

    /// Counts a reload of the model.
    pub(crate) fn reload(&self, succeeded: bool) {
        let result = if succeeded { "done" } else { "failed" };
        self.reloads.with_label_values(&[result]).inc();
    }

    /// Says which model serves.
    pub(crate) fn model(&self, name: &str, sha256: &str, device: &str) {
        self.model.reset();
        self.model.with_label_values(&[name, sha256, device]).set(1);
    }

    /// Everything in the text format of Prometheus.
    pub(crate) fn text(&self, queue_depth: usize, ready: bool) -> String {
        self.queue_depth.set(queue_depth as i64);
        self.ready.set(i64::from(ready));
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .expect("every metric has a name")
    }
}

const VALID: &str = "names and labels are valid and used once";

fn options(name: &str, help: &str) -> HistogramOpts {
    HistogramOpts::new(format!("nerveseg_{name}"), help).buckets(SECONDS.to_vec())
}

fn counters(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(format!("nerveseg_{name}"), help), labels).expect(VALID)
}

fn histograms(name: &str, help: &str, labels: &[&str]) -> HistogramVec {
    HistogramVec::new(options(name, help), labels).expect(VALID)
}

fn gauge(name: &str, help: &str) -> IntGauge {
    IntGauge::new(format!("nerveseg_{name}"), help).expect(VALID)
}
