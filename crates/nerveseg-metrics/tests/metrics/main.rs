//! Scores against references, rules that hold for all masks, and what is reported.

#[cfg(test)]
mod comparison;
#[cfg(test)]
mod evaluation;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;
