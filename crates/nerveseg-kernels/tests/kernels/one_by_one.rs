//! The U-Net by one kernel after the other.

use nerveseg_kernels::walk::{Block, BlockInput, Input, Interpreter, Up};
use nerveseg_kernels::{
    Algorithm, Convolution, Engine, Finish, Head, ImageConvolution, KernelError, LayerWeights,
    PointwiseConvolution, Size, TransposedConvolution, UNetWeights, UpWeights,
};

use crate::util::Blocked;

/// Calls a kernel at every step, for one image.
pub(crate) struct OneByOne<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) unet: &'a UNetWeights,
    /// Of the image, whose batch is 1.
    pub(crate) size: Size,
    pub(crate) algorithm: Algorithm,
}

/// Sets of maps that count as one, with the channels of each.
pub(crate) type Parts = Vec<(Blocked, usize)>;

impl OneByOne<'_> {
    fn at(&self, level: usize) -> Size {
        Size {
            height: self.size.height >> level,
            width: self.size.width >> level,
            ..self.size
        }
    }

    fn convolve(
        &self,
        layer: &LayerWeights,
        input: &Parts,
        size: Size,
    ) -> Result<Parts, KernelError> {
        let channels: Vec<usize> = input.iter().map(|(_, channels)| *channels).collect();
        let packed = Convolution::new(
            self.engine,
            (&channels, layer.outputs),
            &layer.weights,
            Some(&layer.bias),
            size,
            self.algorithm,
        )?;
        let input: Vec<_> = input.iter().map(|(maps, _)| maps.maps()).collect();
        let mut output = Blocked::fresh(self.engine, layer.outputs, size);
        let finish = Finish {
            relu: true,
            pooled: None,
        };
        self.engine
            .convolve(&packed, &input, &mut [output.maps_mut()], finish)?;
        Ok(vec![(output, layer.outputs)])
    }
}

impl Interpreter for OneByOne<'_> {
    type Image = Vec<f32>;
    type Maps = Parts;
    type Logits = Vec<f32>;
    type Presence = f64;
    type Error = KernelError;

    fn down(
        &mut self,
        block: Block,
        input: BlockInput<Self>,
    ) -> Result<(Parts, Parts), KernelError> {
        let skip = self.block(block, input)?;
        let (size, (maps, channels)) = (self.at(block.level()), &skip[0]);
        let mut pooled = Blocked::fresh(self.engine, *channels, size.halved());
        self.engine.pool(maps.maps(), pooled.maps_mut(), size)?;
        let pooled = vec![(pooled, *channels)];
        Ok((skip, pooled))
    }

    fn block(&mut self, block: Block, input: BlockInput<Self>) -> Result<Parts, KernelError> {
        let [first, second] = match block {
            Block::Encoder { level } => &self.unet.encoder[level],
            Block::Bottleneck { .. } => &self.unet.bottleneck,
            Block::Decoder { index, .. } => &self.unet.decoder[index],
        };
        let size = self.at(block.level());
        let middle = match input {
            Input::Image(image) => {
                let channels = [first.inputs, first.outputs];
                let (weights, bias) = (&first.weights, Some(&first.bias[..]));
                let packed = ImageConvolution::new(self.engine, channels, weights, bias)?;
                let mut output = Blocked::fresh(self.engine, first.outputs, size);
                self.engine
                    .convolve_image(&packed, &image, output.maps_mut(), size)?;
                for value in &mut output.data {
                    *value = value.max(0.0);
                }
                vec![(output, first.outputs)]
            }
            Input::Maps(maps) => self.convolve(first, &maps, size)?,
        };
        self.convolve(second, &middle, size)
    }

    /// In `f64`: the plan's own sum is within rounding of it.
    fn presence(&mut self, maps: &Parts) -> Result<f64, KernelError> {
        let layer = self.unet.presence.as_ref().expect("the network has it");
        let plain = maps[0].0.plain(self.engine);
        let pixels = plain.len() / layer.inputs;
        let means = plain
            .chunks(pixels)
            .map(|plane| plane.iter().map(|&v| f64::from(v)).sum::<f64>() / pixels as f64);
        let products = means.zip(&layer.weights).map(|(m, &w)| m * f64::from(w));
        let logit = products.sum::<f64>() + f64::from(layer.bias[0]);
        Ok(1.0 / (1.0 + (-logit).exp()))
    }

    fn up(&mut self, up: Up, maps: Parts) -> Result<Parts, KernelError> {
        let (engine, small, large) = (self.engine, self.at(up.level + 1), self.at(up.level));
        let input = maps[0].0.maps();
        let (UpWeights::Bilinear(layer) | UpWeights::Transposed(_, layer)) =
            &self.unet.up[up.index];
        let channels = [layer.inputs, layer.outputs];
        let (weights, bias) = (&layer.weights, Some(&layer.bias[..]));
        let mut output = Blocked::fresh(engine, layer.outputs, large);
        match &self.unet.up[up.index] {
            UpWeights::Bilinear(_) => {
                let packed = PointwiseConvolution::new(engine, channels, weights, bias)?;
                let mut middle = Blocked::fresh(engine, layer.outputs, small);
                engine.convolve_pointwise(&packed, input, middle.maps_mut(), small)?;
                engine.upsample(middle.maps(), output.maps_mut(), small)?;
            }
            UpWeights::Transposed(kernel, _) => {
                let packed = TransposedConvolution::new(engine, *kernel, channels, weights, bias)?;
                engine.convolve_transposed(&packed, input, output.maps_mut(), small)?;
            }
        }
        Ok(vec![(output, layer.outputs)])
    }

    fn join(&mut self, _: Up, mut skip: Parts, maps: Parts) -> Result<Parts, KernelError> {
        skip.extend(maps);
        Ok(skip)
    }

    fn head(&mut self, maps: Parts) -> Result<Vec<f32>, KernelError> {
        let LayerWeights {
            inputs,
            weights,
            bias,
            ..
        } = &self.unet.head;
        let head = Head::new(self.engine, *inputs, weights, bias)?;
        let mut logits = vec![f32::NAN; self.size.pixels()];
        self.engine
            .head(&head, maps[0].0.maps(), &mut logits, self.size)?;
        Ok(logits)
    }
}
