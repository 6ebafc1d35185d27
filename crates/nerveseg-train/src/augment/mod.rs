//! Variations of a training image: where it lies, how bright it is, how noisy.

pub(crate) mod graft;
pub(crate) mod window;

use ndarray::Array2;
use rand::{Rng, RngExt as _};
use rand_distr::{Distribution as _, StandardNormal};

use crate::augment::window::Window;
use crate::config::AugmentConfig;
use crate::data::sample::Sample;

/// Draws one variation of `sample`.
///
/// # Returns
///
/// Image and soft target in `[0, 1]`, both `[height, width]`. What comes from outside the image
/// repeats its border; what comes from outside the mask is no nerve.
pub fn augment(
    sample: &Sample,
    config: &AugmentConfig,
    rng: &mut impl Rng,
) -> (Array2<f32>, Array2<f32>) {
    let warp = Warp::draw(config, &sample.target, rng);
    let (mut image, target) = match warp {
        Some(warp) => (
            warp.apply(&sample.image, true),
            warp.apply(&sample.target, false),
        ),
        None => (unit(&sample.image), unit(&sample.target)),
    };
    let gain = 1.0 + symmetric(config.gain, rng);
    let gamma = 1.0 + symmetric(config.gamma, rng);
    let speckle = config.speckle as f32 * rng.random::<f32>();
    let shade = [symmetric(config.shade, rng), symmetric(config.shade, rng)];
    let blur = config.blur as f32 * rng.random::<f32>();
    if config.gain > 0.0 || config.gamma > 0.0 {
        image.mapv_inplace(|v| (gain * v.powf(gamma)).clamp(0.0, 1.0));
    }
    if config.shade > 0.0 {
        shade_linearly(&mut image, shade);
    }
    if blur > 0.0 {
        image = blurred(&image, blur);
    }
    if speckle > 0.0 {
        for value in &mut image {
            let noise: f32 = StandardNormal.sample(rng);
            *value = (*value * (1.0 + speckle * noise)).clamp(0.0, 1.0);
        }
    }
    (image, target)
}

/// Multiplies by a plane that is 1 in the middle and `1 ± slope` at the edges of each axis.
fn shade_linearly(image: &mut Array2<f32>, slopes: [f32; 2]) {
    let (height, width) = image.dim();
    let offset = |at: usize, size: usize| 2.0 * (at as f32 + 0.5) / size as f32 - 1.0;
    for ((row, column), value) in image.indexed_iter_mut() {
        let factor = 1.0 + slopes[0] * offset(row, height) + slopes[1] * offset(column, width);
        *value = (*value * factor).clamp(0.0, 1.0);
    }
}

/// Gaussian blur of standard deviation `sigma` pixels; the border is repeated.
fn blurred(image: &Array2<f32>, sigma: f32) -> Array2<f32> {
    let reach = (2.5 * sigma).ceil().max(1.0) as isize;
    let kernel: Vec<f32> = (-reach..=reach)
        .map(|offset| (-0.5 * (offset as f32 / sigma).powi(2)).exp())
        .collect();
    let total: f32 = kernel.iter().sum();
    let along = |image: &Array2<f32>, axis: usize| {
        let last = image.shape()[axis] as isize - 1;
        Array2::from_shape_fn(image.dim(), |(row, column)| {
            let sum: f32 = kernel
                .iter()
                .zip(-reach..=reach)
                .map(|(weight, offset)| {
                    let mut at = [row, column];
                    at[axis] = (at[axis] as isize + offset).clamp(0, last) as usize;
                    weight * image[at]
                })
                .sum();
            sum / total
        })
    };
    along(&along(image, 0), 1)
}

/// Values of a sample in `[0, 1]`, unchanged.
pub(crate) fn unit(pixels: &Array2<u8>) -> Array2<f32> {
    pixels.mapv(|v| f32::from(v) / 255.0)
}

/// From output pixel to input pixel: an affine map about the centre.
struct Warp {
    matrix: [[f32; 2]; 2],
    centre: [f32; 2],
    shift: [f32; 2],
    /// Added to the input pixel.
    offset: [f32; 2],
}

impl Warp {
    /// `None` if the configuration moves nothing.
    fn draw(config: &AugmentConfig, target: &Array2<u8>, rng: &mut impl Rng) -> Option<Self> {
        let (height, width) = target.dim();
        // every number is drawn whatever is switched on, so that one switch changes one thing
        let mirror = if rng.random::<f64>() < config.flip {
            -1.0
        } else {
            1.0
        };
        let zoom = 1.0 + symmetric(config.zoom, rng);
        let angle = symmetric(config.rotation, rng).to_radians();
        let shift = [
            symmetric(config.shift, rng) * height as f32,
            symmetric(config.shift, rng) * width as f32,
        ];
        let window = if rng.random::<f64>() < config.window {
            Window::draw(target, rng)
        } else {
            Window::WHOLE
        };
        let moves = [
            config.flip,
            config.zoom,
            config.rotation,
            config.shift,
            config.window,
        ];
        if moves.iter().all(|&v| v == 0.0) {
            return None;
        }
        let zoom = zoom / window.side;
        let (sin, cos) = (angle.sin() / zoom, angle.cos() / zoom);
        Some(Self {
            matrix: [[cos, sin * mirror], [-sin, cos * mirror]],
            centre: [(height as f32 - 1.0) / 2.0, (width as f32 - 1.0) / 2.0],
            shift,
            offset: window.offset,
        })
    }

    /// Samples bilinearly; outside lies the border (`repeat`) or nothing.
    fn apply(&self, pixels: &Array2<u8>, repeat: bool) -> Array2<f32> {
        let (height, width) = pixels.dim();
        let [[a, b], [c, d]] = self.matrix;
        let read = |row: isize, column: isize| -> f32 {
            let inside =
                (0..height as isize).contains(&row) && (0..width as isize).contains(&column);
            if !inside && !repeat {
                return 0.0;
            }
            let row = row.clamp(0, height as isize - 1) as usize;
            let column = column.clamp(0, width as isize - 1) as usize;
            f32::from(pixels[[row, column]])
        };
        Array2::from_shape_fn((height, width), |(row, column)| {
            let y = row as f32 - self.centre[0] - self.shift[0];
            let x = column as f32 - self.centre[1] - self.shift[1];
            let (sy, sx) = (
                a * y + b * x + self.centre[0] + self.offset[0],
                c * y + d * x + self.centre[1] + self.offset[1],
            );
            let (fy, fx) = (sy.floor(), sx.floor());
            let (ty, tx) = (sy - fy, sx - fx);
            let (top, left) = (fy as isize, fx as isize);
            let upper = read(top, left) * (1.0 - tx) + read(top, left + 1) * tx;
            let lower = read(top + 1, left) * (1.0 - tx) + read(top + 1, left + 1) * tx;
            (upper * (1.0 - ty) + lower * ty) / 255.0
        })
    }
}

/// Uniform in `± reach`.
fn symmetric(reach: f64, rng: &mut impl Rng) -> f32 {
    ((rng.random::<f64>() * 2.0 - 1.0) * reach) as f32
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn sample() -> Sample {
        let inside = |r: usize, c: usize| (8..16).contains(&r) && (6..20).contains(&c);
        Sample {
            case_id: "1_1".parse().unwrap(),
            image: Array2::from_shape_fn((31, 45), |(r, c)| (r * 4 + c) as u8),
            target: Array2::from_shape_fn((31, 45), |(r, c)| if inside(r, c) { 255 } else { 0 }),
            present: true,
        }
    }

    fn rng(seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    #[test]
    fn nothing_switched_on_changes_nothing() {
        let (image, target) = augment(&sample(), &AugmentConfig::none(), &mut rng(1));

        assert_eq!(
            (image, target),
            (unit(&sample().image), unit(&sample().target))
        );
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "whole pixels land on whole pixels")]
    fn a_certain_flip_mirrors_columns_of_image_and_target_alike() {
        let config = AugmentConfig {
            flip: 1.0,
            ..AugmentConfig::none()
        };

        let (image, target) = augment(&sample(), &config, &mut rng(1));

        for ((row, column), value) in image.indexed_iter() {
            let expected = f32::from(sample().image[[row, 44 - column]]) / 255.0;
            assert!((value - expected).abs() < 1e-5);
        }
        assert_eq!(target[[10, 44 - 7]], 1.0);
    }

    #[test]
    fn each_switch_changes_the_image_and_only_geometry_moves_the_target() {
        let none = AugmentConfig::none;
        let geometry = [
            AugmentConfig {
                zoom: 0.2,
                ..none()
            },
            AugmentConfig {
                shift: 0.2,
                ..none()
            },
            AugmentConfig {
                rotation: 20.0,
                ..none()
            },
        ];
        let intensity = [
            AugmentConfig {
                gain: 0.3,
                ..none()
            },
            AugmentConfig {
                gamma: 0.3,
                ..none()
            },
            AugmentConfig {
                speckle: 0.3,
                ..none()
            },
            AugmentConfig {
                shade: 0.3,
                ..none()
            },
            AugmentConfig {
                blur: 2.0,
                ..none()
            },
        ];
        let geometry = geometry.map(|config| (config, true));
        let intensity = intensity.map(|config| (config, false));
        for (config, moves) in geometry.into_iter().chain(intensity) {
            let (image, target) = augment(&sample(), &config, &mut rng(3));
            assert_ne!(image, unit(&sample().image), "{config:?}");
            assert_eq!(target != unit(&sample().target), moves, "{config:?}");
            assert!(image.iter().chain(&target).all(|v| (0.0..=1.0).contains(v)));
        }
    }

    #[test]
    fn a_window_fills_the_image_and_moves_the_target_with_it() {
        let config = AugmentConfig {
            window: 1.0,
            ..AugmentConfig::none()
        };
        let whole = sample();
        let drawn = (0..20).map(|seed| augment(&whole, &config, &mut rng(seed)));

        let windows: Vec<_> = drawn
            .filter(|(image, _)| *image != unit(&whole.image))
            .collect();

        assert!(windows.len() >= 5, "{} of 20 are windows", windows.len());
        for (image, target) in windows {
            assert_ne!(target, unit(&whole.target));
            assert!(image.iter().chain(&target).all(|v| (0.0..=1.0).contains(v)));
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "whole pixels land on whole pixels")]
    fn rotation_moves_the_centroid_about_the_centre() {
        // a quarter turn of a square image, drawn exactly: reach 90 with a draw forced to +1
        let warp = Warp {
            matrix: [[0.0, 1.0], [-1.0, 0.0]],
            centre: [10.0, 10.0],
            shift: [0.0; 2],
            offset: [0.0; 2],
        };
        let mut pixels = Array2::<u8>::zeros((21, 21));
        pixels[[2, 10]] = 255;

        let turned = warp.apply(&pixels, false);

        assert_eq!(turned[[10, 2]], 1.0);
    }

    #[test]
    fn blur_keeps_a_flat_image_flat_and_spreads_a_point_evenly() {
        let flat = Array2::from_elem((9, 12), 0.4_f32);
        let mut point = Array2::zeros((21, 21));
        point[[10, 10]] = 1.0_f32;

        assert!(blurred(&flat, 1.3).iter().all(|v| (v - 0.4).abs() < 1e-6));
        let spread = blurred(&point, 1.3);
        assert!((spread.sum() - 1.0).abs() < 1e-5);
        assert!((spread[[10, 12]] - spread[[12, 10]]).abs() < 1e-7);
    }

    #[test]
    fn one_seed_draws_the_same_variation_twice() {
        let draw = |seed| augment(&sample(), &AugmentConfig::default(), &mut rng(seed));

        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5).0, draw(6).0);
    }
}
