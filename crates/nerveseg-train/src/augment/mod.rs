//! How training images are varied: a table of augmentations, each a file with its settings.
//!
//! A case passes three places, and at each one every augmentation of the table, in its order:
//! what it shows (`compose`), where that lies (`place`), and how bright it is (`shade`).

mod augmentation;
mod crop;
mod ellipse;
mod geometry;
mod graft;
mod intensity;
mod placement;
mod style;
mod view;
mod window;

#[cfg(test)]
mod testing;

use std::borrow::Cow;

use ndarray::Array2;
use rand::Rng;
use serde::{Deserialize, Serialize};

pub use self::crop::Crops;
pub use self::geometry::Geometry;
pub use self::graft::Grafts;
pub use self::intensity::Intensity;
pub use self::style::Styles;
pub use self::window::Windows;

use self::augmentation::{Augmentation, Composed};
use self::placement::Placement;
use crate::number::Number;
use crate::sample::Sample;

/// Writes the section of all augmentations, flat in a file and by augmentation in here, and their
/// walk.
macro_rules! augmentations {
    ($($(#[$doc:meta])+ $name:ident: $augmentation:ident { $($setting:ident),+ },)+) => {
        /// How training images are varied; everything at 0 turns a step off.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(from = "Section", into = "Section")]
        pub struct AugmentConfig {
            $($(#[$doc])+ pub $name: $augmentation,)+
        }

        /// The settings as a file has them: a misspelt one is told from all that there are.
        #[derive(Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Section {
            $($($setting: f64,)+)+
        }

        impl Default for Section {
            fn default() -> Self {
                AugmentConfig::default().into()
            }
        }

        impl From<AugmentConfig> for Section {
            fn from(config: AugmentConfig) -> Self {
                Self { $($($setting: config.$name.$setting,)+)+ }
            }
        }

        impl From<Section> for AugmentConfig {
            fn from(section: Section) -> Self {
                Self { $($name: $augmentation { $($setting: section.$setting),+ },)+ }
            }
        }

        impl AugmentConfig {
            /// No variation at all.
            pub fn none() -> Self {
                Self { $($name: Augmentation::none(),)+ }
            }

            /// All settings and what they may be.
            pub(crate) fn numbers(&self) -> Vec<Number> {
                [$(self.$name.numbers(),)+].concat()
            }

            /// `samples[case]` with what the augmentations make of its content.
            pub(crate) fn compose<'a>(
                &self,
                samples: &'a [Sample],
                case: usize,
                rng: &mut impl Rng,
            ) -> Composed<'a> {
                let sample = Cow::Borrowed(&samples[case]);
                let mut composed = Composed { sample, weight: 1.0 };
                $(self.$name.compose(&mut composed, samples, rng);)+
                composed
            }

            /// Moves `sample` and changes its brightness.
            ///
            /// # Returns
            ///
            /// Image and soft target in `[0, 1]`, both `[height, width]`. What comes from outside
            /// the image repeats its border; what comes from outside the mask is no nerve.
            pub(crate) fn vary(
                &self,
                sample: &Sample,
                rng: &mut impl Rng,
            ) -> (Array2<f32>, Array2<f32>) {
                let mut placement = Placement::default();
                $(self.$name.place(&mut placement, &sample.target, rng);)+
                let (mut image, target) = placement.apply(sample);
                $(self.$name.shade(&mut image, rng);)+
                (image, target)
            }
        }
    };
}

// The order is that of the random numbers and of the settings in a file.
augmentations! {
    /// Where a frame lies.
    geometry: Geometry { flip, zoom, shift, rotation },
    /// How bright it is, how sharp, how noisy.
    intensity: Intensity { gain, gamma, speckle, shade, blur },
    /// Tissue of other frames in it.
    grafts: Grafts { vacate, vacate_weight, transplant, decoy },
    /// Parts of it.
    windows: Windows { window },
    /// A part of it, of any aspect.
    crops: Crops { crop },
    /// Grey values of other frames.
    styles: Styles { style },
}

#[cfg(test)]
mod tests {
    use super::testing::{rng, sample, vary};
    use super::*;
    use crate::sample::unit;

    #[test]
    fn nothing_switched_on_changes_nothing() {
        let (image, target) = vary("", &mut rng(1));

        assert_eq!(
            (image, target),
            (unit(&sample().image), unit(&sample().target))
        );
    }

    #[test]
    fn one_seed_draws_the_same_variation_twice() {
        let draw = |seed| AugmentConfig::default().vary(&sample(), &mut rng(seed));

        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5).0, draw(6).0);
    }
}
