//! Imports and exports of whole folders.

#[cfg(test)]
mod frames;
#[cfg(test)]
mod layouts;
#[cfg(test)]
mod util;
