//! The plane under the probe, before it becomes sound.

use super::space::REFERENCE_SIZE;

/// What the tissue at one pixel does to sound.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Texel {
    /// Layer coordinate: depth in the tissue, constant along a fibre.
    pub(super) layer: f32,
    /// Slow variation of the tissue, about in `[-1, 1]`.
    pub(super) patch: f32,
    /// Strength of the scatterers, in dB.
    pub(super) diffuse: f32,
    /// Amplitude of a smooth surface that reflects like a mirror, without speckle.
    pub(super) mirror: f32,
    /// Extra attenuation, in dB per pixel of depth; negative enhances what lies below.
    pub(super) loss: f32,
}

/// A grid of texels that is addressed in reference coordinates.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Pixels per reference pixel, `[x, y]`.
    pub(super) scale: [f32; 2],
    pub(super) texels: Vec<Texel>,
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let scale = [
            width as f32 / REFERENCE_SIZE[0],
            height as f32 / REFERENCE_SIZE[1],
        ];
        let (width, height) = (width as usize, height as usize);
        Self {
            width,
            height,
            scale,
            texels: vec![Texel::default(); width * height],
        }
    }

    /// Position of the centre of a pixel, in reference coordinates.
    pub(super) fn position(&self, column: usize, row: usize) -> [f32; 2] {
        [
            (column as f32 + 0.5) / self.scale[0],
            (row as f32 + 0.5) / self.scale[1],
        ]
    }

    /// Visits the texels of a rectangle `[x, y]` to `[x, y]`, cut to the frame.
    pub(super) fn paint(
        &mut self,
        from: [f32; 2],
        to: [f32; 2],
        mut brush: impl FnMut(f32, f32, &mut Texel),
    ) {
        let limit = |position: f32, axis: usize, end: usize| {
            ((position * self.scale[axis]).max(0.0) as usize).min(end)
        };
        let columns = limit(from[0], 0, self.width)..limit(to[0] + 1.0, 0, self.width);
        let rows = limit(from[1], 1, self.height)..limit(to[1] + 1.0, 1, self.height);
        for row in rows {
            for column in columns.clone() {
                let [x, y] = self.position(column, row);
                brush(x, y, &mut self.texels[row * self.width + column]);
            }
        }
    }

    /// Visits all texels.
    pub(super) fn fill(&mut self, brush: impl FnMut(f32, f32, &mut Texel)) {
        self.paint([0.0; 2], REFERENCE_SIZE, brush);
    }
}
