//! Generated ultrasound frames in the layout of UNS, so that everything runs without a download.
//!
//! A frame is made the way a scanner makes one. Each subject has an anatomy in three dimensions:
//! skin, layered fascia, striated muscles, vessels, bone and, along part of the volume, the nerve.
//! A probe slides through it, and the plane under the probe becomes a map of echo strength. The map
//! times a field of random scatterers is blurred by a pulse that widens with depth; the envelope of
//! the sum is speckle. Attenuation, gain and log compression turn it into grey.
//!
//! Frames follow the path of the probe, so neighbours are near-duplicates, as they are in UNS
//! (where the numbers are shuffled). A phantom is for tests, demonstrations and experiments with
//! known truth; scores on it say nothing about patients.
//!
//! ```
//! use nerveseg_data::phantom::{Phantom, PhantomConfig};
//!
//! let config = PhantomConfig { subjects: 2, width: 128, height: 96, ..PhantomConfig::default() };
//! let phantom = Phantom::new(config)?;
//!
//! let case = phantom.case(1, 1);
//!
//! assert_eq!(case.frame.pixels.dimensions(), (128, 96));
//! assert_eq!(case.mask.map(|mask| mask.dim()), Some((96, 128)));
//! # Ok::<(), nerveseg_data::DataError>(())
//! ```

mod canvas;
mod config;
mod contour;
mod fascia;
mod fields;
mod frame;
mod muscle;
mod nerve;
mod plan;
mod random;
mod render;
mod scene;
mod space;
mod speckle;
mod strand;
mod subject;
mod texture;
mod vessel;
mod write;

use self::subject::Subject;
use crate::{Case, CaseId, Mask, Result};
use image::GrayImage;

pub use config::PhantomConfig;

/// A set of generated frames; none exists until it is asked for.
#[derive(Clone, Debug)]
pub struct Phantom {
    config: PhantomConfig,
    /// Positive frames of each training subject, then of each test subject.
    positives: Vec<u32>,
}

impl Phantom {
    /// Plans the set; costs next to nothing.
    ///
    /// # Errors
    ///
    /// [`DataError::PhantomSetting`](crate::DataError::PhantomSetting) if a setting is out of range.
    pub fn new(config: PhantomConfig) -> Result<Self> {
        config.validate()?;
        let positives = plan::positives_per_subject(&config);
        Ok(Self { config, positives })
    }

    /// Settings of the set.
    pub fn config(&self) -> &PhantomConfig {
        &self.config
    }

    /// Names of all training cases, in order.
    pub fn case_ids(&self) -> impl Iterator<Item = CaseId> + use<> {
        let frames = self.config.frames_per_subject;
        (1..=self.config.subjects).flat_map(move |subject_id| {
            (1..=frames).map(move |image_num| CaseId {
                subject_id: Some(subject_id),
                image_num,
            })
        })
    }

    /// Generates one training case; any order, any thread, always the same pixels.
    ///
    /// # Panics
    ///
    /// Panics if the set has no such case.
    pub fn case(&self, subject_id: u32, image_num: u32) -> Case {
        assert!(
            (1..=self.config.subjects).contains(&subject_id),
            "subject {subject_id} is not in the set"
        );
        assert!(
            (1..=self.config.frames_per_subject).contains(&image_num),
            "frame {image_num} is not in the set"
        );
        let (image, mask) = self.frame(subject_id - 1, image_num - 1);
        let case_id = CaseId {
            subject_id: Some(subject_id),
            image_num,
        };
        Case {
            case_id,
            frame: image.into(),
            mask: Some(mask),
        }
    }

    /// Generates one frame of the test set: a subject that training never sees, and no mask.
    ///
    /// # Panics
    ///
    /// Panics if the set has no such frame.
    pub fn test_case(&self, image_num: u32) -> Case {
        let (image, _) = self.test_frame(image_num);
        let case_id = CaseId {
            subject_id: None,
            image_num,
        };
        Case {
            case_id,
            frame: image.into(),
            mask: None,
        }
    }

    /// Mask of a frame of the test set, which [`write`](Self::write) keeps to itself.
    ///
    /// # Panics
    ///
    /// Panics if the set has no such frame.
    pub fn test_mask(&self, image_num: u32) -> Mask {
        self.test_frame(image_num).1
    }

    fn test_frame(&self, image_num: u32) -> (GrayImage, Mask) {
        assert!(
            (1..=self.config.test_frames).contains(&image_num),
            "test frame {image_num} is not in the set"
        );
        let index = image_num - 1;
        let per_subject = self.config.frames_per_test_subject();
        self.frame(
            self.config.subjects + index / per_subject,
            index % per_subject,
        )
    }

    /// Frame of a subject, both counted from 0, test subjects after the training subjects.
    fn frame(&self, subject: u32, frame: u32) -> (GrayImage, Mask) {
        let frames = if subject < self.config.subjects {
            self.config.frames_per_subject
        } else {
            self.config.frames_per_test_subject()
        };
        let positives = self.positives[subject as usize];
        let shown = Subject::new(&self.config, subject, frames, positives);
        render::frame(&self.config, &shown, [subject, frame])
    }
}
