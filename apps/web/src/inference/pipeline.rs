//! From an upload to an answer: decode, wait for the device, finish.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use nerveseg_model::Segmentation;
use tokio::sync::oneshot;

use crate::answer::json::State;
use crate::app::App;
use crate::error::WebError;
use crate::inference::model::Model;
use crate::inference::queue::{Job, Reply};
use crate::intake::decode::{Frame, Source};
use crate::intake::upload::Upload;

/// What a client may choose.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Probability from which on a pixel belongs to the nerve; the model's own if absent.
    pub(crate) threshold: Option<f32>,
    /// Frame of a DICOM, from 0.
    pub(crate) frame: u32,
}

/// One frame with its mask.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) frame: Frame,
    pub(crate) segmentation: Segmentation,
    pub(crate) model: Arc<Model>,
    pub(crate) threshold: f32,
    begin: Instant,
    decode: Duration,
    waited: Duration,
    network: Duration,
}

/// How long the stages took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) decode: Duration,
    pub(crate) waited: Duration,
    pub(crate) network: Duration,
    pub(crate) total: Duration,
}

impl Found {
    /// How long it took up to now.
    pub(crate) fn times(&self) -> Times {
        Times {
            decode: self.decode,
            waited: self.waited,
            network: self.network,
            total: self.begin.elapsed(),
        }
    }
}

/// Segments one frame of `upload` and paints the answer.
///
/// # Errors
///
/// The upload is refused, the server is full, or the answer would come too late.
pub(crate) async fn segment<T: Send + 'static>(
    app: &Arc<App>,
    upload: &Upload,
    options: Options,
    paint: impl FnOnce(&Found) -> T + Send + 'static,
) -> Result<T, WebError> {
    let begin = Instant::now();
    let patience = app.settings.deadline();
    let _place = app.enter()?;
    let work = async {
        let source = Source::of(app, upload.bytes.clone(), options.frame).await?;
        look(app, source, options, begin, paint).await
    };
    tokio::time::timeout(patience, work)
        .await
        .unwrap_or(Err(WebError::Late(patience)))
}

/// Segments a frame that is decoded already.
///
/// # Errors
///
/// As [`segment`].
pub(crate) async fn segment_frame<T: Send + 'static>(
    app: &Arc<App>,
    frame: Frame,
    paint: impl FnOnce(&Found) -> T + Send + 'static,
) -> Result<T, WebError> {
    let patience = app.settings.deadline();
    let _place = app.enter()?;
    let source = Source::Frame(frame);
    let work = look(app, source, Options::default(), Instant::now(), paint);
    tokio::time::timeout(patience, work)
        .await
        .unwrap_or(Err(WebError::Late(patience)))
}

async fn look<T: Send + 'static>(
    app: &Arc<App>,
    source: Source,
    options: Options,
    begin: Instant,
    paint: impl FnOnce(&Found) -> T + Send + 'static,
) -> Result<T, WebError> {
    let model = app.model();
    let preparing = (Arc::clone(app), Arc::clone(&model));
    let (frame, decode, answer) = app
        .compute(move || {
            let (app, model) = preparing;
            let frame = source.frame(&app.settings)?;
            let input = model.prepare(&frame.tissue());
            let input = input.map_err(|error| WebError::Internal(error.into()))?;
            let decode = begin.elapsed();
            app.metrics.stage("decode").observe(decode.as_secs_f64());
            let (reply, answer) = oneshot::channel();
            let job = Job {
                model,
                input,
                deadline: begin + app.settings.deadline(),
                queued: Instant::now(),
                reply,
            };
            app.queue.push(job).map_err(|_| WebError::Busy)?;
            Ok::<_, WebError>((frame, decode, answer))
        })
        .await??;
    // a closed channel: the worker skipped it because its deadline has passed
    let answer = answer
        .await
        .map_err(|_| WebError::Late(app.settings.deadline()))?;
    let Reply {
        raw,
        waited,
        network,
    } = answer.map_err(|failed| WebError::Internal(anyhow!(failed)))?;

    let finishing = Arc::clone(app);
    app.compute(move || {
        let finish = Instant::now();
        let threshold = options.threshold;
        let found = Found {
            segmentation: model.finish(&raw, &frame, threshold),
            threshold: threshold.unwrap_or(model.manifest().postprocess.threshold),
            frame,
            model,
            begin,
            decode,
            waited,
            network,
        };
        let painted = paint(&found);
        let metrics = &finishing.metrics;
        metrics.state(State::from(found.segmentation.presence_state).name());
        metrics
            .stage("finish")
            .observe(finish.elapsed().as_secs_f64());
        painted
    })
    .await
}
