//! The parts of a network with the channels that each reads and writes.

use std::convert::Infallible;

use nerveseg_kernels::walk::{Block, BlockInput, Input, Interpreter, Up, Wiring, walk};

use crate::UNetConfig;

/// Who looks at every part of a network.
pub(crate) trait Visitor {
    /// Two convolutions 3×3: from the first number of channels to the second, which it keeps.
    fn block(&mut self, block: Block, channels: [usize; 2]);

    /// The head of presence, from so many channels to one value.
    fn presence(&mut self, channels: usize);

    /// The way up to a level.
    fn up(&mut self, up: Up, channels: [usize; 2]);

    /// The last layer, from so many channels to one.
    fn head(&mut self, channels: usize);
}

impl UNetConfig {
    /// Shows every part of the network, in the order in which an image goes through them.
    pub(crate) fn visit(&self, visitor: &mut impl Visitor) {
        if self.features.is_empty() {
            return;
        }
        let wiring = Wiring {
            depth: self.depth(),
            presence: self.presence_head,
        };
        let mut channels = Channels {
            config: self,
            visitor,
        };
        let Ok(_) = walk(wiring, &mut channels, ());
    }
}

/// Maps are their number of channels.
struct Channels<'a, V> {
    config: &'a UNetConfig,
    visitor: &'a mut V,
}

impl<V: Visitor> Interpreter for Channels<'_, V> {
    type Image = ();
    type Maps = usize;
    type Logits = ();
    type Presence = ();
    type Error = Infallible;

    fn down(
        &mut self,
        block: Block,
        input: BlockInput<Self>,
    ) -> Result<(usize, usize), Infallible> {
        let channels = self.block(block, input)?;
        Ok((channels, channels))
    }

    fn block(&mut self, block: Block, input: BlockInput<Self>) -> Result<usize, Infallible> {
        let inputs = match input {
            Input::Image(()) => self.config.in_channels,
            Input::Maps(channels) => channels,
        };
        let outputs = self.config.features[block.level()];
        self.visitor.block(block, [inputs, outputs]);
        Ok(outputs)
    }

    fn presence(&mut self, channels: &usize) -> Result<(), Infallible> {
        self.visitor.presence(*channels);
        Ok(())
    }

    fn up(&mut self, up: Up, channels: usize) -> Result<usize, Infallible> {
        let outputs = self.config.features[up.level];
        self.visitor.up(up, [channels, outputs]);
        Ok(outputs)
    }

    fn join(&mut self, _: Up, skip: usize, channels: usize) -> Result<usize, Infallible> {
        Ok(skip + channels)
    }

    fn head(&mut self, channels: usize) -> Result<(), Infallible> {
        self.visitor.head(channels);
        Ok(())
    }
}
