//! Command line of nerveseg.
fn main() {}
