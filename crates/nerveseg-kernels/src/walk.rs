//! The wiring of the U-Net (Ronneberger et al., 2015, arXiv:1505.04597), once.
//!
//! [`walk`] goes through the network from the image to the logits and calls an [`Interpreter`] at
//! every step. What a step means is the interpreter's: a layer that runs, a step of a plan, a
//! number of products, a list of tensors, a node of a file. This is a network of depth 2:
//!
//! ```text
//! image                                                      logits
//!   │                                                           ▲
//!   ▼                                                           │
//! encoder.0 ─────────────── skip ──────────────► join           head
//!   │                                            ▲ │            ▲
//!   pool                                      up.1 └► decoder.1 ┘       level 0
//!   │                                            ▲
//! ┄┄┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
//!   ▼                                            │
//! encoder.1 ───── skip ─────► join               │
//!   │                         ▲ └► decoder.0 ────┘                      level 1
//!   pool                   up.0
//!   │                         ▲
//! ┄┄┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄
//!   ▼                         │
//! bottleneck ─────────────────┤                                         level 2
//!                             └► presence
//! ```
//!
//! Each level has half the height and width of the one above it. A block is two times 3×3
//! convolution, normalisation and ReLU. Dropout follows each pooling and each join. The names are
//! those of the tensors in an artifact: `encoder.0.conv1.weight`, `up.1`, `head`.

use std::fmt;

/// What differs in the wiring from one network to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// How often the network halves the image.
    pub depth: usize,
    /// Whether a head at the bottleneck says if there is something to find at all.
    pub presence: bool,
}

/// Name of the last layer, 1×1 to the logits.
pub const HEAD: &str = "head";

/// Name of the layer from the means of the bottleneck's maps to the logit of presence.
pub const PRESENCE: &str = "presence";

/// Two convolutions. Shown as its name: `encoder.0`, `bottleneck`, `decoder.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// On the way down; at level 0 it sees the image.
    Encoder {
        /// Its level, from 0.
        level: usize,
    },
    /// The deepest one.
    Bottleneck {
        /// Its level: the depth of the network.
        level: usize,
    },
    /// On the way up.
    Decoder {
        /// From 0, the deepest.
        index: usize,
        /// Its level.
        level: usize,
    },
}

impl Block {
    /// How often the image was halved before it.
    pub fn level(self) -> usize {
        match self {
            Self::Encoder { level } | Self::Bottleneck { level } | Self::Decoder { level, .. } => {
                level
            }
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoder { level } => write!(f, "encoder.{level}"),
            Self::Bottleneck { .. } => f.write_str("bottleneck"),
            Self::Decoder { index, .. } => write!(f, "decoder.{index}"),
        }
    }
}

/// The way up to a level. Shown as its name: `up.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Up {
    /// From 0, the deepest.
    pub index: usize,
    /// The level that it comes to.
    pub level: usize,
}

impl fmt::Display for Up {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "up.{}", self.index)
    }
}

/// What a block is given.
#[derive(Clone, Copy, Debug)]
pub enum Input<I, M> {
    /// The image: the first block of all.
    Image(I),
    /// Maps: every other block.
    Maps(M),
}

/// What a block of an [`Interpreter`] is given.
pub type BlockInput<T> = Input<<T as Interpreter>::Image, <T as Interpreter>::Maps>;

/// What every step of a [`walk`] means.
pub trait Interpreter {
    /// The image.
    type Image;
    /// What goes from step to step: feature maps, or whatever stands for them.
    type Maps;
    /// What the head makes.
    type Logits;
    /// What the head of presence makes.
    type Presence;
    /// Why a step failed; [`Infallible`](std::convert::Infallible) where none can.
    type Error;

    /// A block of the encoder, then max pooling 2×2: what the decoder is given, and what goes
    /// down. They are one step, so that they can be done in one go.
    ///
    /// # Errors
    ///
    /// The interpreter's own; so with all steps.
    fn down(
        &mut self,
        block: Block,
        input: BlockInput<Self>,
    ) -> Result<(Self::Maps, Self::Maps), Self::Error>;

    /// Two convolutions, each with normalisation and ReLU: the bottleneck, a block of the decoder.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    fn block(&mut self, block: Block, input: BlockInput<Self>) -> Result<Self::Maps, Self::Error>;

    /// Dropout, which only training needs.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    fn dropout(&mut self, maps: Self::Maps) -> Result<Self::Maps, Self::Error> {
        Ok(maps)
    }

    /// The head of presence, on the means of the bottleneck's maps.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    fn presence(&mut self, maps: &Self::Maps) -> Result<Self::Presence, Self::Error>;

    /// Twice the height and width, and the channels of the level that it comes to.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    fn up(&mut self, up: Up, maps: Self::Maps) -> Result<Self::Maps, Self::Error>;

    /// The concatenation of what the encoder has kept with the maps that came `up`.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    fn join(
        &mut self,
        up: Up,
        skip: Self::Maps,
        maps: Self::Maps,
    ) -> Result<Self::Maps, Self::Error>;

    /// The last layer.
    ///
    /// # Errors
    ///
    /// As [`down`](Self::down).
    fn head(&mut self, maps: Self::Maps) -> Result<Self::Logits, Self::Error>;
}

/// What a [`walk`] ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outputs<L, P> {
    /// What the head made.
    pub logits: L,
    /// What the head of presence made, if the network has one.
    pub presence: Option<P>,
}

/// Goes through the network from the image to the heads.
///
/// # Errors
///
/// The first one of the interpreter.
pub fn walk<I: Interpreter>(
    wiring: Wiring,
    interpreter: &mut I,
    image: I::Image,
) -> Result<Outputs<I::Logits, I::Presence>, I::Error> {
    let Wiring { depth, presence } = wiring;
    let mut x = Input::Image(image);
    let mut skips = Vec::with_capacity(depth);
    for level in 0..depth {
        let (skip, pooled) = interpreter.down(Block::Encoder { level }, x)?;
        skips.push(skip);
        x = Input::Maps(interpreter.dropout(pooled)?);
    }
    let mut x = interpreter.block(Block::Bottleneck { level: depth }, x)?;
    let presence = match presence {
        true => Some(interpreter.presence(&x)?),
        false => None,
    };
    for (index, skip) in skips.into_iter().rev().enumerate() {
        let level = depth - 1 - index;
        let up = Up { index, level };
        let raised = interpreter.up(up, x)?;
        let joined = interpreter.join(up, skip, raised)?;
        let dropped = Input::Maps(interpreter.dropout(joined)?);
        x = interpreter.block(Block::Decoder { index, level }, dropped)?;
    }
    Ok(Outputs {
        logits: interpreter.head(x)?,
        presence,
    })
}
