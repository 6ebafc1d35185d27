//! Models to serve.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nerveseg_model::{
    DeviceSpec, Fit, Manifest, Normalisation, Postprocess, Preprocess, Provenance, Segmenter,
    UNetConfig, artifact,
};

/// The bundled model, to compare with.
pub(crate) fn bundled() -> &'static Segmenter {
    static MODEL: OnceLock<Segmenter> = OnceLock::new();
    MODEL.get_or_init(|| Segmenter::bundled(DeviceSpec::Cpu).unwrap())
}

/// A folder for one test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a network with random weights; other seeds give other checksums.
    pub(crate) fn model(&self, name: &str, seed: u64, features: &[usize]) -> PathBuf {
        let path = self.path(name);
        write_model(&path, seed, features);
        path
    }
}

fn write_model(path: &Path, seed: u64, features: &[usize]) {
    let config = UNetConfig {
        features: features.to_vec(),
        ..UNetConfig::small()
    };
    let tensors = config.initial_tensors(seed).unwrap();
    let preprocess = Preprocess {
        height: 32,
        width: 32,
        fit: Fit::Stretch,
        normalisation: Normalisation::PerImage,
    };
    let manifest = Manifest::new(
        config,
        preprocess,
        Postprocess::default(),
        Provenance::default(),
    );
    artifact::save(path, &tensors, &manifest).unwrap();
}

/// A model that takes tens of milliseconds a frame, so that requests meet.
pub(crate) fn slow_model() -> PathBuf {
    static MODEL: OnceLock<(Folder, PathBuf)> = OnceLock::new();
    let (_, path) = MODEL.get_or_init(|| {
        let folder = Folder::new();
        let path = folder.model("slow.safetensors", 1, &[8, 1024]);
        (folder, path)
    });
    path.clone()
}
