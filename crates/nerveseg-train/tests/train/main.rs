//! Training steps, runs and their files, end to end on phantoms.

#[cfg(test)]
mod compare;
#[cfg(test)]
mod evaluation;
#[cfg(test)]
mod init;
#[cfg(test)]
mod kernels;
#[cfg(test)]
mod overfit;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod run;
#[cfg(test)]
mod step;
#[cfg(test)]
mod util;
